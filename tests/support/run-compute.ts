import {
  parseAnalysis,
  parseSelection,
  type AnalysisDocument,
  type AnalysisType,
  type Detail,
} from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext } from '../../worker/compute/compute-module.ts';
import { getComputeModule } from '../../worker/compute/registry.ts';
import { resolveContext } from '../../worker/compute/resolve-context.ts';
import { NO_DERIVED } from '../../worker/segment/derived-column.ts';
import { getTime, splitActors, type ActorRange, type Segment } from '../../worker/segment/segment.ts';
import { getString } from '../../worker/segment/string-table.ts';

export type DocumentOf<T extends AnalysisType> = Extract<AnalysisDocument, { type: T }>;

/** What the host does, without threads: an analysis over a segment cut into `parts` ranges of actors. */
export function runCompute<T extends AnalysisType>(
  segment: Segment,
  document: DocumentOf<T>,
  parts = 1,
  detail: Detail = 'full',
): AnswerBody<T> {
  const query = parseAnalysis(document);
  const module = getComputeModule(query.type);
  const context = (range?: ActorRange): ComputeContext => ({ ...contextFor(segment, document, range), detail });
  const partials = splitActors(segment, parts).map((range) => structuredClone(module.compute(context(range), query)));
  return module.merge(partials, query, context()) as AnswerBody<T>;
}

/** Ids of the actors behind one number, sorted. */
export function selectActors<T extends AnalysisType>(
  segment: Segment,
  document: DocumentOf<T>,
  selection: unknown,
  answer: AnswerBody<T>,
  parts = 1,
): string[] {
  const query = parseAnalysis(document);
  const module = getComputeModule(query.type);
  const parsed = parseSelection(query.type, selection);
  return splitActors(segment, parts)
    .flatMap((range) => Array.from(module.select(contextFor(segment, document, range), query, parsed, answer)))
    .map((actor) => getString(segment.actorIds, actor))
    .toSorted();
}

/** All actors when `range` is left out. */
export function contextFor(
  segment: Segment,
  document: AnalysisDocument,
  range: ActorRange = { from: 0, to: segment.actorCount },
): ComputeContext {
  let lastEventMs = Number.NEGATIVE_INFINITY;
  for (let event = 0; event < segment.eventCount; event++) lastEventMs = Math.max(lastEventMs, getTime(segment, event));
  return {
    segment,
    range,
    ...resolveContext(parseAnalysis(document)),
    lastEventMs,
    detail: 'full',
    derived: NO_DERIVED,
    checkpoint: () => undefined,
  };
}
