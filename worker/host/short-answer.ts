import type { Analysis, AnalysisType } from '../../protocol/index.ts';

/**
 * Whether a question is answered sooner by the host's own thread than by threads that first have to start. Nanoseconds
 * an event, one thread, code not yet optimized: kernels count these, everything else is held to be slow.
 */
const KERNEL_NS: Readonly<Partial<Record<AnalysisType, number>>> = {
  funnel: 5,
  transitions: 5,
  rollup: 6,
  retention: 8,
  lifecycle: 8,
  stickiness: 8,
};
const OTHER_NS = 150;
/** The host answers nobody else meanwhile. */
const MOST_MS = 60;

/** A funnel by the first occurrences of its steps, those actors included that they leave to their events. */
const INDEX_NS = 1;
/** Of a share of the actors: the host goes on answering others soon. */
const MOST_SHARE_MS = 8;

/**
 * Whether the host takes one thread's share of the actors itself: to wake one more thread, where each processor has one
 * already, takes as long as the share. `events` are those of the share.
 */
export function isShortShare({ type }: Analysis, events: number, hasFirsts: boolean): boolean {
  const ns = hasFirsts ? INDEX_NS : (KERNEL_NS[type] ?? OTHER_NS);
  return events * ns <= MOST_SHARE_MS * 1e6;
}

export function isShortAnswer({ type }: Analysis, events: number, hasKernels: boolean): boolean {
  const ns = hasKernels ? (KERNEL_NS[type] ?? OTHER_NS) : OTHER_NS;
  return events * ns <= MOST_MS * 1e6;
}
