import type { Catalogue } from './catalogue.ts';

/** For tests: an event store with two tables beside it. */
export const EXAMPLE: Catalogue = {
  dialect: 'sqlite',
  tables: [
    {
      schema: 'main',
      name: 'global_events',
      kind: 'table',
      rows: 25_000,
      comment: 'One row an event',
      references: [],
      columns: [
        { name: 'ts', type: 'TEXT', notNull: true, primaryKey: true },
        { name: 'event_id', type: 'TEXT', notNull: true, primaryKey: true },
        { name: 'event_time', type: 'TEXT', notNull: true },
        {
          name: 'event_type',
          type: 'TEXT',
          notNull: true,
          values: [
            { name: 'page_view', count: 9000 },
            { name: 'sign_up', count: 700 },
          ],
        },
        {
          name: 'metadata',
          type: 'TEXT',
          keys: [
            { name: 'shop_id', count: 0, share: 1, type: 'text' },
            { name: 'plan', count: 0, share: 0.2, type: 'text' },
          ],
        },
      ],
    },
    {
      schema: 'main',
      name: 'shops',
      kind: 'table',
      rows: 40,
      comment: null,
      references: [],
      columns: [
        { name: 'shop_id', type: 'INTEGER', primaryKey: true },
        { name: 'Name', type: 'TEXT' },
      ],
    },
    {
      schema: 'main',
      name: 'orders',
      kind: 'table',
      rows: 1200,
      comment: null,
      references: [{ columns: ['shop'], table: 'shops', toColumns: ['shop_id'] }],
      columns: [
        { name: 'order_id', type: 'INTEGER', primaryKey: true },
        { name: 'shop', type: 'INTEGER' },
        { name: 'amount', type: 'REAL' },
        { name: 'order', type: 'INTEGER' },
      ],
    },
  ],
};
export const EXAMPLE_POSTGRES: Catalogue = {
  ...EXAMPLE,
  dialect: 'postgres',
  tables: EXAMPLE.tables.map((t) => ({ ...t, schema: t.name === 'orders' ? 'sales' : 'public' })),
};
