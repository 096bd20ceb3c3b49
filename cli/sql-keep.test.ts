import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';

const PROGRAM = path.join(import.meta.dirname, 'tributary.ts');
const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-cli-keep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = path.join(folder, 'shop.db');
const db = new DatabaseSync(file);
db.exec(`
  CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer TEXT);
  INSERT INTO orders VALUES (1, 'ann'), (2, 'bob'), (3, 'ann'), (4, 'cid');
`);
db.close();

function sql(statement: string, ...more: readonly string[]) {
  const env = { ...process.env, TRIBUTARY_DATA_DIR: path.join(folder, 'data') };
  return spawnSync(process.execPath, [PROGRAM, 'sql', file, statement, ...more], { encoding: 'utf8', env });
}

test('sql --keep: the rows are a local table of the data folder, which the next command joins', () => {
  const keep = (...more: readonly string[]) =>
    sql('SELECT buyer, count(*) AS n FROM orders GROUP BY 1 HAVING n > 1', ...more);
  const kept = keep('--keep', 'regulars');
  expect([kept.status, kept.stdout]).toEqual([0, '']);
  expect(kept.stderr).toMatch(/^1 rows, \d+ bytes: scratch\.regulars$/m);
  const joined = sql('SELECT id FROM orders JOIN scratch.regulars USING (buyer) ORDER BY 1', '--format', 'jsonl');
  expect(joined.stdout).toBe('{"id":1}\n{"id":3}\n');
  expect(keep('--keep', 'regulars').stderr).toContain('E_EXISTS');
  expect(keep('--keep', 'regulars', '--replace').status).toBe(0);
  expect(keep('--keep', '1 x').status).toBe(2);
  expect(keep('--keep', 'x', '--format', 'csv').status).toBe(2);
  expect(sql('DELETE FROM scratch.regulars').status).toBe(4);
});
