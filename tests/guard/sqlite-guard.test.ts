import { createHash } from 'node:crypto';
import { copyFileSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decorateForbidden, decorateLegitimate } from './decorate.ts';
import { mutate } from './mutate.ts';
import { openGuarded, type Guarded } from './queries.ts';
import { FORBIDDEN, LEGITIMATE } from './sqlite-corpus.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-sqlite-guard-'));
const file = path.join(folder, 'events.db');
let guarded: Guarded;

function makeDatabase(target: string): void {
  const db = new DatabaseSync(target);
  db.exec(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL, data BLOB);
    INSERT INTO t VALUES (1, 'one', 1.5, x'00'), (2, 'zwei', 2.5, NULL), (3, 'drei; --', NULL, x'ff');
    CREATE INDEX t_name ON t(name);
    CREATE TABLE u (id INTEGER, name TEXT);
    INSERT INTO u VALUES (1, 'one'), (5, 'five');
    CREATE VIEW v AS SELECT id, name FROM t;
    CREATE TABLE "tabelle mit ""zeichen""" ("größe" INT, "select" INT, "from" INT);
    CREATE VIRTUAL TABLE words USING fts5(body);
    INSERT INTO words VALUES ('hello world');
    CREATE TABLE users (secret TEXT);
  `);
  db.close();
}

/** Every file of the folder: name, size, time of change and content. */
function treeOf(root: string): string {
  const lines = readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
  const parts = lines.map((name) => {
    const stat = lstatSync(path.join(root, name), { bigint: true });
    const content = stat.isFile() ? readFileSync(path.join(root, name)) : '';
    return `${name} ${stat.size} ${stat.mtimeNs} ${createHash('sha256').update(content).digest('hex')}`;
  });
  return parts.join('\n');
}

beforeAll(async () => {
  makeDatabase(file);
  makeDatabase(path.join(folder, 'secret.db'));
  guarded = await openGuarded({ kind: 'sqlite', path: file });
});
afterAll(async () => {
  await guarded.stop();
  rmSync(folder, { recursive: true, force: true });
});

const forbidden = decorateForbidden(FORBIDDEN.map((sql) => sql.replaceAll('$FOLDER', folder)));
const legitimate = decorateLegitimate(LEGITIMATE);

describe('the guard of files', () => {
  test(`${forbidden.length} forbidden statements: none answers, none leaves a trace`, async () => {
    expect(forbidden.length).toBeGreaterThanOrEqual(200);
    const before = treeOf(folder);
    const answered: string[] = [];
    for (const { sql } of forbidden) if ((await guarded.run(sql)).ok) answered.push(sql);
    expect(answered).toEqual([]);
    expect(treeOf(folder)).toBe(before);
  });

  test('what is left of the connection is as before: nothing attached, nothing temporary, still guarded', async () => {
    const names = await guarded.run('SELECT name FROM sqlite_schema UNION ALL SELECT name FROM sqlite_temp_schema');
    expect(names.ok && names.value.rows).toBe(12);
    const lists = await guarded.run('PRAGMA user_version');
    expect(lists.ok && lists.value.firstRows).toEqual([[0]]);
  });

  test(`${legitimate.length} legitimate statements run`, async () => {
    expect(legitimate.length).toBeGreaterThanOrEqual(400);
    const before = treeOf(folder);
    const refused: unknown[] = [];
    for (const { sql } of legitimate) {
      const answer = await guarded.run(sql);
      if (!answer.ok) refused.push({ sql, error: answer.error.message });
      else await guarded.queries.release(answer.value.resultId);
    }
    expect(refused).toEqual([]);
    expect(treeOf(folder)).toBe(before);
  });

  test('mutations of both corpora change nothing and kill nothing', async () => {
    const before = treeOf(folder);
    const pid = await guarded.pid();
    const bases = [...FORBIDDEN.map((sql) => sql.replaceAll('$FOLDER', folder)), ...LEGITIMATE];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bases),
        fc.constantFrom(...bases),
        fc.infiniteStream(fc.nat()),
        async (a, b, dice) => {
          const answer = await guarded.run(mutate(a, b, dice), { limits: { rows: 1_000, deadlineMs: 2_000 } });
          if (answer.ok) await guarded.queries.release(answer.value.resultId);
          expect(['E_ENGINE_LOST', 'E_INTERNAL']).not.toContain(answer.ok ? '' : answer.error.code);
        },
      ),
      { numRuns: 300, verbose: 1 },
    );
    expect(treeOf(folder)).toBe(before);
    expect(await guarded.pid()).toBe(pid);
  });

  test('a log beside the file is read through a private copy: the folder stays as it is', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'tributary-sqlite-wal-'));
    const live = path.join(home, 'live.db');
    const writer = new DatabaseSync(live);
    writer.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)');
    const copy = path.join(home, 'copy.db');
    for (const suffix of ['', '-wal']) copyFileSync(live + suffix, copy + suffix);
    writer.close();
    const before = treeOf(home);
    const other = await openGuarded({ kind: 'sqlite', path: copy });
    const answer = await other.run('SELECT count(*) FROM t');
    expect(answer.ok && answer.value.firstRows).toEqual([[2]]);
    expect(treeOf(home)).toBe(before);
    await other.stop();
    rmSync(home, { recursive: true, force: true });
  });
});
