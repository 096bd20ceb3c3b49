import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../protocol/query-schema.ts';
import { tokenize } from './lexer.ts';
import { findParameters, findStatements, findUnnamed, numberParameters } from './statements.ts';

const cut = (sql: string, dialect: Dialect): string[] =>
  findStatements(sql, dialect).map(({ from, to }) => sql.slice(from, to));

describe('statements of a text', () => {
  test.each([
    ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    [" ; -- only a comment;\n ; SELECT ';' ; ", ["SELECT ';'"]],
    ["SELECT 'it''s; fine'; /* ; */ SELECT \"a;b\"", ["SELECT 'it''s; fine'", 'SELECT "a;b"']],
    ['SELECT 1 -- ;\n + 1; SELECT 2', ['SELECT 1 -- ;\n + 1', 'SELECT 2']],
    ['', []],
  ])('in both dialects: %s', (sql, expected) => {
    expect(cut(sql, 'sqlite')).toEqual(expected);
    expect(cut(sql, 'postgres')).toEqual(expected);
  });

  test.each([
    ['SELECT $$a;b$$; SELECT $x$ $$ ; $x$', ['SELECT $$a;b$$', 'SELECT $x$ $$ ; $x$']],
    ["SELECT E'a\\';b'; SELECT 2", ["SELECT E'a\\';b'", 'SELECT 2']],
    ['SELECT /* a /* ; */ ; */ 1', ['SELECT /* a /* ; */ ; */ 1']],
  ])('of Postgres alone: %s', (sql, expected) => {
    expect(cut(sql, 'postgres')).toEqual(expected);
  });

  test('of SQLite alone: names in brackets and backticks', () => {
    expect(cut('SELECT [a;b], `c;d`; SELECT 2', 'sqlite')).toEqual(['SELECT [a;b], `c;d`', 'SELECT 2']);
  });

  test('tokens cover the text without a gap', () => {
    const sql = 'SELECT a.b::int, \'x\' /* y */ FROM "t" WHERE c >= :from -- z';
    expect(
      tokenize(sql, 'postgres')
        .map(({ from, to }) => sql.slice(from, to))
        .join(''),
    ).toBe(sql);
  });
});

describe('parameters', () => {
  test('are found where they are SQL, not text, casts or slices', () => {
    const sql = "SELECT :from, ':no', a::text, arr[1:n], :to /* :no */ , :from";
    expect(findParameters(sql, 'postgres')).toEqual(['from', 'to']);
    expect(findParameters("SELECT :from, ':no', :to", 'sqlite')).toEqual(['from', 'to']);
  });

  test('become numbers, and places can be found again', () => {
    const sql = 'SELECT :first + :second + :first, x';
    const { text, names, toOriginal } = numberParameters(sql);
    expect(text).toBe('SELECT $1 + $2 + $1, x');
    expect(names).toEqual(['first', 'second']);
    expect(toOriginal(text.indexOf('x'))).toBe(sql.indexOf('x'));
    expect(toOriginal(0)).toBe(0);
  });
});

test.each([
  ['SELECT ?', '?'],
  ['SELECT a, ?12 FROM t', '?12'],
  ['SELECT :1', ':1'],
  ['SELECT @who', '@who'],
  ['SELECT $who', '$who'],
  ['SELECT \'?\', "@a", [$b], a$b, :named -- ?', null],
])('parameters of SQLite that no value can be given for: %s', (sql, unnamed) => {
  const found = findUnnamed(sql, 'sqlite');
  expect(found === null ? null : sql.slice(found.from, found.to)).toBe(unnamed);
});

test.each([
  ['SELECT $1', '$1'],
  ['SELECT :a, $12', '$12'],
  ["SELECT '$1', $$ $1 $$, a$1, data ? 'key', data @> :a, arr[1:2] -- $1", null],
])('parameters of Postgres that no value can be given for: %s', (sql, unnamed) => {
  const found = findUnnamed(sql, 'postgres');
  expect(found === null ? null : sql.slice(found.from, found.to)).toBe(unnamed);
});
