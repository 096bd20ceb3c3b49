import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Mapping } from '../../../protocol/index.ts';
import { generateSample } from '../../../samples/generate-sample.ts';
import { randomOf } from '../../../tests/support/random-log.ts';
import { writeRandomSnapshot } from '../../../tests/support/random-snapshot.ts';
import { readPages, readRows } from '../../../tests/support/read-both-ways.ts';
import { writeDatabase } from '../../../tests/support/snapshot-file.ts';
import type { EventSource, SliceRequest } from '../event-source.ts';
import { openEventSource } from '../open-source.ts';

let folder = '';
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-pages-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newFile = (): string => path.join(folder, `${count++}.db`);
const open = (file: string, mapping: Mapping | null = null): EventSource =>
  openEventSource({ kind: 'sqlite', path: file, mapping }, { scratchDir: path.join(folder, 'scratch') });

const FIRST: SliceRequest = {
  kept: { events: true, recordedAt: false, properties: [] },
  actorProperty: null,
  counting: true,
};
const LATER: SliceRequest = {
  kept: { events: false, recordedAt: true, properties: ['plan', 'amount', 'user_id', '$event', '$actor', 'none'] },
  actorProperty: null,
  counting: false,
};
const BY_PLAN: SliceRequest = { ...LATER, kept: { ...LATER.kept, events: true }, actorProperty: 'plan' };

/** Reads every slice both ways; how many of them the page reader took. */
function expectEqual(source: EventSource, requests: readonly SliceRequest[], parts: number, label: string): number {
  let taken = 0;
  for (const request of requests) {
    const slices = request.counting ? source.uncountedSlices(parts) : source.slices({ from: null, to: null }, parts);
    for (const slice of slices) {
      const pages = readPages(source, slice, request);
      if (typeof pages === 'string') continue;
      expect(pages, `${label}, ${taken}`).toEqual(readRows(source, slice, request));
      taken++;
    }
  }
  return taken;
}

describe('the page reader finds what a scan finds', () => {
  test('in a sample with all its dirt', () => {
    const file = newFile();
    generateSample({ out: file, users: 600, seed: 5 });
    const source = open(file);
    const properties = ['plan_id', 'amount_cents', 'shop_id', 'due_at', 'country'];
    const later = { ...LATER, kept: { ...LATER.kept, properties } };
    for (const parts of [1, 3]) expect(expectEqual(source, [FIRST, later, BY_PLAN], parts, 'sample')).toBe(3 * parts);
    source.close();
  });

  test('in random rows on pages of any size', { timeout: 60_000 }, () => {
    const seed = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
    let taken = 0;
    for (let round = 0; round < 40; round++) {
      const random = randomOf(seed + round);
      const file = newFile();
      const pageSize = 512 * 2 ** Math.floor(random() * 8);
      const dirt = round % 4 === 0 ? 0.9 : 0.1;
      writeRandomSnapshot(file, random, { rows: Math.floor(random() * 900), pageSize, dirt });
      const source = open(file);
      const label = `seed ${seed}, round ${round}, pages of ${pageSize}`;
      taken += expectEqual(source, [FIRST, LATER, BY_PLAN], 1 + Math.floor(random() * 3), label);
      source.close();
    }
    expect(taken).toBeGreaterThan(80);
  });

  test('in names of every length, alike but for one character, in more numbers than a dictionary begins with', () => {
    const names = Array.from({ length: 9_000 }, (_, i) => {
      const size = i % 41;
      const text = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'.slice(0, size);
      const at = Math.min(size, (i >> 6) % 20);
      return `${text.slice(0, at)}${String.fromCharCode(48 + (i % 23))}${text.slice(at)}`;
    });
    const file = newFile();
    const db = new Database(file);
    db.exec('CREATE TABLE log (who TEXT, at INTEGER, what TEXT, data TEXT)');
    const insert = db.prepare("INSERT INTO log VALUES (?, ?, 'open', ?)");
    db.transaction(() => {
      for (const [i, name] of names.entries()) insert.run(name, 1_700_000_000 + i, JSON.stringify({ name, i }));
      for (const [i, name] of names.entries())
        insert.run(`${name}${i}`, 1_700_000_000 - i, JSON.stringify({ i, name }));
      for (const [i, name] of names.entries()) insert.run(name, 1_700_000_000, `{"i": ${i}, "name": "${name}"}`);
    })();
    db.close();
    const mapping = { table: 'log', actor: 'who', event: { column: 'what' }, json: 'data' };
    const source = open(file, { ...mapping, time: { column: 'at', format: 'seconds' } });
    const kept = { events: true, recordedAt: false, properties: ['name', 'i', '$actor'] };
    expect(expectEqual(source, [{ kept, actorProperty: null, counting: true }], 1, 'names')).toBe(1);
    source.close();
  });

  test('in a mapped table, with times of every kind', () => {
    const file = writeDatabase(
      newFile(),
      `CREATE TABLE log (id INTEGER PRIMARY KEY, who TEXT, at, what TEXT, plan TEXT, data TEXT);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
       INSERT INTO log SELECT NULL, iif(i % 50, 'user ' || (i % 97), NULL), 1700000000 + i * 61, iif(i % 3, 'view', 'click'),
         iif(i % 5, 'p' || (i % 7), NULL), '{"size":' || i || '}' FROM n;`,
    );
    const base = { table: 'log', actor: 'who', event: { column: 'what' }, json: 'data' };
    const db = new Database(file);
    const forms = [
      ['seconds', 'at'],
      ['milliseconds', 'at * 1000'],
      ['microseconds', 'at / 1000 * 1000000'],
      ['iso', "strftime('%Y-%m-%d %H:%M:%S', at / 1000000, 'unixepoch')"],
      ['iso', "replace(at, ' ', 'T') || 'Z'"],
      ['iso', "substr(at, 1, 19) || '.120Z'"],
    ] as const;
    for (const [format, expression] of forms) {
      db.exec(`UPDATE log SET at = ${expression}`);
      const source = open(file, { ...base, time: { column: 'at', format } });
      const kept = { events: true, recordedAt: false, properties: ['plan', 'size', 'what', 'who', 'nothing'] };
      const request = { kept, actorProperty: null, counting: true };
      expect(expectEqual(source, [request, { ...request, actorProperty: 'plan' }], 2, expression)).toBe(4);
      source.close();
    }
    db.close();
  });
});

describe('says why a file is not for it', () => {
  const reasonOf = (file: string, mapping: Mapping | null = null, request = FIRST): string => {
    const source = open(file, mapping);
    try {
      const [slice] = source.uncountedSlices(1);
      const read = slice === undefined ? 'no rows' : readPages(source, slice, request);
      return typeof read === 'string' ? read : 'taken';
    } finally {
      source.close();
    }
  };
  const MODEL =
    'CREATE TABLE global_events (ts TEXT, event_id TEXT, event_time INTEGER, event_type TEXT, metadata TEXT';
  const ROW = `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata) VALUES ('2024-01-01T00', 'e', 1704067200000, 'open', '{"user_id":"u"}');`;

  test('encodings, keys, computed columns, text that is no UTF-8', () => {
    expect(reasonOf(writeDatabase(newFile(), `${MODEL}); ${ROW}`))).toBe('taken');
    expect(reasonOf(writeDatabase(newFile(), `PRAGMA encoding = 'UTF-16le'; ${MODEL}); ${ROW}`))).toContain('UTF-8');
    expect(reasonOf(writeDatabase(newFile(), `${MODEL}, PRIMARY KEY (ts, event_id)) WITHOUT ROWID; ${ROW}`))).toContain(
      'rowid',
    );
    expect(reasonOf(writeDatabase(newFile(), `${MODEL}, twice AS (event_time * 2)); ${ROW}`))).toContain('generated');
    const cut = `${MODEL}); ${ROW} UPDATE global_events SET event_type = CAST(x'61ff62' AS TEXT);`;
    expect(reasonOf(writeDatabase(newFile(), cut))).toContain('no UTF-8');
    const real = `${MODEL.replace('event_type TEXT', 'event_type REAL')}); ${ROW}`;
    expect(reasonOf(writeDatabase(newFile(), real))).toContain('real numbers');
  });

  test('views and filters', () => {
    const file = writeDatabase(
      newFile(),
      "CREATE TABLE log (a TEXT, b TEXT, t TEXT); INSERT INTO log VALUES ('u', 'e', '2024-01-01 00:00:00'); CREATE VIEW v AS SELECT * FROM log;",
    );
    const mapping = {
      table: 'log',
      actor: 'a',
      event: { column: 'b' },
      time: { column: 't', format: 'iso' as const },
    };
    expect(reasonOf(file, mapping)).toBe('taken');
    expect(reasonOf(file, { ...mapping, filter: "b = 'e'" })).toContain('filter');
    expect(reasonOf(file, { ...mapping, table: 'v' })).toContain('view');
    expect(reasonOf(file, { ...mapping, event: { constant: 'e' } })).toContain('one event');
  });

  test('a file with mostly odd rows, and a request for some hours', () => {
    const file = newFile();
    const db = new Database(file);
    db.exec(`${MODEL});`);
    const insert = db.prepare("INSERT INTO global_events VALUES ('?', 'e', 1704067200000, 'open', ?)");
    db.transaction(() => {
      for (let i = 0; i < 30_000; i++) insert.run(`{"user_id":"u${i}"}`);
    })();
    db.close();
    expect(reasonOf(file)).toContain('plain form');
    const source = open(file);
    const [slice] = source.slices({ from: '2024-01-01T00', to: null }, 1);
    expect(slice === undefined ? '' : readPages(source, slice, LATER)).toContain('hours');
    source.close();
  });

  test('a damaged cell behind the last row, in a page that SQLite comes by and checks', () => {
    const fill = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
      INSERT INTO global_events SELECT '2024-01-01T00', 'e' || i, 1704067200000 + i, 'open', '{"user_id":"u"}' FROM n;`;
    const file = writeDatabase(newFile(), `PRAGMA page_size = 512; ${MODEL}); ${fill}`);
    const db = new Database(file, { readonly: true });
    const root = db.prepare<[], number>('SELECT rootpage FROM sqlite_schema').pluck().get() ?? 0;
    db.close();
    const bytes = readFileSync(file);
    const at = 512 * (root - 1);
    const leaf = (cell: number): number => 512 * (bytes.readUInt32BE(at + bytes.readUInt16BE(at + 12 + 2 * cell)) - 1);
    const [first, second] = [leaf(0), leaf(1)];
    // The last leaf repeats the first: all rows of the table are those of the first, and the scan ends in the second.
    bytes.copyWithin(512 * (bytes.readUInt32BE(at + 8) - 1), first, first + 512);
    writeFileSync(file, bytes);
    expect(reasonOf(file)).toBe('taken');
    bytes.writeUInt16BE(511, second + 8 + 2 * (bytes.readUInt16BE(second + 3) - 1));
    writeFileSync(file, bytes);
    expect(reasonOf(file)).toContain('not in order');
    const source = open(file);
    const [slice] = source.uncountedSlices(1);
    expect(() => slice && readRows(source, slice, FIRST)).toThrow('damaged');
    source.close();
  });

  test('a private copy of a file with a write-ahead log is read by its pages', () => {
    const file = newFile();
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    db.exec(`${MODEL}); ${ROW}`);
    expect(reasonOf(file)).toBe('taken');
    db.close();
  });
});
