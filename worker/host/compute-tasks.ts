import type { ComputeContext } from '../compute/compute-module.ts';
import { getComputeModule } from '../compute/registry.ts';
import { NO_DERIVED, type DerivedColumns } from '../segment/derived-column.ts';
import type { ActorRange, Segment } from '../segment/segment.ts';
import { throwIfStopped } from './control.ts';
import { pack, unpack, type Packed } from './packed.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { ResolvedMoments, TaskMap } from './tasks.ts';

export function makeContext(
  segment: Segment,
  range: ActorRange,
  moments: ResolvedMoments,
  checkpoint: (done: number) => void,
  derived: DerivedColumns = NO_DERIVED,
): ComputeContext {
  return { segment, range, ...moments, derived, checkpoint };
}

export function computePartial(
  { analysis, moments, range, derived }: TaskMap['compute']['payload'],
  context: TaskContext,
): Packed {
  const partial = getComputeModule(analysis.type).compute(
    makeContext(getTaskSegment(context), range, moments, getCheckpoint(context), derived),
    analysis,
  );
  throwIfStopped(context.control);
  return pack(partial);
}

export function mergePartials(
  { analysis, moments, partials }: TaskMap['merge']['payload'],
  context: TaskContext,
): TaskMap['merge']['result'] {
  const segment = getTaskSegment(context);
  const all = { from: 0, to: segment.actorCount };
  const compute = makeContext(segment, all, moments, () => throwIfStopped(context.control));
  const unpacked = partials.map((partial) => {
    throwIfStopped(context.control);
    return unpack(partial);
  });
  const body = getComputeModule(analysis.type).merge(unpacked, analysis, compute);
  return { body, packed: pack(body) };
}

export function selectActors(payload: TaskMap['select']['payload'], context: TaskContext): Uint32Array {
  const compute = makeContext(getTaskSegment(context), payload.range, payload.moments, getCheckpoint(context));
  return getComputeModule(payload.analysis.type).select(
    compute,
    payload.analysis,
    payload.selection as never,
    unpack(payload.answer) as never,
  );
}
