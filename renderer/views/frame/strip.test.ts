import { describe, expect, test } from 'vitest';
import type { Partition } from '../../../protocol/index.ts';
import { DAY, getBinStart, getBins, getBinUnit, HOUR, indexPartitions, sumRows } from './strip-bins.ts';
import { asOfEnd, formatAsOf, formatRange, formatSpan, snap, toAsOf, toRange, toSpan } from './strip-range.ts';
import { getFullDomain, panDomain, reveal, zoomDomain } from './strip-scale.ts';
import { getDragged } from './use-strip-brush.ts';
import { getPlayUnit } from './use-play.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const partition = (hour: string, rows: number): Partition => ({ hour, rows, firstTime: 0, lastTime: 0 });
/** Three hours of the 1st, one of the 3rd of May, out of order. */
const PARTITIONS = [
  partition('2024-05-03T10', 7),
  partition('2024-05-01T00', 1),
  partition('2024-05-01T23', 2),
  partition('2024-05-01T22', 4),
];
const index = indexPartitions(PARTITIONS);
const extent = index.extent ?? { from: 0, to: 0 };
const BERLIN = 'Europe/Berlin';

describe('bins', () => {
  test('the extent is from the first to the end of the last hour', () => {
    expect(extent).toEqual({ from: utc('2024-05-01T00:00'), to: utc('2024-05-03T11:00') });
    expect(indexPartitions([]).extent).toBeNull();
  });
  test('sums are of the hours that begin in the span', () => {
    expect(sumRows(index, extent)).toBe(14);
    expect(sumRows(index, { from: utc('2024-05-01T22:00'), to: utc('2024-05-01T23:00') })).toBe(4);
    expect(sumRows(index, { from: utc('2024-05-01T00:30'), to: utc('2024-05-01T22:00') })).toBe(0);
  });
  test('days are local: 22 h UTC is the next day in Berlin', () => {
    expect(getBins(index, extent, 'day', 'UTC').map((b) => b.rows)).toEqual([7, 0, 7]);
    expect(getBins(index, extent, 'day', BERLIN).map((b) => b.rows)).toEqual([1, 6, 7]);
  });
  test('bins touch, cover the domain and lose no row, in every unit', () => {
    for (const unit of ['hour', 'hours3', 'hours6', 'day', 'week', 'month'] as const)
      for (const zone of ['UTC', BERLIN, 'America/New_York']) {
        const bins = getBins(index, extent, unit, zone);
        expect(bins.reduce((sum, b) => sum + b.rows, 0)).toBe(14);
        bins.slice(1).forEach((bin, i) => expect(bin.from).toBe(bins[i]?.to));
        expect(bins[0]?.from).toBeLessThanOrEqual(extent.from);
        expect(bins.at(-1)?.to).toBeGreaterThanOrEqual(extent.to);
      }
  });
  test('a day with a clock change has 23 or 25 hours', () => {
    const length = (day: string): number =>
      getBinStart(utc(`${day}T12:00`), 'day', BERLIN, 1) - getBinStart(utc(`${day}T12:00`), 'day', BERLIN);
    expect([length('2024-03-31'), length('2024-10-27'), length('2024-05-01')]).toEqual([23 * HOUR, 25 * HOUR, DAY]);
  });
  test('weeks begin on Monday, months on the first', () => {
    expect(getBinStart(utc('2024-05-01T12:00'), 'week', 'UTC')).toBe(utc('2024-04-29T00:00'));
    expect(getBinStart(utc('2024-12-15T12:00'), 'month', 'UTC', 1)).toBe(utc('2025-01-01T00:00'));
    expect(getBinStart(utc('2024-03-31T12:00'), 'month', 'UTC', -1)).toBe(utc('2024-02-01T00:00'));
  });
  test('the unit is the finest that leaves three pixels', () => {
    const unitFor = (days: number): string => getBinUnit({ from: 0, to: days * DAY }, 600);
    expect([unitFor(2), unitFor(20), unitFor(45), unitFor(200), unitFor(1000), unitFor(5000)]).toEqual([
      'hour',
      'hours3',
      'hours6',
      'day',
      'week',
      'month',
    ]);
  });
});

describe('ranges', () => {
  test('whole days are bare dates, both included; the ends of the data are open', () => {
    const span = { from: utc('2024-05-02T00:00'), to: utc('2024-05-03T00:00') };
    expect(toRange(span, extent, 'UTC')).toEqual({ from: '2024-05-02', to: '2024-05-02' });
    expect(toRange(extent, extent, 'UTC')).toEqual({ from: null, to: null });
  });
  test('hours end with their last millisecond', () => {
    const span = { from: utc('2024-05-01T20:00'), to: utc('2024-05-01T23:00') };
    expect(toRange(span, extent, BERLIN)).toEqual({ from: '2024-05-01T22:00:00', to: '2024-05-02T00:59:59.999' });
  });
  test('come back as the same span, in every zone', () => {
    for (const zone of ['UTC', BERLIN, 'Asia/Kolkata', 'America/New_York'])
      for (let from = extent.from + HOUR; from < extent.to - 5 * HOUR; from += 3 * HOUR) {
        const span = { from, to: from + 4 * HOUR };
        expect(toSpan(toRange(span, extent, zone), extent, zone)).toEqual(span);
      }
  });
  test('as of the end of the data is now', () => {
    expect(toAsOf(extent.to, extent, 'UTC')).toBeNull();
    const asOf = toAsOf(utc('2024-05-02T00:00'), extent, 'UTC');
    expect(asOf).toBe('2024-05-01T23:59:59.999');
    expect(asOfEnd(asOf, extent, 'UTC')).toBe(utc('2024-05-02T00:00'));
    expect(asOfEnd('2024-05-01', extent, 'UTC')).toBe(utc('2024-05-02T00:00'));
    expect(asOfEnd('nonsense', extent, 'UTC')).toBe(extent.to);
  });
  test('open ends read as the day of the first or last event', () => {
    expect(formatRange({ from: null, to: null }, extent, 'UTC')).toBe('2024-05-01 – 2024-05-03');
    expect(formatRange({ from: '2024-05-02', to: null }, extent, 'UTC')).toBe('2024-05-02 – 2024-05-03');
    expect(formatRange({ from: null, to: '2024-05-02T12:59:59.999' }, extent, 'UTC')).toBe(
      '2024-05-01 00:00 – 05-02 12:59',
    );
  });
  test('read as people write them', () => {
    expect(formatSpan({ from: utc('2024-05-01T00:00'), to: utc('2024-05-04T00:00') }, 'UTC')).toBe(
      '2024-05-01 – 2024-05-03',
    );
    expect(formatSpan({ from: utc('2024-05-01T00:00'), to: utc('2024-05-02T00:00') }, 'UTC')).toBe('2024-05-01');
    expect(formatSpan({ from: utc('2024-05-01T13:00'), to: utc('2024-05-01T18:00') }, 'UTC')).toBe(
      '2024-05-01 13:00 – 17:59',
    );
    expect(formatSpan({ from: utc('2024-05-01T13:00'), to: utc('2024-05-03T18:00') }, 'UTC')).toBe(
      '2024-05-01 13:00 – 05-03 17:59',
    );
    expect(formatAsOf('2024-05-01T23:59:59.999', 'UTC')).toBe('2024-05-01');
    expect(formatAsOf('2024-05-01T12:00:00', 'UTC')).toBe('2024-05-01 12:00');
  });
});

describe('dragging', () => {
  const snapTo = (ms: number): number => Math.min(100, Math.max(0, Math.round(ms / 10) * 10));
  const origin = { from: 20, to: 50 };
  test('makes a new range in either direction', () => {
    expect(getDragged({ mode: 'new', startMs: 71, origin }, 33, snapTo)).toEqual({ from: 30, to: 70 });
  });
  test('moves the range and keeps its length, also at the ends', () => {
    expect(getDragged({ mode: 'move', startMs: 30, origin }, 42, snapTo)).toEqual({ from: 30, to: 60 });
    expect(getDragged({ mode: 'move', startMs: 30, origin }, 500, snapTo)).toEqual({ from: 70, to: 100 });
    expect(getDragged({ mode: 'move', startMs: 30, origin }, -500, snapTo)).toEqual({ from: 0, to: 30 });
  });
  test('moves one edge, never past the other', () => {
    expect(getDragged({ mode: 'from', startMs: 20, origin }, 38, snapTo)).toEqual({ from: 40, to: 50 });
    expect(getDragged({ mode: 'from', startMs: 20, origin }, 90, snapTo)).toEqual({ from: 50, to: 50 });
    expect(getDragged({ mode: 'to', startMs: 50, origin }, 3, snapTo)).toEqual({ from: 20, to: 20 });
  });
  test('snaps to the nearer edge', () => {
    expect(snap(utc('2024-05-01T11:00'), 'day', 'UTC')).toBe(utc('2024-05-01T00:00'));
    expect(snap(utc('2024-05-01T13:00'), 'day', 'UTC')).toBe(utc('2024-05-02T00:00'));
  });
});

describe('zoom', () => {
  const full = { from: 0, to: 100 * DAY };
  test('keeps what is under the pointer, and stays inside', () => {
    const half = zoomDomain(full, full, 25 * DAY, 0.5);
    expect(half).toEqual({ from: 12.5 * DAY, to: 62.5 * DAY });
    expect(zoomDomain(half, full, 25 * DAY, 100)).toEqual(full);
    expect(panDomain(half, full, 10)).toEqual({ from: 50 * DAY, to: 100 * DAY });
  });
  test('ends at a day and a half', () => {
    expect(zoomDomain(full, full, 50 * DAY, 1e-9).to - zoomDomain(full, full, 50 * DAY, 1e-9).from).toBe(1.5 * DAY);
  });
  test('reveals what lies outside', () => {
    const domain = { from: 10 * DAY, to: 20 * DAY };
    expect(reveal(domain, full, 15 * DAY)).toBe(domain);
    const moved = reveal(domain, full, 40 * DAY);
    expect(moved.from).toBeLessThan(40 * DAY);
    expect(moved.to).toBeGreaterThan(40 * DAY);
  });
  test('a single hour is shown in its day', () => {
    expect(getFullDomain({ from: 0, to: HOUR })).toEqual({ from: -11.5 * HOUR, to: 12.5 * HOUR });
  });
});

test('play takes at most 80 steps', () => {
  expect([1, 60, 400, 2000].map((days) => getPlayUnit({ from: 0, to: days * DAY }))).toEqual([
    'hour',
    'day',
    'week',
    'month',
  ]);
});
