import type { Timeline, TimelineEvent } from '../../../protocol/index.ts';
import { formatDate } from '../../widgets/zoned-time.ts';

/** What a timeline shows, top to bottom. */
export type TimelineRow =
  | { readonly kind: 'day'; readonly day: string }
  | {
      readonly kind: 'event';
      readonly index: number;
      readonly event: TimelineEvent;
      /** Since the event before, s; null at the first. */ readonly gap: number | null;
    }
  | { readonly kind: 'windowEnd'; readonly time: number };

/**
 * Events with a head for each local day, and a line where the conversion window closed. The line stands behind events
 * at that very moment: the far edge belongs to the window (SEMANTICS funnel rule 4). It stands at the end only when
 * all events are there.
 */
export function getTimelineRows(
  events: readonly TimelineEvent[],
  windowEndsAt: number | null,
  complete: boolean,
  timezone: string,
): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let day = '';
  let open = windowEndsAt;
  events.forEach((event, index) => {
    if (open !== null && event.time > open) {
      rows.push({ kind: 'windowEnd', time: open });
      open = null;
    }
    const here = formatDate(event.time, timezone);
    if (here !== day) rows.push({ kind: 'day', day: here });
    day = here;
    const before = events[index - 1];
    rows.push({ kind: 'event', index, event, gap: before === undefined ? null : (event.time - before.time) / 1000 });
  });
  if (open !== null && complete && events.length > 0) rows.push({ kind: 'windowEnd', time: open });
  return rows;
}

/** Pages of one story put together. */
export function joinTimelines(a: Timeline, b: Timeline): Timeline {
  return { ...a, totalEvents: b.totalEvents, events: [...a.events.slice(0, b.offset - a.offset), ...b.events] };
}
