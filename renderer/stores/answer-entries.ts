import { create } from 'zustand';
import type { Analysis, AnalysisResult, Detail, ErrorData, PlannedPartitions, Progress } from '../../protocol/index.ts';
import { useActivity } from './activity.ts';

/** What is asked under a key, with the workspace's frame filled in. */
export interface Question {
  /** Equal texts are the same question of the same source. */
  readonly text: string;
  /** The analysis as the view has it, without the frame, as text. */
  readonly own: string;
  readonly analysis: Analysis;
  /** `timeStamp` of the pointer or key event that moved the frame last; 0 = none has. */
  readonly move: number;
}
export interface Shown {
  readonly question: Question;
  readonly result: AnalysisResult;
  readonly detail: Detail;
}
/** What is on the screen under a key, and what is asked there. */
export interface Entry {
  readonly status: 'idle' | 'loading' | 'ready' | 'error';
  readonly shown: Shown | null;
  readonly asked: Question | null;
  readonly progress: Progress | null;
  readonly error: ErrorData | null;
  /** What is asked about before it is read: with E_NEEDS_CONFIRMATION, once it is known. */
  readonly planned: PlannedPartitions | null;
}
export const IDLE: Entry = { status: 'idle', shown: null, asked: null, progress: null, error: null, planned: null };

export const useEntries = create<{ readonly byKey: Readonly<Record<string, Entry>> }>()(() => ({ byKey: {} }));
export const entryOf = (key: string): Entry => useEntries.getState().byKey[key] ?? IDLE;
export const patch = (key: string, part: Partial<Entry>): void =>
  useEntries.setState((s) => ({ byKey: { ...s.byKey, [key]: { ...(s.byKey[key] ?? IDLE), ...part } } }));

function toReady(shown: Shown): Partial<Entry> {
  return { status: 'ready', shown, asked: shown.question, progress: null, error: null };
}
function tellActivity({ result }: Shown, cached: boolean): void {
  const { timing, plan } = result;
  const { rowsRead, partitionsRead, threads } = plan;
  useActivity.getState().setLastAnswer({ timing, rowsRead, partitionsRead, threads, cached });
}

export function show(key: string, shown: Shown, cached: boolean): void {
  patch(key, toReady(shown));
  tellActivity(shown, cached);
}

const waiting = new Map<string, Shown>();
let frame: number | null = null;
/** While a hand moves, the first answer of a frame is shown when it comes, and what comes behind it with the next frame. */
export function showInFrame(key: string, shown: Shown): void {
  waiting.set(key, shown);
  if (frame !== null) return;
  showWaiting();
  frame = requestAnimationFrame(() => {
    frame = null;
    showWaiting();
  });
}
export const dropWaiting = (key: string): boolean => waiting.delete(key);
export function showWaiting(): void {
  const all = [...waiting];
  waiting.clear();
  const last = all.at(-1);
  if (last === undefined) return;
  useEntries.setState(({ byKey }) => ({
    byKey: {
      ...byKey,
      ...Object.fromEntries(all.map(([key, shown]) => [key, { ...(byKey[key] ?? IDLE), ...toReady(shown) }])),
    },
  }));
  tellActivity(last[1], false);
}

/** What is shown there was counted from a preview. */
export const isPartial = ({ shown }: Entry): boolean => shown?.result.plan.partial !== undefined;
/** Answers of a preview that nobody looks at: the next look has to be at all rows. */
export function dropPartial(isKept: (key: string) => boolean): void {
  const kept = Object.entries(useEntries.getState().byKey).filter(([key, entry]) => isKept(key) || !isPartial(entry));
  useEntries.setState({ byKey: Object.fromEntries(kept) });
}

export function clearEntries(): void {
  waiting.clear();
  useEntries.setState({ byKey: {} });
}
