import type { ComputeContext, Prepared } from '../compute/compute-module.ts';
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
  prepared: Prepared | null = null,
): ComputeContext {
  const { actorSets, ...rest } = moments;
  const known = actorSets === undefined ? segment : { ...segment, actorSets };
  return { segment: known, range, ...rest, derived, prepared, checkpoint };
}

export function computePartial(
  { analysis, moments, range, derived, prepared }: TaskMap['compute']['payload'],
  context: TaskContext,
): Packed {
  const partial = getComputeModule(analysis.type).compute(
    makeContext(getTaskSegment(context), range, moments, getCheckpoint(context), derived, prepared),
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

export function preparePart(
  { analysis, moments, range }: TaskMap['prepare']['payload'],
  context: TaskContext,
): Prepared {
  const { preparation } = getComputeModule(analysis.type);
  if (preparation === undefined) throw new Error(`nothing is prepared for ${analysis.type}`);
  return preparation.prepare(makeContext(getTaskSegment(context), range, moments, getCheckpoint(context)), analysis);
}

export function selectActors(payload: TaskMap['select']['payload'], context: TaskContext): Uint32Array {
  const { range, moments, derived, prepared } = payload;
  const segment = getTaskSegment(context);
  const compute = makeContext(segment, range, moments, getCheckpoint(context), derived, prepared);
  return getComputeModule(payload.analysis.type).select(
    compute,
    payload.analysis,
    payload.selection as never,
    unpack(payload.answer) as never,
  );
}

export function surveyActors(
  { analysis, moments, range }: TaskMap['survey']['payload'],
  context: TaskContext,
): Float64Array | null {
  const segment = getTaskSegment(context);
  const compute = makeContext(segment, range, moments, getCheckpoint(context));
  return getComputeModule(analysis.type).survey?.(compute, analysis) ?? null;
}
