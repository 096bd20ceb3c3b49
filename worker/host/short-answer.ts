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

export function isShortAnswer({ type }: Analysis, events: number, hasKernels: boolean): boolean {
  const ns = hasKernels ? (KERNEL_NS[type] ?? OTHER_NS) : OTHER_NS;
  return events * ns <= MOST_MS * 1e6;
}
