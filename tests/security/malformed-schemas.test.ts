import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEventSource } from '../../worker/source/open-source.ts';
import { writeDatabase } from '../support/snapshot-file.ts';
import { codeOf, EVENTS, MAPPING, makeHostileFiles } from './hostile.ts';

const { root, scratchDir, place, inspect } = makeHostileFiles();

describe('valid files that mean harm', () => {
  test('views are never run on inspection', () => {
    const doubling = Array.from(
      { length: 30 },
      (_, i) => `CREATE VIEW v${i + 1} AS SELECT a.at AS at FROM v${i} a, v${i} b;`,
    ).join('');
    const file = writeDatabase(
      place('views'),
      `${EVENTS} CREATE VIEW v0 AS SELECT at FROM log; ${doubling}
       CREATE VIEW endless (who, what, at) AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'u' || i, 'e', i + 1700000000 FROM n;
       CREATE VIEW bomb AS SELECT randomblob(500000000) AS who, 1 AS at;
       CREATE VIEW broken AS SELECT * FROM gone;`,
    );
    const found = inspect(file);
    expect(found.tables.filter((t) => t.kind === 'view').every((t) => t.rows === null)).toBe(true);
    expect(found.tables.find((t) => t.name === 'endless')?.columns.map((c) => c.name)).toEqual(['who', 'what', 'at']);
    // Unfolding v30 would take 2^30 selects: it is listed only.
    expect(found.tables.find((t) => t.name === 'v30')?.columns).toEqual([]);
    expect(found.tables.find((t) => t.name === 'v3')?.columns.map((c) => c.name)).toEqual(['at']);
    expect(codeOf(() => inspect(file, { ...MAPPING, table: 'v30' }))).toBe('E_LIMIT');
  });

  test('an endless view, mapped on purpose, can be stopped', () => {
    const file = path.join(root, 'views', 'x.db');
    const mapping = {
      table: 'endless',
      actor: 'who',
      event: { column: 'what' },
      time: { column: 'at', format: 'seconds' as const },
    };
    let asked = 0;
    expect(codeOf(() => inspect(file, mapping, () => ++asked > 3))).toBe('E_CANCELLED');
    expect(asked).toBe(4);
    const source = openEventSource({ kind: 'sqlite', path: file, mapping }, { scratchDir });
    const [slice] = source.slices({ from: null, to: null }, 2);
    if (slice === undefined) throw new Error('a view is one slice');
    const scan = source.scan(slice, { properties: [], recordedAt: false, actorProperty: null });
    expect(scan.next().done).toBe(false);
    scan.return(undefined as never);
    source.close();
  });

  test('UTF-16, WITHOUT ROWID, a column called rowid, odd names', () => {
    const file = writeDatabase(
      place('utf16'),
      `PRAGMA encoding = 'UTF-16be';
       CREATE TABLE "wo ""rowid" ("wer?" TEXT, "at;--" TEXT, PRIMARY KEY ("wer?", "at;--")) WITHOUT ROWID;
       INSERT INTO "wo ""rowid" VALUES ('zoë', '2024-01-01'), ('美咲', '2024-01-02');
       CREATE TABLE shadow (rowid TEXT, oid TEXT, _rowid_ TEXT, at TEXT); INSERT INTO shadow VALUES ('a', 'b', 'c', '2024-01-01');`,
    );
    const found = inspect(file, {
      table: 'wo "rowid',
      actor: 'wer?',
      event: { constant: 'e' },
      time: { column: 'at;--', format: 'auto' },
    });
    expect(found.totals).toMatchObject({ events: 2, actors: 2, lastTime: '2024-01-02T00:00:00.000Z' });
    expect(
      inspect(file, {
        table: 'shadow',
        actor: 'rowid',
        event: { column: 'oid' },
        time: { column: 'at', format: 'auto' },
      }).totals?.events,
    ).toBe(1);
  });

  test('huge values, a thousand columns, thousands of tables', () => {
    const columns = Array.from({ length: 1_000 }, (_, i) => `c${i}`).join(', ');
    const tables = Array.from({ length: 3_000 }, (_, i) => `CREATE TABLE t${i} (user_id, event, time);`).join('');
    const file = writeDatabase(
      place('huge'),
      `CREATE TABLE wide (${columns}); INSERT INTO wide (c0) VALUES (1); BEGIN; ${tables} COMMIT;
       CREATE TABLE fat (user_id, event, time, metadata); INSERT INTO fat VALUES (zeroblob(50000000), 'e', '2024-01-01', 'x'), (1e308, 9223372036854775807, -1e308, NULL), ('a', 'b', 9e999, 'c'), ('u', 'e', '2024-01-01', '{}');`,
    );
    const found = inspect(file);
    expect(found.tables).toHaveLength(3_002);
    const mapped = inspect(file, {
      table: 'fat',
      actor: 'user_id',
      event: { column: 'event' },
      time: { column: 'time', format: 'iso' },
      json: 'metadata',
    });
    expect(mapped.totals?.events).toBe(2);
    expect(mapped.issues.find((i) => i.kind === 'unreadable_time')?.rows).toBe(2);
  });

  test('a schema that calls functions with side effects is not trusted', () => {
    const file = writeDatabase(
      place('triggers'),
      `${EVENTS} CREATE VIEW leak AS SELECT load_extension('x') AS who, 1 AS at;`,
    );
    expect(codeOf(() => inspect(file))).toBe('ok');
    expect(
      codeOf(() =>
        inspect(file, {
          table: 'leak',
          actor: 'who',
          event: { constant: 'e' },
          time: { column: 'at', format: 'seconds' },
        }),
      ),
    ).not.toBe('ok');
  });

  test('a file replaced while it is open is another file', () => {
    const file = writeDatabase(place('replaced'), EVENTS);
    const source = openEventSource({ kind: 'sqlite', path: file, mapping: MAPPING }, { scratchDir });
    const before = source.fingerprint();
    expect(source.fingerprint()).toBe(before);
    const other = writeDatabase(
      path.join(root, 'other.db'),
      `${EVENTS} INSERT INTO log VALUES ('x', 'y', '2024-01-01');`,
    );
    copyFileSync(other, file);
    expect(source.fingerprint()).not.toBe(before);
    source.close();
  });
});
