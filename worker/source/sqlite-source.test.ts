import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError, type Mapping } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { writeDatabase, writeSnapshot, type SnapshotRow } from '../../tests/support/snapshot-file.ts';
import type { EventSource, HourRange, ScanColumns } from './event-source.ts';
import { inspectSource } from './inspect.ts';
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

const OPEN: HourRange = { from: null, to: null };
const NO_COLUMNS: ScanColumns = { properties: [], recordedAt: false, actorProperty: null };
const HOUR = 3_600_000;
const T = Date.UTC(2024, 0, 1);

interface Read {
  readonly events: readonly (readonly [actor: string, event: string, time: number, ...props: (string | null)[]])[];
  readonly seqs: readonly number[];
  readonly issues: Readonly<Record<string, number>>;
  readonly rowsRead: number;
}

function readAll(source: EventSource, columns: ScanColumns = NO_COLUMNS, range = OPEN, parts = 3): Read {
  const events: [string, string, number, ...(string | null)[]][] = [];
  const seqs: number[] = [];
  const issues: Record<string, number> = {};
  let rowsRead = 0;
  for (const slice of source.slices(range, parts)) {
    const scan = source.scan(slice, columns);
    let step = scan.next();
    for (; step.done !== true; step = scan.next()) {
      const batch = step.value;
      for (let i = 0; i < batch.count; i++) {
        events.push([
          batch.actors[i] ?? '',
          batch.events[i] ?? '',
          batch.times[i] ?? Number.NaN,
          ...columns.properties.map((p) => batch.properties.get(p)?.[i] ?? null),
        ]);
        seqs.push(batch.seqs[i] ?? Number.NaN);
      }
    }
    rowsRead += step.value.rowsRead;
    for (const issue of step.value.issues) issues[issue.kind] = (issues[issue.kind] ?? 0) + issue.rows;
  }
  return { events, seqs, issues, rowsRead };
}

const kinds = (source: EventSource): Readonly<Record<string, number>> =>
  Object.fromEntries(source.partitions(() => false).issues.map((i) => [i.kind, i.rows]));

function errorOf(act: () => void): EngineError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof EngineError) return thrown;
    throw thrown;
  }
  throw new Error('no error');
}

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
    const [slice] = source.slices(OPEN, 1);
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
    const whole = readAll(source, { ...NO_COLUMNS, properties: ['plan_id'] }, OPEN, 1);
    const { partitions } = source.partitions(() => false);
    expect(partitions.reduce((sum, p) => sum + p.rows, 0)).toBe(whole.events.length);
    for (const parts of [2, 5, 64])
      expect(readAll(source, { ...NO_COLUMNS, properties: ['plan_id'] }, OPEN, parts).events).toEqual(whole.events);
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

describe('other tables by a mapping', () => {
  const script = `
    CREATE TABLE clicks (who INTEGER, what TEXT, at, seen, extra TEXT, price REAL, "odd ""name" TEXT);
    INSERT INTO clicks VALUES
      (9007199254740993, 'open', 1704067200, '2024-01-01 01:00:00', '{"k":"v"}', 1.0, 'q'),
      (9007199254740992, 'open', 1704067201.5, NULL, '{}', 1.98, NULL),
      (NULL, 'open', 1704067202, NULL, '', 2, NULL), (1, NULL, 1704067202, NULL, NULL, 2, NULL), (1, 'close', 'x', NULL, 'bad', 2, NULL),
      (1, 'close', '1704067203', NULL, 'bad', 2, 'r');
    CREATE VIEW closes AS SELECT who, at FROM clicks WHERE what = 'close';`;
  const mapping: Mapping = {
    table: 'clicks',
    actor: 'who',
    event: { column: 'what' },
    time: { column: 'at', format: 'auto' },
  };
  let file = '';
  beforeAll(() => {
    file = writeDatabase(newFile(), script);
  });

  test('columns of any kind; large ids stay apart', () => {
    const source = open(file, { ...mapping, json: 'extra', recordedAt: { column: 'seen', format: 'auto' } });
    expect(source.describe()).toMatchObject({
      model: 'mapped',
      prunable: false,
      hasRecordedAt: true,
      mapping: { time: { format: 'seconds' }, recordedAt: { format: 'iso' } },
    });
    const read = readAll(source, { ...NO_COLUMNS, properties: ['price', 'k', 'odd "name', 'who', 'nowhere'] });
    expect(read.events).toEqual([
      ['9007199254740993', 'open', T, '1', 'v', 'q', '9007199254740993', null],
      ['9007199254740992', 'open', T + 1_500, '1.98', null, null, '9007199254740992', null],
      ['1', 'close', T + 3_000, '2', null, 'r', '1', null],
    ]);
    expect(read.issues).toEqual({ missing_actor: 1, unreadable_time: 1, missing_event: 1 });
    expect(kinds(source)).toMatchObject({ missing_actor: 1, unreadable_time: 1, missing_event: 1 });
    source.close();
  });

  test('a view, a constant event, a filter', () => {
    const view = open(file, {
      table: 'closes',
      actor: 'who',
      event: { constant: 'gone' },
      time: { column: 'at', format: 'seconds' },
    });
    expect(readAll(view).events).toEqual([['1', 'gone', T + 3_000]]);
    view.close();
    const filtered = open(file, { ...mapping, filter: `"odd ""name" = 'q' OR price > 1.9 AND what = 'open'` });
    expect(readAll(filtered).events.map(([actor]) => actor)).toEqual(['9007199254740993', '9007199254740992']);
    expect(filtered.partitions(() => false).partitions.map((p) => p.rows)).toEqual([2]);
    filtered.close();
  });

  test.each<[string, Partial<Mapping>, string, string]>([
    ['table', { table: 'click' }, 'E_NO_SUCH_TABLE', 'mapping.table'],
    ['actor', { actor: 'whom' }, 'E_NO_SUCH_COLUMN', 'mapping.actor'],
    ['event', { event: { column: 'whats' } }, 'E_NO_SUCH_COLUMN', 'mapping.event.column'],
    ['time', { time: { column: 'att', format: 'iso' } }, 'E_NO_SUCH_COLUMN', 'mapping.time.column'],
    ['property', { properties: ['price', 'prize'] }, 'E_NO_SUCH_COLUMN', 'mapping.properties.1'],
    ['json', { json: 'ekstra' }, 'E_NO_SUCH_COLUMN', 'mapping.json'],
    ['filter column', { filter: 'pricee > 1' }, 'E_NO_SUCH_COLUMN', 'mapping.filter'],
    ['filter', { filter: 'price >' }, 'E_BAD_MAPPING', 'mapping.filter'],
    ['time format', { time: { column: 'what', format: 'auto' } }, 'E_BAD_MAPPING', 'mapping.time.format'],
  ])('a wrong %s is named, with what was probably meant', (_, wrong, code, at) => {
    const error = errorOf(() => open(file, { ...mapping, ...wrong }).close());
    expect(error).toMatchObject({ code, path: at });
    expect(error.hint).toMatch(code === 'E_BAD_MAPPING' ? /./ : /Did you mean “(clicks|who|what|at|price|extra)”/);
  });

  test('a file of another model needs a mapping, and inspection proposes one', () => {
    expect(() => open(file)).toThrow(expect.objectContaining({ code: 'E_BAD_MAPPING' }) as Error);
    const events = writeDatabase(
      newFile(),
      `CREATE TABLE app_events (id INTEGER PRIMARY KEY, user_id TEXT, event TEXT, created_at TEXT, note TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO app_events SELECT i, 'u' || (i % 7), iif(i % 2, 'open', 'close'), '2024-01-01 00:00:' || printf('%02d', i), 'n' FROM n;`,
    );
    const found = inspectSource({ kind: 'sqlite', path: events }, { scratchDir: folder });
    expect(found).toMatchObject({
      model: 'unknown',
      totals: null,
      tables: [{ name: 'app_events', kind: 'table', rows: 50 }],
    });
    const [best] = found.candidates;
    expect(best).toMatchObject({
      score: 0.97,
      mapping: { table: 'app_events', actor: 'user_id', event: { column: 'event' }, time: { column: 'created_at' } },
    });
    expect(best?.reasons).toHaveLength(3);
    expect(
      inspectSource({ kind: 'sqlite', path: events, mapping: best?.mapping }, { scratchDir: folder }).totals,
    ).toMatchObject({ events: 50, actors: 7 });
  });
});
