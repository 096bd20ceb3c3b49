import type { AnalysisDocument, Analysis, AnalysisType } from '../../protocol/index.ts';
import { parseAnalysis, parseSelection } from '../../protocol/index.ts';
import { resolveContext } from '../../worker/compute/resolve-context.ts';
import { getComputeModule as getRegistered } from '../../worker/compute/registry.ts';
import { funnelModule } from '../../worker/compute/funnel.ts';
const getComputeModule = (type: AnalysisType) =>
  (type === 'funnel' ? funnelModule : getRegistered(type)) as ReturnType<typeof getRegistered>;
import type { AnswerBody, ComputeContext } from '../../worker/compute/compute-module.ts';
import { getTime, type Segment } from '../../worker/segment/segment.ts';
import { getString } from '../../worker/segment/string-table.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';
import type { Json } from './compare.ts';

/** Opens event logs; the same cases run on every backend. */
export interface Backend {
  readonly name: string;
  open(log: readonly LogEvent[]): Promise<OpenLog>;
  close(): Promise<void>;
}
/** One frozen log that answers documents of the public format. */
export interface OpenLog {
  run(document: Json): Promise<Json>;
  /** Ids of the actors behind a number, ascending by code units. */
  actors(document: Json, selection: Json): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Compute modules called directly on a small segment, in two parts, as two threads would have it. */
export const computeBackend: Backend = {
  name: 'compute',
  open: (log) => Promise.resolve(openSegment(log)),
  close: () => Promise.resolve(),
};

function openSegment(log: readonly LogEvent[]): OpenLog {
  return {
    run: (document) => Promise.resolve().then(() => answer(prepare(log, document))),
    actors: (document, selection) =>
      Promise.resolve().then(() => {
        const prepared = prepare(log, document);
        const { context, query } = prepared;
        const checked = parseSelection(query.type, selection);
        const indexes = getComputeModule(query.type).select(context, query, checked, answer(prepared));
        return Array.from(indexes, (actor) => getString(context.segment.actorIds, actor)).toSorted();
      }),
    close: () => Promise.resolve(),
  };
}

interface Prepared {
  readonly query: Analysis;
  readonly context: ComputeContext;
}

function prepare(log: readonly LogEvent[], document: Json): Prepared {
  const query = parseAnalysis(document);
  const segment = segmentOf(withActors(log, query));
  const context = {
    segment,
    range: { from: 0, to: segment.actorCount },
    ...resolveContext(query),
    lastEventMs: getLastEvent(segment),
    checkpoint: () => {},
  };
  return { query, context };
}

/** `actorFrom`: a property stands for the actor; events without it have none and are left out. */
function withActors(log: readonly LogEvent[], query: AnalysisDocument): readonly LogEvent[] {
  if (query.actorFrom === undefined) return log;
  const prop = query.actorFrom.slice('props.'.length);
  return log.flatMap((event) => {
    const actor = event.props?.[prop];
    return actor === undefined || actor === null ? [] : [{ ...event, actor: String(actor) }];
  });
}

function getLastEvent(segment: Segment): number {
  let last = Number.NEGATIVE_INFINITY;
  for (let event = 0; event < segment.eventCount; event++) last = Math.max(last, getTime(segment, event));
  return last;
}

function answer({ query, context }: Prepared): AnswerBody<AnalysisType> {
  const module = getComputeModule(query.type);
  const half = context.segment.actorCount >>> 1;
  const ranges = [
    { from: 0, to: half },
    { from: half, to: context.segment.actorCount },
  ];
  const partials = ranges.map((range) => structuredClone(module.compute({ ...context, range }, query)));
  return module.merge(partials, query, context);
}
