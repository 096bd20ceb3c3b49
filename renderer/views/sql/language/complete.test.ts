import { describe, expect, test } from 'vitest';
import type { Catalogue } from './catalogue.ts';
import { complete } from './complete.ts';
import { EXAMPLE, EXAMPLE_POSTGRES } from './example-catalogue.ts';
import type { Suggestion } from './suggestion.ts';

/** `|` is the cursor. */
function at(marked: string, catalogue: Catalogue = EXAMPLE) {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const completion = complete({
    text,
    offset,
    catalogue,
    parameters: ['shop'],
    valuesOf: (key) => (key === 'plan' ? [{ name: 'pro', count: 12 }] : []),
  });
  return { ...completion, replaced: text.slice(completion.from, completion.to) };
}
const labels = (
  marked: string,
  kinds: readonly Suggestion['kind'][] = ['column'],
  catalogue: Catalogue = EXAMPLE,
): readonly string[] =>
  at(marked, catalogue)
    .suggestions.filter((s) => kinds.includes(s.kind))
    .toSorted((a, b) => a.rank - b.rank)
    .map((s) => s.label);

const EVENTS = ['ts', 'event_id', 'event_time', 'event_type', 'metadata'];

describe('sources', () => {
  test('tables and views after FROM, with their rows', () => {
    expect(labels('SELECT * FROM |', ['table'])).toEqual(['global_events', 'shops', 'orders']);
    const [first] = at('SELECT * FROM |').suggestions;
    expect(first).toMatchObject({ label: 'global_events', note: '25K rows', detail: 'table' });
  });
  test('half a name is replaced, also before a semicolon', () =>
    expect(at('SELECT * FROM glo|;').replaced).toBe('glo'));
  test('after a comma and after JOIN', () => {
    expect(labels('SELECT * FROM shops, |', ['table'])).toContain('orders');
    expect(labels('SELECT * FROM shops s LEFT JOIN |', ['table'])).toContain('orders');
  });
  test('not after a source: there the next clause', () => {
    expect(labels('SELECT * FROM shops |', ['table'])).toEqual([]);
    expect(labels('SELECT * FROM shops |', ['keyword'])).toEqual(expect.arrayContaining(['WHERE', 'JOIN', 'GROUP BY']));
  });
  test('CTEs first, and only those that are listed before', () => {
    expect(labels('WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM |) SELECT 1', ['cte'])).toEqual(['a']);
    expect(labels('WITH a AS (SELECT 1 AS x), b AS (SELECT 2) SELECT * FROM |', ['cte'])).toEqual(['b', 'a']);
    expect(labels('WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM |) SELECT 1', ['cte'])).toEqual([
      'a',
    ]);
  });
  test('a table of another schema is written with it', () =>
    expect(at('SELECT * FROM |', EXAMPLE_POSTGRES).suggestions.find((s) => s.label === 'sales.orders')?.insert).toBe(
      'sales.orders',
    ));
  test('tables of a schema after its name', () =>
    expect(labels('SELECT * FROM sales.|', ['table'], EXAMPLE_POSTGRES)).toEqual(['orders']));
  test('local tables, with their schema and their columns', () => {
    const columns = [{ name: 'actor', type: 'INTEGER' }];
    const order = {
      schema: 'scratch',
      name: 'order',
      kind: 'table',
      rows: 9,
      comment: null,
      references: [],
      columns,
    } as const;
    const catalogue: Catalogue = { ...EXAMPLE, tables: [...EXAMPLE.tables, order] };
    const written = (text: string) => at(text, catalogue).suggestions.find((s) => s.note === '9 rows')?.insert;
    expect(written('SELECT * FROM |')).toBe('scratch."order"');
    expect(written('SELECT * FROM scratch.|')).toBe('"order"');
    expect(labels('SELECT o.| FROM scratch."order" o', ['column'], catalogue)).toEqual(['actor']);
  });
  test('functions that give rows', () => {
    expect(labels('SELECT * FROM |', ['function'])).toEqual(['json_each', 'json_tree']);
    expect(labels('SELECT * FROM |', ['function'], EXAMPLE_POSTGRES)).toContain('generate_series');
  });
});

describe('columns', () => {
  test('of the source, with type and notes, although SELECT comes first', () => {
    expect(labels('SELECT | FROM global_events')).toEqual(EVENTS);
    expect(at('SELECT | FROM global_events').suggestions.find((s) => s.label === 'ts')).toMatchObject({
      detail: 'TEXT',
      note: 'global_events',
    });
  });
  test('in WHERE, GROUP BY, ORDER BY, HAVING and inside functions', () => {
    for (const marked of [
      'WHERE |',
      'WHERE ts > 1 AND |',
      'GROUP BY |',
      'ORDER BY ts, |',
      'GROUP BY 1 HAVING |',
      'WHERE lower(|',
    ])
      expect(labels(`SELECT 1 FROM global_events ${marked}`)).toEqual(expect.arrayContaining(EVENTS));
  });
  test('of an alias', () => {
    expect(labels('SELECT e.| FROM global_events e')).toEqual(EVENTS);
    expect(labels('SELECT e.ev| FROM global_events AS e')).toEqual(EVENTS);
    expect(labels('SELECT * FROM global_events e JOIN shops s ON s.|')).toEqual(['shop_id', 'Name']);
    expect(labels('SELECT x.| FROM global_events e')).toEqual([]);
  });
  test('of a table that is not in FROM yet', () => expect(labels('SELECT shops.|')).toEqual(['shop_id', 'Name']));
  test('of all tables as long as there is no FROM', () =>
    expect(labels('SELECT |')).toEqual(expect.arrayContaining(['amount', 'ts'])));
  test('of CTEs: aliases, star, listed names, plain columns', () => {
    expect(labels('WITH a AS (SELECT ts, count(*) AS n FROM global_events GROUP BY 1) SELECT | FROM a')).toEqual([
      'ts',
      'n',
    ]);
    expect(labels('WITH a AS (SELECT * FROM shops) SELECT a.| FROM a')).toEqual(['shop_id', 'Name']);
    expect(labels('WITH a(x, y) AS (SELECT 1, 2) SELECT | FROM a')).toEqual(['x', 'y']);
    expect(labels('WITH a AS (SELECT e.ts AS t, s.* FROM global_events e JOIN shops s ON 1) SELECT | FROM a')).toEqual([
      't',
      'shop_id',
      'Name',
    ]);
    expect(labels('WITH a AS (SELECT 1 AS p), b AS (SELECT p AS q FROM a) SELECT b.| FROM b')).toEqual(['q']);
  });
  test('of queries in FROM, also with names of their own', () => {
    expect(labels('SELECT | FROM (SELECT amount * 2 AS twice, order_id FROM orders) o')).toEqual(['twice', 'order_id']);
    expect(labels('SELECT o.| FROM (SELECT 1, 2) AS o(a, b)', ['column'], EXAMPLE_POSTGRES)).toEqual(['a', 'b']);
  });
  test('of the query the cursor is in, then of those around it', () => {
    const marked = 'SELECT * FROM shops s WHERE EXISTS (SELECT 1 FROM orders o WHERE |)';
    expect(labels(marked)).toEqual(['order_id', 'shop', 'amount', 'order', 's.shop_id', 's.Name']);
    expect(labels('SELECT | FROM (SELECT amount FROM orders) x')).toEqual(['amount']);
  });
  test('inside a query in FROM nothing of its neighbours… of that query only', () =>
    expect(labels('SELECT * FROM (SELECT | FROM shops) x')).toEqual(['shop_id', 'Name']));
  test('each half of a UNION has its own', () => {
    expect(labels('SELECT ts FROM global_events UNION ALL SELECT | FROM shops')).toEqual(['shop_id', 'Name']);
    expect(labels('SELECT | FROM global_events UNION ALL SELECT Name FROM shops')).toEqual(EVENTS);
  });
  test('that two sources have are offered with their source', () => {
    const found = labels('SELECT | FROM shops a JOIN shops b ON 1');
    expect(found).toEqual(expect.arrayContaining(['a.shop_id', 'b.shop_id']));
    expect(found).not.toContain('shop_id');
  });
  test('names of the SELECT list in GROUP BY and ORDER BY, first', () =>
    expect(labels('SELECT count(*) AS n, ts FROM global_events ORDER BY |')[0]).toBe('n'));
  test('are quoted where they must be', () => {
    const insert = (catalogue: Catalogue, label: string): string | undefined =>
      at('SELECT | FROM orders, shops', catalogue).suggestions.find((s) => s.label === label)?.insert;
    expect(insert(EXAMPLE, 'order')).toBe('"order"');
    expect(insert(EXAMPLE, 'Name')).toBe('Name');
    expect(insert(EXAMPLE_POSTGRES, 'Name')).toBe('"Name"');
  });
  test('of table functions', () =>
    expect(labels('SELECT j.| FROM global_events e, json_each(e.metadata) j')).toContain('fullkey'));
  test('USING offers what both have', () =>
    expect(labels('SELECT * FROM shops a JOIN shops b USING (|)')).toEqual(['shop_id', 'Name']));
  test('a statement before or after does not matter', () => {
    expect(labels('SELECT 1 FROM shops; SELECT | FROM orders; SELECT 2')).toContain('amount');
    expect(labels('SELECT 1 FROM shops;\n\n|', ['snippet', 'keyword'])).toContain('SELECT');
  });
  test('comments and half-written brackets are borne', () => {
    expect(labels('SELECT /* x */ | -- y\nFROM global_events WHERE (ts > (')).toEqual(expect.arrayContaining(EVENTS));
    expect(labels('SELECT coalesce(ts, | FROM global_events')).toBeDefined();
  });
});

describe('values', () => {
  test('event types inside quotes, and before quotes are typed', () => {
    expect(labels("SELECT 1 FROM global_events WHERE event_type = '|'", ['value'])).toEqual(['page_view', 'sign_up']);
    expect(at('SELECT 1 FROM global_events WHERE event_type = |').suggestions[0]).toMatchObject({
      insert: "'page_view'",
      note: '9,000',
    });
    expect(at("SELECT 1 FROM global_events e WHERE e.event_type IN ('page_view', '|')").suggestions[0]).toMatchObject({
      insert: 'page_view',
    });
  });
  test('a string that is still open takes its line only', () => {
    const found = at("SELECT 1 FROM global_events WHERE event_type = 'pa|\nLIMIT 5");
    expect(found.replaced).toBe('pa');
    expect(found.suggestions.map((s) => s.label)).toContain('page_view');
  });
  test('JSON keys after an arrow and in a path, with share and type', () => {
    expect(labels("SELECT metadata ->> '|' FROM global_events", ['key'])).toEqual(['shop_id', 'plan']);
    expect(at("SELECT e.metadata->>'pl|' FROM global_events e").suggestions[1]).toMatchObject({
      label: 'plan',
      note: '20%',
      detail: 'text',
    });
    expect(at("SELECT json_extract(metadata, '|') FROM global_events").suggestions[0]?.insert).toBe('$.shop_id');
  });
  test('JSON keys in expressions, as a whole read', () =>
    expect(
      at('SELECT | FROM global_events').suggestions.find((s) => s.kind === 'key' && s.label === 'plan')?.insert,
    ).toBe("metadata ->> 'plan'"));
  test('values of a JSON key', () =>
    expect(labels("SELECT 1 FROM global_events WHERE metadata ->> 'plan' = '|'", ['value'])).toEqual(['pro']));
  test('nothing in other strings and in comments', () => {
    expect(at("SELECT 'a|' FROM global_events").suggestions).toEqual([]);
    expect(at('SELECT 1 -- fro|').suggestions).toEqual([]);
  });
});

describe('the rest', () => {
  test('joins by foreign key, then by name', () => {
    expect(labels('SELECT * FROM orders o JOIN shops s ON |', ['join'])).toEqual(['o.shop = s.shop_id']);
    expect(labels('SELECT * FROM shops a JOIN shops b ON |', ['join'])).toContain('a.shop_id = b.shop_id');
  });
  test('functions of the dialect', () => {
    expect(labels('SELECT | FROM shops', ['function'])).toContain('group_concat');
    expect(labels('SELECT | FROM shops', ['function'])).not.toContain('date_trunc');
    expect(labels('SELECT | FROM shops', ['function'], EXAMPLE_POSTGRES)).toContain('date_trunc');
  });
  test('types in casts', () => {
    expect(labels('SELECT ts::| FROM global_events', ['type'], EXAMPLE_POSTGRES)).toContain('timestamptz');
    expect(labels('SELECT CAST(ts AS |) FROM global_events', ['type'])).toContain('INTEGER');
  });
  test('parameters', () => expect(labels('SELECT :|', ['parameter'])).toEqual([':from', ':to', ':asOf', ':shop']));
  test('no names where a new one is given', () => expect(at('SELECT 1 AS |').suggestions).toEqual([]));
  test('aliases, to go on with a dot', () =>
    expect(at('SELECT | FROM shops s').suggestions.find((s) => s.kind === 'alias')).toMatchObject({
      insert: 's.',
      goesOn: true,
    }));
  test('any beginning of a long statement is borne quickly', () => {
    const text =
      "WITH a AS (SELECT e.ts, metadata ->> 'plan' AS p FROM global_events e WHERE event_type IN ('x') GROUP BY 1), b AS (SELECT a.* FROM a JOIN (SELECT * FROM shops) s ON (a.p = s.Name)) SELECT b.p, count(*) OVER (PARTITION BY p) FROM b ORDER BY 1 LIMIT 5;";
    for (let i = 0; i <= text.length; i++) expect(() => at(`${text.slice(0, i)}|`)).not.toThrow();
    for (let i = 0; i <= text.length; i++)
      expect(() => at(`${text.slice(0, i)}|${text.slice(i)}`, EXAMPLE_POSTGRES)).not.toThrow();
  });
});
