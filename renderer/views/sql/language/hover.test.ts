import { describe, expect, test } from 'vitest';
import { EXAMPLE } from './example-catalogue.ts';
import { callAt, meaningAt } from './hover.ts';

const at = (marked: string) => meaningAt(marked.replace('|', ''), marked.indexOf('|'), EXAMPLE);

describe('what a name means', () => {
  test('a column, by its source', () => {
    expect(at('SELECT e.event_|type FROM global_events e')).toMatchObject({
      kind: 'column',
      column: { name: 'event_type', type: 'TEXT' },
      source: { name: 'e' },
      start: 9,
      end: 19,
    });
    expect(at('SELECT amou|nt FROM shops s JOIN orders ON 1')).toMatchObject({
      kind: 'column',
      source: { name: 'orders' },
    });
  });
  test('a column that a CTE passes on keeps its type', () =>
    expect(at('WITH a AS (SELECT amount AS money FROM orders) SELECT mon|ey FROM a')).toMatchObject({
      kind: 'column',
      column: { type: 'REAL' },
    }));
  test('tables, aliases, CTEs', () => {
    expect(at('SELECT 1 FROM glob|al_events')).toMatchObject({ kind: 'table', table: { name: 'global_events' } });
    expect(at('SELECT |e.ts FROM global_events e')).toMatchObject({ kind: 'table', alias: 'e' });
    expect(at('WITH a AS (SELECT 1 AS x) SELECT x FROM |a')).toMatchObject({
      kind: 'cte',
      columns: [{ name: 'x', type: 'integer' }],
    });
  });
  test('functions, and their parameter at the cursor', () => {
    expect(at('SELECT rou|nd(1.5)')).toMatchObject({ kind: 'function', fn: { name: 'round' } });
    const call = (marked: string) => callAt(marked.replace('|', ''), marked.indexOf('|'), EXAMPLE);
    expect(call('SELECT substr(a, (1 + 2), |)')).toMatchObject({ fn: { name: 'substr' }, parameter: 2 });
    expect(call('SELECT (1, |)')).toBeNull();
    expect(call('SELECT substr(a, 1) |')).toBeNull();
  });
  test('nothing for keywords and values', () => {
    expect(at('SEL|ECT 1 FROM orders')).toBeNull();
    expect(at("SELECT 'am|ount' FROM orders")).toBeNull();
  });
});
