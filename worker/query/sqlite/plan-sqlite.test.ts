import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanNode } from '../../../protocol/query-schema.ts';
import { estimateSqlite, explainSqlite } from './plan-sqlite.ts';

let db: DatabaseSync;
beforeAll(() => {
  db = new DatabaseSync(':memory:');
  db.exec(`CREATE TABLE events (actor TEXT, kind TEXT); CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
    CREATE INDEX by_actor ON events (actor);
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO events SELECT i, 'x' FROM n;
    INSERT INTO people VALUES (1, 'a'), (2, 'b');
    CREATE TABLE plans (id TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO plans VALUES ('x'), ('y'), ('z');`);
});
afterAll(() => db.close());

describe('what a statement reads, told before it runs', () => {
  it.each([
    ['SELECT * FROM events AS e', 'Reads events whole: about 1,000 rows.'],
    ['SELECT count(*) FROM events e', 'Reads events whole: about 1,000 rows.'],
    ['SELECT actor FROM events e ORDER BY actor', 'Reads events whole: about 1,000 rows.'],
    ['SELECT kind, count(*) FROM (SELECT * FROM events x) GROUP BY 1', 'Reads events whole: about 1,000 rows.'],
    ['SELECT * FROM people p JOIN events e ON e.actor = p.name', 'Reads people whole: about 2 rows.'],
    ["SELECT * FROM events e WHERE actor = '7'", 'Looks rows up by an index, or reads no table.'],
    ["SELECT * FROM events e WHERE actor > '7'", 'Reads a range, by an index, of events (actor>?).'],
    ['SELECT * FROM people p WHERE id BETWEEN 1 AND 2', 'Reads a range, by an index, of people (rowid>? AND rowid<?).'],
    ['SELECT * FROM plans', 'Reads plans whole: about 3 rows.'],
    ['VALUES (1), (2)', 'Looks rows up by an index, or reads no table.'],
    ['EXPLAIN QUERY PLAN SELECT 1', 'Reads no table.'],
  ])('%s', (sql, text) => {
    expect(estimateSqlite(db, sql).text).toBe(text);
  });
});

describe('a plan', () => {
  it('is in words', () => {
    const sql = 'SELECT kind, (SELECT 1) FROM events GROUP BY 1 UNION SELECT name, id FROM people ORDER BY 2';
    expect(explainSqlite(db, sql).text).not.toMatch(/TEMP B-TREE|SUBQUERY|COMPOUND/);
    expect(explainSqlite(db, 'SELECT kind FROM events GROUP BY 1').roots.map(({ title }) => title)).toEqual([
      'Scan',
      'Sort for GROUP BY',
    ]);
  });

  it.each([
    ['SELECT * FROM events e /* x */ JOIN "people" AS "P" ON p.name = e.actor', ['events AS e', 'people AS P']],
    ['SELECT * FROM events WHERE actor IN (SELECT name FROM main.people q)', ['events', 'people AS q']],
    // Two tables of one alias, a named part, and a word that only looks like an alias.
    ['SELECT (SELECT name FROM people x WHERE x.name > 0 LIMIT 1) FROM events x', ['x', 'x']],
    ["WITH w AS (SELECT 'events e' AS t FROM plans) SELECT * FROM w CROSS JOIN people", ['plans', 'people']],
  ])('names the table of an alias: %s', (sql, expected) => {
    const listOf = (nodes: readonly PlanNode[]): string[] =>
      nodes.flatMap(({ title, on, children }) => [
        ...(on === null || !/Scan|Search/.test(title) ? [] : [on]),
        ...listOf(children),
      ]);
    expect(listOf(explainSqlite(db, sql).roots).toSorted()).toEqual(expected.toSorted());
  });
});
