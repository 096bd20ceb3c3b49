import { create } from 'zustand';

/** Where in the list the opened actor stands, for previous and next. */
interface CursorState {
  readonly index: number | null;
  readonly total: number;
  readonly search: string;
  set(cursor: { index: number | null; total: number; search: string }): void;
}
export const useActorCursor = create<CursorState>()((set) => ({
  index: null,
  total: 0,
  search: '',
  set: (cursor) => set(cursor),
}));
