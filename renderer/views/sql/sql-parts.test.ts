import { describe, expect, test } from 'vitest';
import type { ResultColumn } from '../../../protocol/query-result.ts';
import type { SchemaInfo, SchemaTable } from '../../../protocol/query-schema.ts';
import { bindParameters, parseValue } from '../../stores/sql-params.ts';
import { boundText, boundValue } from './bound-value.ts';
import { buildCatalogue } from './build-catalogue.ts';
import { formatSql } from './format-sql.ts';
import { toView } from './results/grid-filters.ts';
import { arrange } from './results/grid-layout.ts';
import { layOut } from './schema/diagram-layout.ts';
import { findInSchema } from './schema/schema-filter.ts';
import { textsToRun } from './use-runner.ts';

const column = (name: string, primaryKey = false) => ({
  name,
  type: 'TEXT',
  notNull: false,
  primaryKey,
  comment: null,
});
const table = (name: string, part: Partial<SchemaTable> = {}): SchemaTable => ({
  schema: 'main',
  name,
  kind: 'table',
  comment: null,
  rows: 10,
  isEstimate: false,
  bytes: null,
  columns: [column('id', true), column('name')],
  indexes: [],
  references: [],
  partitions: [],
  ddl: null,
  ...part,
});
const SCHEMA: SchemaInfo = {
  dialect: 'sqlite',
  defaultSchema: 'main',
  functions: [],
  tables: [
    table('users'),
    table('orders', {
      columns: [column('id', true), column('user_id')],
      references: [{ columns: ['user_id'], toSchema: 'main', toTable: 'users', toColumns: ['id'] }],
      partitions: [{ schema: 'main', name: 'orders_2026', bounds: 'FROM 2026', rows: 3, bytes: null }],
    }),
    table('notes', { columns: [column('event_type'), column('metadata')] }),
  ],
};

describe('parameters', () => {
  const frame = { range: { from: '2026-03-29T00:00', to: null }, asOf: null, timezone: 'Europe/Berlin' };
  test('are typed as null, numbers, booleans, else text', () =>
    expect(['null', '12', '-1.5', 'TRUE', '007', '"12"', 'a b', '12345678901234567890'].map(parseValue)).toEqual([
      null,
      12,
      -1.5,
      true,
      '007',
      '12',
      'a b',
      '12345678901234567890',
    ]));
  test('typed ones win over the range, the rest is missing', () =>
    expect(bindParameters(['from', 'x', 'y'], { x: '1', from: 'now' }, () => 'bound')).toEqual({
      params: { from: 'now', x: 1 },
      missing: ['y'],
    }));
  test('the range is an instant of its zone, in the form of the source', () => {
    expect(boundValue('from', frame, null)).toBe(Date.UTC(2026, 2, 28, 23));
    const server = { ref: { kind: 'postgres' } } as never;
    expect(boundValue('from', frame, server)).toBe('2026-03-28 23:00:00.000+00');
    expect(boundValue('to', frame, server)).toBe('9999-12-31 23:59:59.999+00');
    expect(boundText('to', frame)).toBe('open end');
  });
});

describe('what is run', () => {
  const text = 'SELECT 1;\nSELECT 2 -- two\n;';
  const cursor = (offset: number, selected = ''): Parameters<typeof textsToRun>[0] => ({ text, offset, selected });
  test('the statement at the cursor, the selection, or all', () => {
    expect(textsToRun(cursor(12), 'sqlite', 'here')).toEqual(['SELECT 2 -- two']);
    expect(textsToRun(cursor(0, 'SELECT 5; SELECT 6'), 'sqlite', 'here')).toEqual(['SELECT 5', 'SELECT 6']);
    expect(textsToRun(cursor(0), 'sqlite', 'all')).toEqual(['SELECT 1', 'SELECT 2 -- two']);
  });
});

describe('the schema', () => {
  test('as a catalogue: partitions, references, event types and keys with their figures', () => {
    const seen = {
      jsonKeys: [
        { schema: 'main', table: 'notes', column: 'metadata', keys: [{ key: 'plan', type: 'text', share: 0.5 }] },
      ],
      eventTypes: [
        { name: 'rare', count: null },
        { name: 'often', count: null },
      ],
    };
    const vocabulary = { events: [{ name: 'often', count: 9, actors: 1 }], properties: [] };
    const { tables } = buildCatalogue(SCHEMA, seen, { vocabulary, eventColumn: 'event_type' });
    expect(tables.map((t) => [t.name, t.kind, t.schema])).toEqual([
      ['users', 'table', null],
      ['orders', 'partitioned', null],
      ['orders_2026', 'partition', null],
      ['notes', 'table', null],
    ]);
    const notes = tables[3];
    expect(notes?.columns[0]?.values).toEqual([
      { name: 'often', count: 9 },
      { name: 'rare', count: 0 },
    ]);
    expect(notes?.columns[1]?.keys).toEqual([{ name: 'plan', count: 0, share: 0.5, type: 'text' }]);
    expect(tables[1]?.references).toEqual([{ columns: ['user_id'], table: 'users', toColumns: ['id'] }]);
  });
  test('is searched by table, column and partition', () => {
    const names = (search: string): readonly string[] =>
      findInSchema(SCHEMA.tables, search).map((f) => `${f.table.name}${f.isOpen ? ' open' : ''}`);
    expect(names('')).toEqual(['users', 'orders', 'notes']);
    expect(names('USER')).toEqual(['users', 'orders open']);
    expect(names('orders_20')).toEqual(['orders open']);
    expect(names('nothing')).toEqual([]);
  });
  test('as a diagram: what refers stands right of what it refers to, nothing overlaps', () => {
    const { boxes, lines } = layOut(SCHEMA);
    const x = (name: string): number => boxes.find((b) => b.table.name === name)?.x ?? -1;
    expect(x('orders')).toBeGreaterThan(x('users'));
    expect(lines.map((l) => l.label)).toEqual(['orders.user_id → users.id']);
    const overlaps = boxes.flatMap((a) =>
      boxes.filter((b) => a !== b && a.x === b.x && a.y < b.y + b.height && b.y < a.y + a.height),
    );
    expect(overlaps).toEqual([]);
  });
  test('circles of references end', () => {
    const to = (name: string) => [{ columns: ['id'], toSchema: 'main', toTable: name, toColumns: ['id'] }];
    const circle = { ...SCHEMA, tables: [table('a', { references: to('b') }), table('b', { references: to('a') })] };
    expect(layOut(circle).boxes).toHaveLength(2);
  });
});

test('the grid’s headers as the query process sorts and filters', () =>
  expect(
    toView([{ colId: '2', sort: 'desc' }], {
      0: { type: 'blank' },
      1: { type: 'lessThan', filter: 5 },
      3: { type: 'unknown' },
    }),
  ).toEqual({
    sort: [{ column: 2, descending: true }],
    filter: [
      { column: 0, operator: 'isNull', value: null },
      { column: 1, operator: 'less', value: 5 },
    ],
  }));

test('several conditions of a column: all of them, or one is enough', () => {
  const conditions = [
    { type: 'greaterThan', filter: 5 },
    { type: 'lessThan', filter: 2 },
  ];
  const wishes = [
    { operator: 'greater', value: 5 },
    { operator: 'less', value: 2 },
  ];
  expect(toView([], { 1: { operator: 'AND', conditions } }).filter).toEqual(
    wishes.map((wish) => ({ column: 1, ...wish })),
  );
  expect(toView([], { 1: { operator: 'OR', conditions } }).filter).toEqual([
    { column: 1, ...wishes[0], or: [wishes[1]] },
  ]);
});

test('columns stand as they were left, also those of the same name; new ones come after', () => {
  const named = (name: string): ResultColumn => ({ name, type: 'text', declared: null });
  const kept = (name: string, width: number) => ({ name, width, pinned: false });
  const layout = [kept('b', 10), kept('id', 20), kept('gone', 30), kept('id', 40)];
  const arranged = arrange(['id', 'new', 'id', 'b'].map(named), layout);
  expect(arranged.map(({ at, kept: of }) => [at, of?.width ?? null])).toEqual([
    [3, 10],
    [0, 20],
    [2, 40],
    [1, null],
  ]);
});

test('formatting keeps parameters, arrows and casts', async () => {
  expect(await formatSql("select metadata->>'a' from t where x>=:from", 'sqlite')).toMatch(
    /metadata ->> 'a'[\s\S]*x >= :from/,
  );
  expect(await formatSql('select x::int,$$a;b$$ from t', 'postgres')).toMatch(/x::int,[\s\S]*\$\$a;b\$\$/);
});
