import { describe, expect, it } from 'vitest';
import { randomLog } from '../../tests/support/random-log.ts';
import { segmentOf, type LogEvent } from '../../tests/support/timelines.ts';
import { assembleProperty, assembleRecordedAt } from './column-builder.ts';
import type { EventRows, KeptColumns, ScannedSlice } from './event-rows.ts';
import { assembleSegment, TimeSpanTooWide } from './segment-builder.ts';
import { getTime, type Segment } from './segment.ts';
import { SliceWriter } from './slice-writer.ts';
import { findString, getString } from './string-table.ts';

const PROPERTIES = ['plan', 'country'];
const KEPT: KeptColumns = { events: true, recordedAt: true, properties: PROPERTIES };
const ms = (time: string | number): number => (typeof time === 'number' ? time : Date.parse(time));

function batchOf(log: readonly LogEvent[]): EventRows {
  const texts = (name: string): (string | null)[] => log.map((e) => (e.props?.[name] ?? null) as string | null);
  return {
    count: log.length,
    actors: log.map((e) => e.actor),
    events: log.map((e) => e.event),
    times: Float64Array.from(log, (e) => ms(e.time)),
    seqs: Float64Array.from(log, (_, i) => i),
    recordedAt: Float64Array.from(log, (e) => e.recordedAt ?? Number.NaN),
    properties: new Map(PROPERTIES.map((name) => [name, texts(name)])),
  };
}

/** Cut into slices of `size`, each written in batches of 7. */
function scan(log: readonly LogEvent[], size: number): ScannedSlice[] {
  const slices: ScannedSlice[] = [];
  for (let from = 0; from < log.length; from += size) {
    const writer = new SliceWriter(KEPT);
    const part = log.slice(from, from + size);
    for (let at = 0; at < part.length; at += 7) writer.append(batchOf(part.slice(at, at + 7)));
    slices.push(writer.finish());
  }
  return slices;
}

function build(log: readonly LogEvent[], size: number): Segment {
  const slices = scan(log, size);
  const { segment, scanOrder } = assembleSegment(slices, null, () => {});
  const scanRows = scanOrder.kind === 'memory' ? scanOrder.rows : new Uint32Array();
  const properties = new Map(
    PROPERTIES.map((name, p) => [name, assembleProperty(slices, p, scanRows, null, () => {})]),
  );
  return { ...segment, properties, recordedAt: assembleRecordedAt(slices, scanRows, () => {}) };
}

/** Everything an event says, by actor in order of first appearance. */
function read(segment: Segment): Map<string, unknown[]> {
  const byActor = new Map<string, unknown[]>();
  for (let actor = 0; actor < segment.actorCount; actor++) {
    const events: unknown[] = [];
    for (let e = segment.offsets[actor] ?? 0; e < (segment.offsets[actor + 1] ?? 0); e++) {
      const props = PROPERTIES.map((name) => {
        const column = segment.properties.get(name);
        const code = column?.codes[e] ?? 0;
        return column === undefined || code === 0 ? null : getString(column.values, code - 1);
      });
      events.push([getTime(segment, e), segment.eventNames[segment.types[e] ?? 0], segment.recordedAt?.[e], ...props]);
    }
    byActor.set(getString(segment.actorIds, actor), events);
  }
  return byActor;
}

describe('assembleSegment', () => {
  const log = randomLog(4711, 700);

  it('holds the same events in the same order as the slow builder, whatever the slices', () => {
    const expected = read(segmentOf(log));
    for (const size of [1, 13, 350, 700]) {
      const actual = read(build(log, size));
      expect([...actual.keys()]).toEqual([...expected.keys()]);
      for (const [actor, events] of expected) expect(actual.get(actor)).toEqual(events);
    }
  });

  it('is the same bytes whatever the slices', () => {
    expect(build(log, 13)).toEqual(build(log, 700));
  });

  it('codes the most frequent type as 0', () => {
    expect(build(log, 100).eventNames[0]).toBe('view');
  });

  it('finds actors by id', () => {
    const { actorIds } = build(log, 100);
    for (let i = 0; i < actorIds.length; i++) expect(findString(actorIds, getString(actorIds, i))).toBe(i);
    expect(findString(actorIds, 'nobody')).toBeNull();
  });

  it('reaches back before 1970 and refuses more than 136 years', () => {
    const at = (time: string): LogEvent => ({ actor: 'a', event: 'x', time });
    const old = build([at('1955-11-05T06:15:00.250Z'), at('1950-01-01T00:00:00Z')], 9);
    expect(getTime(old, 1)).toBe(Date.parse('1955-11-05T06:15:00.250Z'));
    expect(() => build([at('1850-01-01T00:00:00Z'), at('2024-01-01T00:00:00Z')], 9)).toThrow(TimeSpanTooWide);
  });

  it('is empty without events', () => {
    expect(build([], 9)).toMatchObject({ actorCount: 0, eventCount: 0 });
  });
});
