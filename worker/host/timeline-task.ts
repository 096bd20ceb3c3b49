import type { Timeline, TimelineEvent } from '../../protocol/index.ts';
import type { ActorExplanation, EventMark } from '../compute/compute-module.ts';
import { getTime, type Segment } from '../segment/segment.ts';
import { getString } from '../segment/string-table.ts';
import { getComputeModule } from '../compute/registry.ts';
import { makeContext } from './compute-tasks.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { TimelineInput } from './tasks.ts';

/** A page of one actor's events, marked with what the analysis made of them. */
export function getTimeline(input: TimelineInput, context: TaskContext): Timeline {
  const segment = getTaskSegment(context);
  const first = segment.offsets[input.actor] ?? 0;
  const total = (segment.offsets[input.actor + 1] ?? 0) - first;
  const explanation = explain(segment, input, context);
  const from = first + Math.min(input.offset, total);
  const to = Math.min(from + input.limit, first + total);
  const events: TimelineEvent[] = [];
  for (let e = from; e < to; e++)
    events.push(describeEvent(segment, e, explanation?.marks.get(e) ?? getDefaultMark(segment, e, input)));
  return {
    actor: getString(segment.actorIds, input.actor),
    totalEvents: total,
    events,
    offset: from - first,
    ...(explanation?.funnel === undefined ? {} : { funnel: explanation.funnel }),
    ...(explanation?.journey === undefined ? {} : { journey: explanation.journey }),
  };
}

function explain(segment: Segment, { actor, query }: TimelineInput, context: TaskContext): ActorExplanation | null {
  if (query === null) return null;
  const compute = makeContext(segment, { from: actor, to: actor + 1 }, query.moments, getCheckpoint(context));
  return getComputeModule(query.analysis.type).explain?.(compute, query.analysis, actor) ?? null;
}

/** For analyses that do not explain themselves: outside the bounds is ignored. */
function getDefaultMark(segment: Segment, event: number, { query }: TimelineInput): EventMark {
  if (query === null) return {};
  const time = getTime(segment, event);
  const unknown = (segment.recordedAt?.[event] ?? Number.NaN) > query.moments.knownAtMs;
  return { ignored: time < query.moments.fromMs || time > query.moments.toMs || unknown };
}

function describeEvent(segment: Segment, event: number, mark: EventMark): TimelineEvent {
  const recordedAt = segment.recordedAt?.[event] ?? Number.NaN;
  const props: Record<string, string | null> = {};
  for (const [name, column] of segment.properties) {
    const code = column.codes[event] ?? 0;
    if (code !== 0) props[name] = getString(column.values, code - 1);
  }
  return {
    time: getTime(segment, event),
    event: segment.eventNames[segment.types[event] ?? 0] ?? '',
    ...(Number.isNaN(recordedAt) ? {} : { recordedAt }),
    props,
    ignored: false,
    ...mark,
  };
}
