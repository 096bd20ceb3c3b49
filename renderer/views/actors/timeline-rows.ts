import type { Timeline, TimelineEvent } from '../../../protocol/index.ts';
import { formatDate } from '../../widgets/zoned-time.ts';

export type Move = NonNullable<Timeline['journey']>['moves'][number];

/** What a timeline shows, top to bottom. */
export type TimelineRow =
  | { readonly kind: 'day'; readonly day: string }
  | {
      readonly kind: 'event';
      readonly index: number;
      readonly event: TimelineEvent;
      /** Since the event before, s; null at the first. */
      readonly gap: number | null;
      /** Journeys: the move that this event made. */
      readonly move: Move | null;
    }
  /** Journeys: a deadline that passed. */
  | { readonly kind: 'deadline'; readonly move: Move }
  | { readonly kind: 'windowEnd'; readonly time: number };

interface Between {
  readonly time: number;
  readonly row: TimelineRow;
}
export interface TimelineMarks {
  readonly windowEndsAt: number | null;
  readonly moves: readonly Move[];
}

/**
 * Events with a head for each local day, and lines between them: where the conversion window closed, where a deadline
 * passed. Such a line stands behind events at that very moment: the far edge belongs to the window (SEMANTICS funnel
 * rule 4), and an event at the deadline still meets it. At the end they stand only when all events are there.
 */
export function getTimelineRows(
  events: readonly TimelineEvent[],
  { windowEndsAt, moves }: TimelineMarks,
  complete: boolean,
  timezone: string,
): TimelineRow[] {
  const rows: TimelineRow[] = [];
  const waiting = getBetween(windowEndsAt, moves);
  let day = '';
  const openDay = (time: number): void => {
    const here = formatDate(time, timezone);
    if (here !== day) rows.push({ kind: 'day', day: here });
    day = here;
  };
  const putBefore = (time: number): void => {
    for (let next = waiting[0]; next !== undefined && next.time < time; next = waiting[0]) {
      if (next.row.kind === 'deadline') openDay(next.time);
      rows.push(next.row);
      waiting.shift();
    }
  };
  events.forEach((event, index) => {
    putBefore(event.time);
    openDay(event.time);
    const before = events[index - 1];
    const gap = before === undefined ? null : (event.time - before.time) / 1000;
    rows.push({ kind: 'event', index, event, gap, move: getMoveOf(event, moves) });
  });
  if (complete && events.length > 0) putBefore(Infinity);
  return rows;
}

function getBetween(windowEndsAt: number | null, moves: readonly Move[]): Between[] {
  const passed = moves
    .filter((move) => move.cause === 'deadline')
    .map((move): Between => ({ time: move.time, row: { kind: 'deadline', move } }));
  if (windowEndsAt !== null) passed.push({ time: windowEndsAt, row: { kind: 'windowEnd', time: windowEndsAt } });
  return passed.toSorted((a, b) => a.time - b.time);
}

const getMoveOf = (event: TimelineEvent, moves: readonly Move[]): Move | null =>
  event.entersState === undefined
    ? null
    : (moves.find((m) => m.cause === 'event' && m.time === event.time && m.to === event.entersState) ?? null);

/** Pages of one story put together. */
export function joinTimelines(a: Timeline, b: Timeline): Timeline {
  return { ...a, totalEvents: b.totalEvents, events: [...a.events.slice(0, b.offset - a.offset), ...b.events] };
}
