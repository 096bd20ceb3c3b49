import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../../protocol/index.ts';
import { getTimelineRows, joinTimelines, type TimelineRow } from './timeline-rows.ts';

const at = (iso: string): TimelineEvent => ({ time: Date.parse(iso), event: 'e', props: {}, ignored: false });
const events = [at('2026-01-01T23:00:00Z'), at('2026-01-01T23:30:00Z'), at('2026-01-02T00:30:00Z')];
const drawn = (windowEndsAt: number | null, complete = true, zone = 'UTC'): string =>
  getText(getTimelineRows(events, { windowEndsAt, moves: [] }, complete, zone));
const getText = (rows: readonly TimelineRow[]): string =>
  rows
    .map((row) => {
      if (row.kind === 'day') return row.day.slice(8);
      if (row.kind === 'deadline') return `${row.move.from}>${row.move.to}`;
      return row.kind === 'event' ? `e${row.gap ?? ''}${row.move === null ? '' : `:${row.move.to}`}` : '|';
    })
    .join(' ');

describe('rows of a timeline', () => {
  it('have a head a local day and the pause before each event', () => {
    expect(drawn(null)).toBe('01 e e1800 02 e3600');
    expect(drawn(null, true, 'Europe/Berlin')).toBe('02 e e1800 e3600');
  });
  it('show where the window closed, its edge included', () => {
    expect(drawn(Date.parse('2026-01-01T23:30:00Z'))).toBe('01 e e1800 | 02 e3600');
    expect(drawn(Date.parse('2026-01-01T23:29:00Z'))).toBe('01 e | e1800 02 e3600');
  });
  it('show it at the end only when all events are there', () => {
    expect(drawn(Date.parse('2026-02-01T00:00:00Z'))).toBe('01 e e1800 02 e3600 |');
    expect(drawn(Date.parse('2026-02-01T00:00:00Z'), false)).toBe('01 e e1800 02 e3600');
  });
  it('show the moves of a journey: at their event, or where a deadline passed', () => {
    const moves = [
      { time: Date.parse('2026-01-01T23:30:00Z'), from: 'start', to: 'Lead', cause: 'event' },
      { time: Date.parse('2026-01-02T00:30:00Z'), from: 'Lead', to: 'Churn', cause: 'deadline' },
      { time: Date.parse('2026-01-09T00:00:00Z'), from: 'Churn', to: 'Gone', cause: 'deadline' },
    ] as const;
    const marked = events.map((event, i) => (i === 1 ? { ...event, entersState: 'Lead' } : event));
    const rows = (complete: boolean): string =>
      getText(getTimelineRows(marked, { windowEndsAt: null, moves }, complete, 'UTC'));
    expect(rows(true)).toBe('01 e e1800:Lead 02 e3600 Lead>Churn 09 Churn>Gone');
    expect(rows(false)).toBe('01 e e1800:Lead 02 e3600');
  });
  it('pages join where they meet', () => {
    const page = (offset: number, n: number) => ({ actor: 'a', totalEvents: 5, offset, events: events.slice(0, n) });
    expect(joinTimelines(page(0, 3), page(3, 2)).events).toHaveLength(5);
    expect(joinTimelines(page(0, 3), page(2, 3)).events).toHaveLength(5);
  });
});
