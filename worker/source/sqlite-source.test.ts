import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError, type Mapping } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { ALL_HOURS, NO_COLUMNS, kinds, readAll } from '../../tests/support/read-source.ts';
import { writeDatabase, writeSnapshot, type SnapshotRow } from '../../tests/support/snapshot-file.ts';
import type { EventSource, HourRange } from './event-source.ts';
import { openEventSource } from './open-source.ts';
import { resolveEventTable } from './resolve-mapping.ts';
import { sliceStatement } from './scan-slice.ts';
import type { SliceDetail } from './slices.ts';

let folder = '';
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-source-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newFile = (): string => path.join(folder, `${count++}.db`);
const open = (file: string, mapping: Mapping | null = null): EventSource =>
  openEventSource({ kind: 'sqlite', path: file, mapping }, { scratchDir: path.join(folder, 'scratch') });

const HOUR = 3_600_000;
const T = Date.UTC(2024, 0, 1);

describe('our own model', () => {
  test('the traps of real stores are counted and handled, never hidden', () => {
    const rows: readonly SnapshotRow[] = [
      { id: '1', time: T, metadata: { user_id: 'ann', plan: 'pro' } },
      // Mis-keyed without a twin: counts. Twice: once.
      { id: '2', time: T + HOUR, ts: '2024-01-01T04', metadata: { user_id: 'ann' } },
      { id: '2', time: T + HOUR, ts: '2023-12-31T23', metadata: { user_id: 'ann' } },
      // A duplicate under another hour; the copy under its own hour counts, whichever comes first.
      { id: '3', time: T + 10, ts: '2024-01-01T02', metadata: { user_id: 'bob' } },
      { id: '3', time: T + 10, metadata: { user_id: 'bob' } },
      // The same id at another time is another event.
      { id: '3', time: T + 3 * HOUR + 1, metadata: { user_id: 'bob' } },
      { id: '4', time: T, metadata: { shop_id: 's1' } },
      { id: '5', time: T, metadata: { shop_id: 'unknown' } },
      { id: '6', time: T, metadata: {} },
      { id: '7', time: 'not a time', ts: '2024-01-01T00' },
      { id: '8', time: '2024-01-01T00:30:00+01:00', ts: '2023-12-31T23', metadata: { user_id: 'cid', plan: null } },
      { id: '9', time: T, metadata: '{"user_id":"x"' },
      { id: '10', time: T, type: '', metadata: { user_id: 'ann' } },
      { id: '11', time: T, recordedAt: T + 3 * HOUR, metadata: { user_id: 'ann', name: 'zoë' } },
    ];
    const source = open(writeSnapshot(newFile(), rows, { s1: 'ann' }));
    expect(kinds(source)).toEqual({
      mis_keyed_hour: 3,
      late_rows: 1,
      duplicate_event_id: 2,
      missing_actor: 2,
      actor_by_shop: 1,
      unreadable_time: 1,
      missing_event: 1,
      bad_metadata: 1,
      null_metadata_keys: 1,
      equal_times: 2,
      non_ascii_text: 1,
    });
    const { partitions, guardHours } = source.partitions(() => false);
    expect(guardHours).toBe(3);
    expect(partitions.map((p) => [p.hour, p.rows])).toEqual([
      ['2023-12-31T23', 1],
      ['2024-01-01T00', 4],
      ['2024-01-01T01', 1],
      ['2024-01-01T03', 1],
    ]);
    const read = readAll(source, { ...NO_COLUMNS, properties: ['plan', '$event', '$actor'] });
    expect(read.events).toEqual([
      ['ann', 'e', T, 'pro', 'e', 'ann'],
      ['ann', 'e', T + HOUR, null, 'e', 'ann'],
      ['bob', 'e', T + 10, null, 'e', 'bob'],
      ['bob', 'e', T + 3 * HOUR + 1, null, 'e', 'bob'],
      ['ann', 'e', T, null, 'e', 'ann'],
      ['cid', 'e', T - HOUR / 2, null, 'e', 'cid'],
      ['ann', 'e', T, null, 'e', 'ann'],
    ]);
    expect(read.seqs).toEqual([1, 2, 5, 6, 7, 11, 14]);
    expect(read.issues).toMatchObject({
      duplicate_event_id: 2,
      missing_actor: 2,
      unreadable_time: 1,
      missing_event: 1,
      bad_metadata: 1,
    });
    source.close();
  });

  test('recorded times and another actor, on demand', () => {
    const file = writeSnapshot(newFile(), [
      { id: '1', time: T, recordedAt: T + 5, metadata: { user_id: 'ann', shop_id: 's1' } },
      { id: '2', time: T, recordedAt: null, metadata: { user_id: 'bob' } },
    ]);
    const source = open(file);
    const [slice] = source.slices(ALL_HOURS, 1);
    if (slice === undefined) throw new Error('one slice');
    const batch = source.scan(slice, { properties: [], recordedAt: true, actorProperty: null }).next().value as {
      recordedAt: Float64Array;
    };
    expect([...batch.recordedAt]).toEqual([T + 5, Number.NaN]);
    expect(readAll(source, { ...NO_COLUMNS, actorProperty: 'shop_id' })).toMatchObject({
      events: [['s1', 'e', T]],
      issues: { missing_actor: 1 },
    });
    source.close();
  });

  test('slices, pieces and ranges never change what is read', () => {
    const file = newFile();
    generateSample({ out: file, users: 150, seed: 5 });
    const source = open(file);
    const whole = readAll(source, { ...NO_COLUMNS, properties: ['plan_id'] }, ALL_HOURS, 1);
    const { partitions } = source.partitions(() => false);
    expect(partitions.reduce((sum, p) => sum + p.rows, 0)).toBe(whole.events.length);
    for (const parts of [2, 5, 64])
      expect(readAll(source, { ...NO_COLUMNS, properties: ['plan_id'] }, ALL_HOURS, parts).events).toEqual(
        whole.events,
      );
    expect(whole.seqs).toEqual(whole.seqs.toSorted((a, b) => a - b));
    for (const [from, to] of [
      [10, 11],
      [30, 200],
      [0, partitions.length - 1],
    ] as const) {
      const range = { from: partitions[from]?.hour ?? null, to: partitions[to]?.hour ?? null };
      const wanted = whole.events.filter(
        ([, , time]) => time >= (partitions[from]?.firstTime ?? 0) && time <= (partitions[to]?.lastTime ?? 0),
      );
      const read = readAll(source, { ...NO_COLUMNS, properties: ['plan_id'] }, range, 3);
      expect(read.events).toEqual(wanted);
      expect(read.rowsRead).toBeLessThanOrEqual(whole.rowsRead);
    }
    for (const pieces of [1, 2, 7]) {
      const other = open(file);
      const report = other.joinParts(Array.from({ length: pieces }, (_, i) => other.countPart(i, pieces, () => false)));
      expect(report.partitions).toEqual(partitions);
      expect(report.issues).toEqual(source.partitions(() => false).issues.filter((i) => i.kind !== 'equal_times'));
      expect(readAll(other, { ...NO_COLUMNS, properties: ['plan_id'] }).events).toEqual(whole.events);
      other.close();
    }
    source.close();
  });

  test('a snapshot without its key is read the same, only not pruned', () => {
    const file = writeDatabase(
      newFile(),
      `CREATE TABLE global_events (ts, event_id, event_time, event_type, metadata);
       INSERT INTO global_events VALUES ('2024-01-01T02', 'a', ${T}, 'e', '{"user_id":"u"}'), ('2024-01-01T00', 'a', ${T}, 'e', '{"user_id":"u"}');`,
    );
    const source = open(file);
    expect(source.describe()).toMatchObject({ prunable: false, hasRecordedAt: false });
    expect(kinds(source)).toEqual({ mis_keyed_hour: 1, duplicate_event_id: 1 });
    expect(readAll(source).seqs).toEqual([2]);
    source.close();
  });

  test('mis-keyed copies in different pieces count once', () => {
    const rows = [5, 9].map((h) => ({ id: 'x', time: T, ts: `2024-01-01T0${h}` }));
    const source = open(writeSnapshot(newFile(), rows));
    const report = source.joinParts([source.countPart(0, 2, () => false), source.countPart(1, 2, () => false)]);
    expect(report.partitions.map((p) => p.rows)).toEqual([1]);
    expect(report.issues.find((i) => i.kind === 'duplicate_event_id')?.rows).toBe(1);
    expect(readAll(source).seqs).toEqual([1]);
    source.close();
  });

  test('a range is answered through the key of the hours', () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => ({ id: String(i), time: T + i * HOUR }));
    const file = writeSnapshot(newFile(), [...rows, { id: 'late', time: T }]);
    const source = open(file);
    expect(source.describe()).toMatchObject({ prunable: true, rows: 3_001, sampledKeys: ['user_id'] });
    const plan = (range: HourRange): string => {
      const [slice] = source.slices(range, 1);
      const db = new Database(file, { readonly: true });
      const { sql, values } = sliceStatement(resolveEventTable(db, null), ['event_time'], slice?.detail as SliceDetail);
      const steps = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
      db.close();
      return steps.map((s) => s.detail).join('; ');
    };
    // One late row stretches the rowids over the whole file: the index is the shorter way.
    expect(plan({ from: '2024-01-01T00', to: '2024-01-01T00' })).toMatch(
      /SEARCH main.global_events USING INDEX sqlite_autoindex_global_events_1 \(ts>\? AND ts<\?\)/,
    );
    expect(plan({ from: '2024-02-01T00', to: '2024-02-01T05' })).toMatch(
      /SEARCH main.global_events USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)/,
    );
    expect(readAll(source, NO_COLUMNS, { from: '2024-01-01T00', to: '2024-01-01T00' })).toMatchObject({
      seqs: [1, 3_001],
      rowsRead: 2,
    });
    expect(readAll(source, NO_COLUMNS, { from: '2024-02-01T00', to: '2024-02-01T05' }).rowsRead).toBe(6);
    source.close();
  });

  test('an hour key that is none: nothing is pruned away', () => {
    const source = open(
      writeSnapshot(newFile(), [
        { id: '1', time: T, ts: 'yesterday' },
        { id: '2', time: T + 9 * HOUR },
      ]),
    );
    expect(readAll(source, NO_COLUMNS, { from: '2024-01-01T00', to: '2024-01-01T00' }).events).toEqual([['u', 'e', T]]);
    source.close();
  });

  test('stopping is asked with the rows seen', () => {
    const source = open(
      writeSnapshot(
        newFile(),
        Array.from({ length: 9_000 }, (_, i) => ({ id: String(i), time: T + i })),
      ),
    );
    const asked: number[] = [];
    const stop = (rows: number): boolean => asked.push(rows) === 2;
    expect(() => source.partitions(stop)).toThrow(EngineError);
    expect(asked).toEqual([512, 1_024]);
    source.close();
  });

  test('a scan asks every few hundred rows, between batches too, and ends where it is told to', () => {
    const rows = Array.from({ length: 2_000 }, (_, i) => ({ id: String(i), time: T + i }));
    const source = open(writeSnapshot(newFile(), rows));
    const [slice] = source.slices({ from: null, to: null }, 1);
    const asked: number[] = [];
    const check = (rowsRead: number): void => {
      if (asked.push(rowsRead) === 3) throw new EngineError('E_CANCELLED', 'stop', { hint: '' });
    };
    expect(() => [...source.scan(slice!, NO_COLUMNS, check)]).toThrow('stop');
    expect(asked).toEqual([512, 1_024, 1_536]);
    expect(readAll(source).events).toHaveLength(2_000);
    source.close();
  });

  test('no events at all', () => {
    const source = open(writeSnapshot(newFile(), []));
    expect(source.partitions(() => false)).toEqual({ partitions: [], issues: [], guardHours: 0 });
    expect(readAll(source).events).toEqual([]);
    source.close();
  });
});
