import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTold } from '../../worker/query/read-memory.ts';
import { MemoryTeller } from '../../worker/query/tell-memory.ts';
import { openGuarded, type Guarded } from './queries.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-memory-'));
const file = path.join(folder, 'events.db');
const LIMITS = { memoryBytes: 180_000_000, deadlineMs: 120_000 };
let guarded: Guarded;

beforeAll(async () => {
  const db = new DatabaseSync(file);
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'one'), (2, 'two')");
  db.close();
  guarded = await openGuarded({ kind: 'sqlite', path: file });
});
afterAll(async () => {
  await guarded?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rows = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
/** So many columns, each made by `expression`, in which `#` is the number of the column. */
const columns = (count: number, expression: string): string =>
  Array.from({ length: count }, (_, at) => `${expression.replaceAll('#', String(at))} AS c${at}`).join(', ');

/** Each wants gigabytes: in one call, in one step, in one row, or little by little. */
const BOMBS: Readonly<Record<string, string>> = {
  'a text of all rows': `${rows(1_000)} SELECT group_concat(hex(randomblob(1000000))) FROM n`,
  'many texts of all rows, none too large': `${rows(50)} SELECT ${columns(60, "group_concat(hex(randomblob(400000)), '#')")} FROM n`,
  'a JSON of all rows': `${rows(1_000)} SELECT json_group_array(hex(randomblob(1000000))) FROM n`,
  'many JSONs of all rows, none too large': `${rows(50)} SELECT ${columns(60, "json_group_object(i, hex(randomblob(400000)) || '#')")} FROM n`,
  'a text that doubles':
    "WITH RECURSIVE s(x) AS (SELECT 'x' UNION ALL SELECT x || x FROM s) SELECT max(length(x)) FROM s",
  'printf with a width': `SELECT ${columns(100, "printf('%*d', 60000000 - #, 1)")}`,
  'printf with a precision': `SELECT ${columns(100, "printf('%.*c', 60000000 - #, 'x')")}`,
  'zeroes in hex': `SELECT ${columns(100, 'hex(zeroblob(30000000 - #))')}`,
  'zeroes as they are': `SELECT ${columns(200, 'zeroblob(60000000 - #)')}`,
  'random bytes': `SELECT ${columns(100, 'randomblob(60000000 - #)')}`,
  'replacing a little by much': `SELECT ${columns(100, "replace(hex(zeroblob(500000 - #)), '0', hex(zeroblob(25)))")}`,
  'a value of which only the length is wanted': `SELECT length(${Array.from({ length: 100 }, (_, at) => `hex(zeroblob(${20_000_000 - at}))`).join(') + length(')})`,
  'numbers of which the middle is wanted': `${rows(1_000_000_000)} SELECT median(i) FROM n`,
  'large values of many tables in one row': `SELECT ${columns(60, 'a#.v')} FROM ${Array.from({ length: 60 }, (_, at) => `(SELECT hex(randomblob(10000000)) AS v) a${at}`).join(', ')}`,
};

describe('statements that want all the memory there is', () => {
  test.each(Object.entries(BOMBS))(
    '%s: ended by the limit of memory, and nothing else is touched',
    async (_, sql) => {
      const before = process.memoryUsage.rss();
      const answer = await guarded.run(sql, { limits: LIMITS });
      expect(answer).toMatchObject({
        ok: false,
        error: { code: 'E_LIMIT', hint: expect.stringMatching(/fewer|part of it/) as string },
      });
      expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);
      expect(await guarded.run('SELECT count(*) FROM t')).toMatchObject({ ok: true, value: { firstRows: [[2]] } });
      expect(readdirSync(folder)).toEqual(['events.db']);
    },
    200_000,
  );
});

test('where the system does not tell the memory of a process, it tells it itself, whatever it computes', () => {
  const told = mkdtempSync(path.join(tmpdir(), 'tributary-told-'));
  const teller = new MemoryTeller(told);
  try {
    teller.setBusy(true);
    const read = (): number => {
      // Nothing else runs in this thread meanwhile, as in one call of SQLite.
      for (;;)
        try {
          return readTold(process.pid, told);
        } catch {
          // It has told nothing yet.
        }
    };
    const before = read();
    expect(before).toBeGreaterThan(20_000_000);
    const large = Buffer.alloc(300_000_000, 1);
    while (read() < before + 250_000_000);
    expect(large[0]).toBe(1);
  } finally {
    void teller.stop();
    rmSync(told, { recursive: true, force: true });
  }
}, 60_000);
