import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError, type Inspection, type SourceRef } from '../../protocol/index.ts';
import { inspectSource } from '../../worker/source/inspect.ts';
import { openEventSource } from '../../worker/source/open-source.ts';
import { writeDatabase } from '../support/snapshot-file.ts';
import { hashFolder } from '../support/watch-files.ts';

let root = '';
let scratchDir = '';
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'tributary-hostile-'));
  scratchDir = path.join(root, 'scratch');
});
afterAll(() => {
  if (existsSync(path.join(root, 'readonly'))) chmodSync(path.join(root, 'readonly'), 0o755);
  rmSync(root, { recursive: true, force: true });
});

/** A folder of its own, so that anything made beside a file shows. */
function place(name: string): string {
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true });
  return path.join(folder, 'x.db');
}

function inspect(file: string, mapping?: SourceRef['mapping'], shouldStop?: () => boolean): Inspection {
  return inspectSource(
    { kind: 'sqlite', path: file, mapping },
    { scratchDir, ...(shouldStop === undefined ? {} : { shouldStop }) },
  );
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'ok';
  } catch (thrown) {
    return thrown instanceof EngineError ? thrown.code : String(thrown);
  }
}

const EVENTS =
  "CREATE TABLE log (who TEXT, what TEXT, at TEXT); INSERT INTO log VALUES ('ann', 'open', '2024-01-01 00:00:00'), ('bob', 'close', '2024-01-01 01:00:00');";
const MAPPING = {
  table: 'log',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'auto' as const },
};

describe('what is no regular file', () => {
  test.runIf(process.platform !== 'win32')('a pipe is refused at once', () => {
    const file = place('fifo');
    execFileSync('mkfifo', [file]);
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_FILE');
  });

  test.runIf(existsSync('/dev/zero'))('a link to a device is refused', () => {
    const file = place('zero');
    symlinkSync('/dev/zero', file);
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_FILE');
  });

  test('a folder, nothing, a dangling link and a link to itself', () => {
    const file = place('odd');
    expect(codeOf(() => inspect(path.dirname(file)))).toBe('E_NOT_A_FILE');
    expect(codeOf(() => inspect(file))).toBe('E_NOT_FOUND');
    symlinkSync(path.join(root, 'gone'), file);
    expect(codeOf(() => inspect(file))).toBe('E_NOT_FOUND');
    const loop = path.join(path.dirname(file), 'loop');
    symlinkSync(loop, loop);
    expect(codeOf(() => inspect(loop))).toBe('E_UNREADABLE');
  });

  test('an empty file, text, and a database cut in the middle of a page', () => {
    const file = place('text');
    writeFileSync(file, '');
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_DB');
    writeFileSync(file, 'user_id,event,time\n'.repeat(100));
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_DB');
    writeFileSync(file, Buffer.concat([Buffer.from('SQLite format 3\0\u0010\0'), Buffer.alloc(1000)]));
    expect(codeOf(() => inspect(file))).toBe('E_CORRUPT');
  });

  test('a link to a good database is followed', () => {
    const real = writeDatabase(place('linked'), EVENTS);
    const link = path.join(root, 'link.db');
    symlinkSync(real, link);
    expect(inspect(link).tables.map((t) => t.name)).toEqual(['log']);
  });
});

describe('files that SQLite would write beside', () => {
  function makeWal(name: string): { readonly file: string; readonly writer: Database.Database } {
    const file = place(name);
    const writer = new Database(file);
    writer.pragma('journal_mode = WAL');
    writer.exec(EVENTS);
    return { file, writer };
  }

  test('a write-ahead log with content is read, through a copy', () => {
    const { file, writer } = makeWal('wal');
    const before = readdirSync(path.dirname(file));
    expect(before).toContain('x.db-wal');
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(readdirSync(path.dirname(file))).toEqual(before);
    expect(inspect(file).tables[0]?.rows).toBe(2);
    writer.close();
  });

  test('a log-flagged file without its log leaves no trace', () => {
    const { file, writer } = makeWal('walless');
    writer.close();
    const before = hashFolder(path.dirname(file));
    expect(readdirSync(path.dirname(file))).toEqual(['x.db']);
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(hashFolder(path.dirname(file))).toBe(before);
  });

  test('several readers share one private copy, and it follows the file', () => {
    const { file, writer } = makeWal('shared');
    const ref: SourceRef = { kind: 'sqlite', path: file, mapping: MAPPING };
    const sources = [openEventSource(ref, { scratchDir }), openEventSource(ref, { scratchDir })];
    expect(new Set(sources.map((s) => s.fingerprint())).size).toBe(1);
    const first = sources[0]?.fingerprint();
    writer.exec("INSERT INTO log VALUES ('cid', 'open', '2024-01-01 02:00:00')");
    expect(sources[0]?.fingerprint()).not.toBe(first);
    expect(inspect(file, MAPPING).totals?.events).toBe(3);
    sources.forEach((s) => s.close());
    writer.close();
  });

  test('a hot journal is rolled back in the copy only', () => {
    const good = writeDatabase(place('journal-origin'), EVENTS);
    const file = place('journal');
    const script = `
      const Database = require('better-sqlite3'); const { copyFileSync } = require('node:fs');
      const db = new Database(${JSON.stringify(good)}); db.pragma('cache_size = 1'); db.pragma('cache_spill = ON');
      db.exec("BEGIN; CREATE TABLE filler (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO filler SELECT randomblob(500) FROM n; DELETE FROM log;");
      copyFileSync(${JSON.stringify(good)}, ${JSON.stringify(file)}); copyFileSync(${JSON.stringify(`${good}-journal`)}, ${JSON.stringify(`${file}-journal`)});
      process.kill(process.pid, 'SIGKILL');`;
    spawnSync(process.execPath, ['-e', script], { cwd: path.join(import.meta.dirname, '../..') });
    expect(statSync(`${file}-journal`).size).toBeGreaterThan(512);
    const before = hashFolder(path.dirname(file));
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(hashFolder(path.dirname(file))).toBe(before);
  });

  test('a read-only folder', () => {
    const file = writeDatabase(place('readonly'), EVENTS);
    chmodSync(file, 0o444);
    chmodSync(path.dirname(file), 0o555);
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(readdirSync(path.dirname(file))).toEqual(['x.db']);
  });

  test('a locked file is busy, not broken', () => {
    const file = writeDatabase(place('locked'), EVENTS);
    const writer = new Database(file);
    writer.exec("BEGIN EXCLUSIVE; INSERT INTO log VALUES ('x', 'y', 'z')");
    expect(codeOf(() => inspect(file))).toBe('E_BUSY');
    writer.exec('ROLLBACK');
    writer.close();
    expect(codeOf(() => inspect(file))).toBe('ok');
  });
});

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
