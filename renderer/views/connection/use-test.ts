import { useEffect, useRef, useState } from 'react';
import { toErrorData, type ConnectionTest, type PostgresRef } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';

export type TestState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'testing' }
  | { readonly phase: 'done'; readonly test: ConnectionTest };

export interface TestControl {
  readonly state: TestState;
  /** With what is typed; null = the password that is kept. */
  readonly run: (ref: PostgresRef, password: string | null) => Promise<void>;
  /** Also forgets what was found: it was of other fields. */
  readonly stop: () => void;
}

const IDLE: TestState = { phase: 'idle' };
const FAILED = { findings: [], serverVersion: null, host: null, connectMs: null, eventTables: [] } as const;

/** One test of a connection at a time; leaving the form ends it. */
export function useTest(): TestControl {
  const [state, setState] = useState(IDLE);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const stop = (): void => {
    running.current?.abort();
    running.current = null;
    setState(IDLE);
  };
  const run = async (ref: PostgresRef, password: string | null): Promise<void> => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setState({ phase: 'testing' });
    const test = await engine
      .testConnection(ref, password, { signal: mine.signal })
      .catch((thrown: unknown): ConnectionTest => ({ ...FAILED, error: toErrorData(thrown) }));
    if (running.current === mine) setState({ phase: 'done', test });
  };
  return { state, run, stop };
}
