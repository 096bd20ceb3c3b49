import type { Analysis, AnalysisType } from '../../protocol/index.ts';
import type { ComputeContext, ComputeModule } from '../compute/compute-module.ts';
import { getComputeModule } from '../compute/registry.ts';
import type { ActorRange, Segment } from '../segment/segment.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { ResolvedMoments, TaskMap } from './tasks.ts';

/** A module whose noun is only known at run time: query, partial and answer belong together by construction. */
export type AnyModule = ComputeModule<AnalysisType, unknown>;
export function getModule(type: AnalysisType): AnyModule {
  return getComputeModule(type) as AnyModule;
}

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
  return getModule(analysis.type).compute(
    makeContext(getTaskSegment(context), range, moments, getCheckpoint(context)),
    analysis,
  );
}

export function selectActors(payload: TaskMap['select']['payload'], context: TaskContext): Uint32Array {
  const compute = makeContext(getTaskSegment(context), payload.range, payload.moments, getCheckpoint(context));
  return getModule(payload.analysis.type).select(
    compute,
    payload.analysis,
    payload.selection as never,
    payload.answer as never,
  );
}

export type QueryOf = { readonly analysis: Analysis; readonly moments: ResolvedMoments };
