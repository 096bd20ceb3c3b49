import { create } from 'zustand';
import type { ErrorData } from '../../../protocol/index.ts';
import type { ConnectionState } from '../../engine/connection.ts';

/** Is there an engine, and why not. */
export const useEngineState = create<{ readonly state: ConnectionState; readonly error: ErrorData | null }>()(() => ({
  state: 'connecting',
  error: null,
}));
