import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIFECYCLE_STATUSES, type LifecycleStatus } from '../../protocol/index.ts';
import { firstOf, idsOf, labelOf, labelsBetween, timeOf, type Calendar } from '../support/activity-oracle.ts';
import { runCompute, selectActors, type DocumentOf } from '../support/run-compute.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';
import { toKernelSegment } from '../support/kernel-segment.ts';
import type { Segment } from '../../worker/segment/segment.ts';

/** By the TypeScript twins, and by kernels. */
const BUILDS: readonly (readonly [string, (log: readonly LogEvent[]) => Segment])[] = [
  ['twins', segmentOf],
  ['kernels', (log) => toKernelSegment(segmentOf(log))],
];

/** Two weeks around the change to summer time, in quarters of an hour. A failure prints fast-check's seed. */
const START = Date.UTC(2024, 2, 24, 5);
const QUARTER = 900_000;
const SPAN = 14 * 96;
const instants = fc.nat(SPAN).map((n) => START + n * QUARTER);
const logs: fc.Arbitrary<LogEvent[]> = fc.array(
  fc.record({
    actor: fc.constantFrom('u1', 'u2', 'u3', 'u4'),
    event: fc.constantFrom('a', 'b', 'c'),
    time: instants,
    props: fc.record({
      plan: fc.constantFrom('x', 'y', 'z', '', null, 'Other'),
      amount: fc.constantFrom('1.1', '2.2', '-3.3', 'many', null),
    }),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);
const calendars: fc.Arbitrary<Calendar> = fc.record({
  timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'),
  interval: fc.constantFrom('hour', 'day', 'week', 'month'),
  weekStart: fc.constantFrom('monday', 'sunday'),
});
const ranges = fc
  .record({ from: fc.option(instants), to: fc.option(instants) })
  .map(({ from, to }) => (from !== null && to !== null && from > to ? { from: to, to: from } : { from, to }));
type Range = { from: number | null; to: number | null };
const parts = fc.integer({ min: 1, max: 4 });
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const toRange = (range: Range) => ({ from: iso(range.from), to: iso(range.to) });
const inRange = (log: readonly LogEvent[], { from, to }: Range) =>
  log.filter((e) => timeOf(e) >= (from ?? -Infinity) && timeOf(e) <= (to ?? Infinity));
const first = (log: readonly LogEvent[]): number => Math.min(...log.map(timeOf));
const last = (log: readonly LogEvent[]): number => Math.max(...log.map(timeOf));
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

describe.each(BUILDS)('rollup, %s', (_name, build) => {
  test('events, unique actors and sums of every cell, and their lists', () => {
    fc.assert(
      fc.property(
        logs,
        calendars,
        ranges,
        parts,
        fc.constantFrom(null, '$event', '$actor', 'plan'),
        fc.integer({ min: 1, max: 3 }),
        (log, calendar, range, cuts, by, limit) => {
          const segment = build(log);
          const document = {
            type: 'rollup',
            ...calendar,
            dateRange: toRange(range),
            by,
            limit,
            sum: 'amount',
          } as const;
          const answer = runCompute(segment, document, cuts);
          const counted = inRange(log, range);
          expect(answer.periods).toEqual(
            counted.length === 0 && (range.from === null || range.to === null)
              ? answer.periods
              : labelsBetween(calendar, range.from ?? first(counted), range.to ?? last(counted)),
          );
          const valueOf = (e: LogEvent): string =>
            by === null ? 'All events' : by === '$event' ? e.event : by === '$actor' ? e.actor : textOf(e.props?.[by]);
          const values = [...new Set(counted.map(valueOf))];
          const size = (value: string): number => counted.filter((e) => valueOf(e) === value).length;
          const shown = values.toSorted((a, b) => size(b) - size(a) || (a < b ? -1 : 1)).slice(0, limit);
          expect(answer.seriesCount).toBe(values.length);
          expect(answer.series.slice(0, limit).map((s) => s.value)).toEqual(shown);
          expect(answer.series).toHaveLength(Math.min(values.length, limit + 1));
          for (const series of [...answer.series, answer.total]) {
            const isOther = answer.series.indexOf(series) === limit;
            const own = counted.filter(
              (e) => series === answer.total || (isOther ? !shown.includes(valueOf(e)) : valueOf(e) === series.value),
            );
            const number = (e: LogEvent): number =>
              Number.isFinite(Number(e.props?.['amount'])) ? Number(e.props?.['amount']) : 0;
            const pick = series === answer.total ? {} : { series: series.value };
            expect(series.totalEvents).toBe(own.length);
            expect(series.totalActors).toBe(idsOf(own).length);
            expect(series.totalSum).toBeCloseTo(
              own.reduce((n, e) => n + number(e), 0),
              9,
            );
            expect(selectActors<'rollup'>(segment, document, pick, answer, cuts)).toEqual(idsOf(own));
            answer.periods.slice(0, 40).forEach((period, i) => {
              const cell = own.filter((e) => labelOf(calendar, timeOf(e)) === period);
              expect([series.events[i], series.actors[i]]).toEqual([cell.length, idsOf(cell).length]);
              expect(selectActors<'rollup'>(segment, document, { ...pick, period }, answer)).toEqual(idsOf(cell));
            });
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe.each(BUILDS)('retention, %s', (_name, build) => {
  test('every cell of the triangle, and its lists', () => {
    fc.assert(
      fc.property(
        logs,
        calendars,
        ranges,
        parts,
        fc.constantFrom('everyInterval', 'firstEver'),
        fc.integer({ min: 1, max: 5 }),
        (log, calendar, range, cuts, cohortRule, intervals) => {
          const segment = build(log);
          const endsIn = last(log);
          const document: DocumentOf<'retention'> = {
            type: 'retention',
            ...calendar,
            dateRange: toRange(range),
            cohortRule,
            intervals,
            cohortEvent: { event: 'a' },
            returnEvent: { anyOf: [{ event: 'b' }, { event: 'a' }] },
            endsIn: iso(endsIn),
          };
          const answer = runCompute(segment, document, cuts);
          const labels = labelsBetween(
            calendar,
            endsIn - 200 * 86_400_000 * (calendar.interval === 'month' ? 1 : calendar.interval === 'week' ? 0.3 : 0.05),
            endsIn,
          ).slice(-intervals);
          const counted = inRange(log, range);
          const firstEver = idsOf(log).map((actor) => firstOf(log.filter((e) => e.event === 'a' && e.actor === actor)));
          const active = (events: readonly (LogEvent | undefined)[], label: string | undefined): string[] =>
            idsOf(
              events
                .filter((e) => e !== undefined)
                .filter((e) => counted.includes(e) && labelOf(calendar, timeOf(e)) === label),
            );
          const cohort = (i: number): string[] =>
            active(
              cohortRule === 'firstEver'
                ? firstEver.map((e) =>
                    counted.find((c) => c.actor === e?.actor && c.event === 'a' && c.time === e.time),
                  )
                : counted.filter((e) => e.event === 'a'),
              labels[i],
            );
          expect(answer.periodStarts.map((s) => s.slice(0, calendar.interval === 'hour' ? 16 : 10))).toEqual(labels);
          answer.matrix.forEach((row, i) => {
            expect(row).toHaveLength(intervals - i);
            row.forEach((count, k) => {
              const back = new Set(
                active(
                  counted.filter((e) => e.event !== 'c'),
                  labels[i + k],
                ),
              );
              const returned = cohort(i).filter((actor) => k === 0 || back.has(actor));
              expect(count).toBe(returned.length);
              expect(selectActors<'retention'>(segment, document, { cohort: i, interval: k }, answer, cuts)).toEqual(
                returned,
              );
              expect(
                selectActors<'retention'>(segment, document, { cohort: i, interval: k, returned: false }, answer),
              ).toEqual(cohort(i).filter((actor) => !returned.includes(actor)));
            });
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe.each(BUILDS)('lifecycle and stickiness, %s', (_name, build) => {
  test('every status of every interval, and its list', () => {
    fc.assert(
      fc.property(logs, calendars, ranges, parts, (log, calendar, range, cuts) => {
        const segment = build(log);
        const document = { type: 'lifecycle', ...calendar, dateRange: toRange(range), event: { event: 'a' } } as const;
        const answer = runCompute(segment, document, cuts);
        const [from, to] = [range.from ?? first(log), range.to ?? last(log)];
        const labels = labelsBetween(calendar, from - 32 * 86_400_000, to);
        const periods = labelsBetween(calendar, from, to);
        expect(answer.periods).toEqual(periods);
        const activeIn = (label: string | undefined): string[] =>
          idsOf(log.filter((e) => e.event === 'a' && labelOf(calendar, timeOf(e)) === label));
        const bornIn = (label: string): string[] =>
          idsOf(log).filter(
            (actor) =>
              labelOf(
                calendar,
                timeOf(firstOf(log.filter((e) => e.actor === actor)) ?? { actor, event: '', time: 0 }),
              ) === label,
          );
        for (const [i, period] of periods.slice(0, 30).entries()) {
          const before = activeIn(labels[labels.indexOf(period) - 1]);
          const now = activeIn(period);
          const expected: Record<LifecycleStatus, string[]> = {
            new: now.filter((a) => bornIn(period).includes(a)),
            returning: now.filter((a) => before.includes(a) && !bornIn(period).includes(a)),
            resurrecting: now.filter((a) => !before.includes(a) && !bornIn(period).includes(a)),
            dormant: before.filter((a) => !now.includes(a)),
          };
          for (const status of LIFECYCLE_STATUSES) {
            expect(Math.abs(answer.series[status][i] ?? -1)).toBe(expected[status].length);
            expect(selectActors<'lifecycle'>(segment, document, { period, status }, answer, cuts)).toEqual(
              expected[status],
            );
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('actors by number of active intervals', () => {
    fc.assert(
      fc.property(logs, calendars, ranges, parts, (log, calendar, range, cuts) => {
        const segment = build(log);
        const document = {
          type: 'stickiness',
          ...calendar,
          dateRange: toRange(range),
          event: { event: null },
        } as const;
        const answer = runCompute(segment, document, cuts);
        const counted = inRange(log, range);
        expect(answer.actorsByActiveIntervals).toHaveLength(
          labelsBetween(calendar, range.from ?? first(log), range.to ?? last(log)).length,
        );
        const activeIntervals = (actor: string): number =>
          new Set(counted.filter((e) => e.actor === actor).map((e) => labelOf(calendar, timeOf(e)))).size;
        answer.actorsByActiveIntervals.slice(0, 30).forEach((count, i) => {
          const own = idsOf(log).filter((actor) => activeIntervals(actor) === i + 1);
          expect(count).toBe(own.length);
          expect(selectActors<'stickiness'>(segment, document, { activeIntervals: i + 1 }, answer, cuts)).toEqual(own);
        });
      }),
      { numRuns: 60 },
    );
  });
});
