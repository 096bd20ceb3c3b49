import type { RollupQuery } from '../../protocol/index.ts';
import type { ActorIndex, ActorRange, EventIndex, Segment, TypeColumn } from '../segment/segment.ts';
import { getString } from '../segment/string-table.ts';
import { compareText } from './compare-text.ts';
import type { ComputeContext } from './compute-module.ts';
import { findEventsEnd, findFirstEvent } from './event-stream.ts';
import type { EventPredicate } from './predicate.ts';

/** What a rollup is split by, as small numbers. Missing and empty values are one blank group (funnel rule 10). */
export interface SeriesCodes {
  readonly count: number;
  readonly codeOf: (event: EventIndex, actor: ActorIndex) => number;
  readonly nameOf: (code: number) => string;
  /** The column behind `codeOf`, for kernels: `codeOf` is its code, or 0 where that is `blank`. null = always 0. */
  readonly column: TypeColumn | 'actors' | null;
  /** 0 = none. */
  readonly blank: number;
}

export function getSeriesCodes(segment: Segment, query: Pick<RollupQuery, 'by' | 'event'>): SeriesCodes {
  if (query.by === null) {
    const name = query.event?.name ?? query.event?.event ?? 'All events';
    return { count: 1, codeOf: () => 0, nameOf: () => name, column: null, blank: 0 };
  }
  if (query.by === '$event') {
    const { types, eventNames } = segment;
    return {
      count: eventNames.length,
      codeOf: (event) => types[event] ?? 0,
      nameOf: (code) => eventNames[code] ?? '',
      column: types,
      blank: 0,
    };
  }
  if (query.by === '$actor')
    return {
      count: segment.actorCount,
      codeOf: (_, actor) => actor,
      nameOf: (code) => getString(segment.actorIds, code),
      column: 'actors',
      blank: 0,
    };
  return getPropertyCodes(segment, query.by);
}

function getPropertyCodes(segment: Segment, property: string): SeriesCodes {
  const column = segment.properties.get(property);
  if (column === undefined) return { count: 1, codeOf: () => 0, nameOf: () => '', column: null, blank: 0 };
  const { codes, values } = column;
  const nameOf = (code: number): string => (code === 0 ? '' : getString(values, code - 1));
  const { offsets } = values;
  let blank = 0;
  for (let i = 0; i < values.length; i++) if (offsets[i] === offsets[i + 1]) blank = i + 1;
  const codeOf =
    blank === 0
      ? (event: EventIndex) => codes[event] ?? 0
      : (event: EventIndex) => (codes[event] === blank ? 0 : (codes[event] ?? 0));
  return { count: values.length + 1, codeOf, nameOf, column: codes, blank };
}

/** Which codes are shown. `slotOf[code]` is a shown series, or `shown.length` for Other. */
export interface SeriesSlots {
  readonly shown: readonly string[];
  readonly slotOf: Int32Array;
  /** Values that occur; null = not counted because all are shown. */
  readonly valueCount: number | null;
}

/** By code. */
type EventCounts = Float64Array | Uint32Array;

/**
 * With more values than `limit`, the largest are found by counting events over all actors, not only those of the
 * range: Other must hold the same values in every thread, so that its unique actors can be added up.
 */
export function chooseSeries(codes: SeriesCodes, limit: number, countEvents: () => EventCounts): SeriesSlots {
  if (codes.count <= limit) {
    const all = Int32Array.from({ length: codes.count }, (_, code) => code);
    return { shown: Array.from(all, codes.nameOf), slotOf: all, valueCount: null };
  }
  const events = countEvents();
  const largest = takeLargest(events, limit, codes.nameOf);
  const slotOf = new Int32Array(codes.count).fill(largest.length);
  largest.forEach((code, slot) => (slotOf[code] = slot));
  return {
    shown: largest.map(codes.nameOf),
    slotOf,
    valueCount: events.filter((count) => count > 0).length,
  };
}

/** Over all actors, or those of a range. */
export function countEvents(
  context: ComputeContext,
  codes: SeriesCodes,
  counted: EventPredicate | null,
  range: ActorRange = { from: 0, to: context.segment.actorCount },
): Float64Array {
  const { segment, fromMs, toMs } = context;
  const events = new Float64Array(codes.count);
  for (let actor = range.from; actor < range.to; actor++) {
    if (actor % 128 === 0) context.checkpoint(0);
    const to = findEventsEnd(segment, actor, toMs);
    for (let event = findFirstEvent(segment, actor, fromMs); event < to; event++) {
      if (counted !== null && !counted(event)) continue;
      const code = codes.codeOf(event, actor);
      events[code] = (events[code] ?? 0) + 1;
    }
  }
  return events;
}

/** Codes of the n largest counts, descending, ties by name; only those that occur. */
function takeLargest(counts: EventCounts, n: number, nameOf: (code: number) => string): number[] {
  const threshold = counts.toSorted().at(-n) ?? 0;
  // Names are read only where they can matter.
  const candidates: { code: number; count: number; name: string }[] = [];
  counts.forEach((count, code) => {
    if (count > 0 && count >= threshold) candidates.push({ code, count, name: nameOf(code) });
  });
  return candidates
    .toSorted((a, b) => b.count - a.count || compareText(a.name, b.name))
    .slice(0, n)
    .map(({ code }) => code);
}

/** `Other`, or a longer name where a shown value is called so. */
export function getOtherLabel(shown: readonly string[]): string {
  let label = 'Other';
  while (shown.includes(label)) label = `${label} (rest)`;
  return label;
}
