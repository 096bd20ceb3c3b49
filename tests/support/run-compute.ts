import {
  parseAnalysis,
  parseSelection,
  type AnalysisDocument,
  type AnalysisOf,
  type AnalysisType,
} from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from '../../worker/compute/compute-module.ts';
import { getComputeModule } from '../../worker/compute/registry.ts';
import { resolveContext } from '../../worker/compute/resolve-context.ts';
import { getTime, splitActors, type ActorRange, type Segment } from '../../worker/segment/segment.ts';
import { getString } from '../../worker/segment/string-table.ts';

/** What the host does, without threads: an analysis over a segment cut into `parts` ranges of actors. */
export function runCompute<T extends AnalysisType>(
  segment: Segment,
  document: AnalysisDocument & { type: T },
  parts = 1,
): AnswerBody<T> {
  const { module, query, contextOf } = prepare(segment, document);
  const partials = splitActors(segment, parts).map((range) => structuredClone(module.compute(contextOf(range), query)));
  return module.merge(partials, query, contextOf(whole(segment)));
}

/** Ids of the actors behind one number, sorted. */
export function selectActors<T extends AnalysisType>(
  segment: Segment,
  document: AnalysisDocument & { type: T },
  selection: unknown,
  answer: AnswerBody<T>,
  parts = 1,
): string[] {
  const { module, query, contextOf } = prepare(segment, document);
  const parsed = parseSelection<T>(document.type, selection);
  return splitActors(segment, parts)
    .flatMap((range) => Array.from(module.select(contextOf(range), query, parsed, answer)))
    .map((actor) => getString(segment.actorIds, actor))
    .toSorted();
}

export function contextFor(
  segment: Segment,
  document: AnalysisDocument,
  range: ActorRange = whole(segment),
): ComputeContext {
  return prepare(segment, document).contextOf(range);
}

const whole = (segment: Segment): ActorRange => ({ from: 0, to: segment.actorCount });

function prepare<T extends AnalysisType>(segment: Segment, document: AnalysisDocument & { type: T }) {
  const query = parseAnalysis(document) as AnalysisOf<T>;
  const module = getComputeModule(document.type) as unknown as ComputeModule<T, unknown>;
  let lastEventMs = Number.NEGATIVE_INFINITY;
  for (let event = 0; event < segment.eventCount; event++) lastEventMs = Math.max(lastEventMs, getTime(segment, event));
  const times = resolveContext(query);
  const contextOf = (range: ActorRange): ComputeContext => ({
    segment,
    range,
    ...times,
    lastEventMs,
    checkpoint: () => undefined,
  });
  return { module, query, contextOf };
}
