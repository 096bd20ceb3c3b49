/** Undo and redo over immutable documents. */
export interface History<T> {
  readonly present: T;
  readonly past: readonly Step<T>[];
  readonly future: readonly Step<T>[];
  /** Label and time (ms) of the newest change, while it may still be merged with the next one. */
  readonly open: { readonly label: string; readonly at: number } | null;
}
/** What to go back (or forward) to, and the label of the change between. */
export interface Step<T> {
  readonly document: T;
  readonly label: string;
}

/** Changes of the same label closer than this are one step. */
export const MERGE_MS = 1000;
const LIMIT = 200;

export const newHistory = <T>(present: T): History<T> => ({ present, past: [], future: [], open: null });

/**
 * Records a change. Dragging a slider makes hundreds of changes with the same label: they become one step, as long as
 * less than `MERGE_MS` lies between each and the one before.
 */
export function record<T>(history: History<T>, present: T, label: string, at: number): History<T> {
  const merges =
    history.open !== null && history.open.label === label && at - history.open.at < MERGE_MS && history.past.length > 0;
  const past = merges ? history.past : [...history.past, { document: history.present, label }].slice(-LIMIT);
  return { present, past, future: [], open: { label, at } };
}

/** Changes the present without a step (view, layout). */
export const amend = <T>(history: History<T>, present: T): History<T> => ({ ...history, present });

export function undo<T>(history: History<T>): History<T> {
  const step = history.past.at(-1);
  if (step === undefined) return history;
  return {
    present: step.document,
    past: history.past.slice(0, -1),
    future: [{ document: history.present, label: step.label }, ...history.future],
    open: null,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [step, ...future] = history.future;
  if (step === undefined) return history;
  return {
    present: step.document,
    past: [...history.past, { document: history.present, label: step.label }],
    future,
    open: null,
  };
}
