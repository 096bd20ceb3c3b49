import type { StepMatrixQuery } from '../../protocol/index.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewU32 } from '../segment/column-memory.ts';
import type { ComputeContext } from './compute-module.ts';
import { pathsKernel } from './flow-kernel.ts';
import { openPass } from './kernel-pass.ts';
import { compileNodeBytes } from './path-nodes.ts';

/** Actors by [node][position]; the last node is the end. */
export interface StepMatrixPartial {
  readonly counts: Float64Array;
  readonly actorCount: number;
}

/** The partial by kernel; null = the twin must do it. */
export function tallyMatrix(context: ComputeContext, query: StepMatrixQuery): StepMatrixPartial | null {
  const { memory } = context.segment;
  const nodes = memory === null ? null : compileNodeBytes(context, memory, query);
  if (memory === null || nodes === null) return null;
  const steps = query.maxSteps;
  const cells = nodes.names.length * steps;
  const pass = openPass(context, memory, context, nodes.bytes, () => roomFor(4 * cells));
  const out = pass.take(4 * cells);
  const { matrix } = pathsKernel.on(memory);
  let actorCount = 0;
  pass.forEachSlice(({ starts, ends, first, last, bytes }) => {
    actorCount += matrix(starts, ends, first, last, bytes, pass.table, steps, query.collapseRepeats ? 1 : 0, out);
  });
  const counts = new Float64Array(cells + steps);
  counts.set(viewU32(memory, out, cells));
  // Who is at no node of a position has ended before.
  counts.fill(actorCount, cells);
  for (let cell = 0; cell < cells; cell++) {
    const end = cells + (cell % steps);
    counts[end] = (counts[end] ?? 0) - (counts[cell] ?? 0);
  }
  return { counts, actorCount };
}
