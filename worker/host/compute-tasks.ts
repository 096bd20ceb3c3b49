import type { ComputeContext } from '../compute/compute-module.ts';
import { getComputeModule } from '../compute/registry.ts';
import type { ActorRange, Segment } from '../segment/segment.ts';
import { throwIfStopped } from './control.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { ResolvedMoments, TaskMap } from './tasks.ts';

export function makeContext(
  segment: Segment,
  range: ActorRange,
  moments: ResolvedMoments,
  checkpoint: (done: number) => void,
): ComputeContext {
  return { segment, range, ...moments, checkpoint };
}

export function computePartial(
  { analysis, moments, range }: TaskMap['compute']['payload'],
  context: TaskContext,
): unknown {
  return getComputeModule(analysis.type).compute(
    makeContext(getTaskSegment(context), range, moments, getCheckpoint(context)),
    analysis,
  );
}

export function mergePartials(
  { analysis, moments, partials }: TaskMap['merge']['payload'],
  context: TaskContext,
): unknown {
  const segment = getTaskSegment(context);
  const all = { from: 0, to: segment.actorCount };
  const compute = makeContext(segment, all, moments, () => throwIfStopped(context.control));
  return getComputeModule(analysis.type).merge(partials, analysis, compute);
}

export function selectActors(payload: TaskMap['select']['payload'], context: TaskContext): Uint32Array {
  const compute = makeContext(getTaskSegment(context), payload.range, payload.moments, getCheckpoint(context));
  return getComputeModule(payload.analysis.type).select(
    compute,
    payload.analysis,
    payload.selection as never,
    payload.answer as never,
  );
}
