/** Undo and redo over immutable documents. */
export interface History<T> {
  readonly present: T;
  readonly past: readonly Step<T>[];
  readonly future: readonly Step<T>[];
  /** Label, time (ms) and drag of the newest change, while it may still be merged with the next one. */
  readonly open: { readonly label: string; readonly at: number; readonly gesture: number | null } | null;
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
 * less than `MERGE_MS` lies between each and the one before, or all are of one gesture (pointer down to up).
 */
export function record<T>(
  history: History<T>,
  present: T,
  label: string,
  at: number,
  gesture: number | null = null,
): History<T> {
  const { open } = history;
  const merges =
    open !== null &&
    open.label === label &&
    history.past.length > 0 &&
    (at - open.at < MERGE_MS || (gesture !== null && gesture === open.gesture));
  const past = merges ? history.past : [...history.past, { document: history.present, label }].slice(-LIMIT);
  return { present, past, future: [], open: { label, at, gesture } };
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

/** Dragged back to where it began, or given up: there is nothing to undo. */
export function withoutEmptyStep<T>(history: History<T>, isSame: (a: T, b: T) => boolean): History<T> {
  const step = history.past.at(-1);
  if (step === undefined || !isSame(step.document, history.present)) return history;
  return { ...history, past: history.past.slice(0, -1), open: null };
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
