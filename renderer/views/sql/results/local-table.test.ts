import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SchemaInfo, SchemaTable } from '../../../../protocol/query-schema.ts';
import { TABLE_NAME } from '../../../../protocol/query.ts';
import { suggestTableName, writeTableStatement } from './local-table.ts';

const table = (schema: string, name: string, ...columns: readonly string[]): SchemaTable => ({
  schema,
  name,
  kind: 'table',
  comment: null,
  rows: 1,
  isEstimate: false,
  bytes: null,
  columns: columns.map((column) => ({ name: column, type: 'TEXT', notNull: false, primaryKey: false, comment: null })),
  indexes: [],
  references: [],
  partitions: [],
  ddl: null,
});
const schemaOf = (...tables: readonly SchemaTable[]): SchemaInfo => ({
  dialect: 'sqlite',
  defaultSchema: 'main',
  tables,
  functions: [],
});

describe('the name of a local table', () => {
  test('is what the title says, as far as a name can', () => {
    const names = ['Query 3', 'Größe & Café', '2026: buyers', '…', 'sqlite_x', 'a'.repeat(80)].map(suggestTableName);
    expect(names).toEqual(['query_3', 'gro_e_cafe', 'result_2026_buyers', 'result', 'result_sqlite_x', 'a'.repeat(63)]);
  });
  test('is always one that is taken (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (title) => {
        expect(suggestTableName(title)).toMatch(TABLE_NAME);
      }),
    );
  });
});

describe('the statement to begin with', () => {
  const events = table('main', 'global_events', 'event_id', 'metadata');
  test('joins on a column of the same name, ids first', () => {
    const shops = table('main', 'shops', 'Shop_ID', 'name');
    const kept = table('scratch', 'mine', 'name', 'shop_id');
    expect(writeTableStatement('mine', schemaOf(events, shops, kept), null)).toBe(
      'SELECT t.*\nFROM shops AS t\nJOIN scratch.mine AS r USING (shop_id)\nLIMIT 200;',
    );
  });
  test('joins on a key of JSON', () => {
    const keys = [{ key: 'user_id', type: 'text', share: 1 }];
    const seen = { jsonKeys: [{ schema: 'main', table: 'global_events', column: 'metadata', keys }], eventTypes: [] };
    expect(writeTableStatement('mine', schemaOf(events, table('scratch', 'mine', 'user_id')), seen)).toBe(
      "SELECT t.*\nFROM global_events AS t\nJOIN scratch.mine AS r ON r.user_id = t.metadata ->> '$.user_id'\nLIMIT 200;",
    );
  });
  test('else reads the table, whose name may be a keyword; other local tables are no partners', () => {
    const tables = [events, table('scratch', 'order', 'n'), table('scratch', 'other', 'n')];
    expect(writeTableStatement('order', schemaOf(...tables), null)).toBe('SELECT *\nFROM scratch."order"\nLIMIT 200;');
  });
});
