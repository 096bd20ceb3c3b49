/** How a column's values are kept: `time` is timestamptz in Postgres and integer milliseconds in a snapshot. */
export type ColumnKind = 'text' | 'integer' | 'time';

export interface ModelTable {
  readonly name: string;
  readonly key: string;
  /** In the order of the migrations, the same in both dialects. */
  readonly columns: readonly (readonly [name: string, kind: ColumnKind])[];
  /** Columns whose row must be there. */
  readonly parents: readonly (readonly [column: string, table: string])[];
  /** When a row began to be: a snapshot up to a time has no later ones. */
  readonly since: string | null;
}

/** The tables beside the events, parents first. */
export const MODEL_TABLES: readonly ModelTable[] = [
  {
    name: 'plans',
    key: 'plan_id',
    columns: [
      ['plan_id', 'text'],
      ['name', 'text'],
      ['price_cents', 'integer'],
      ['period', 'text'],
    ],
    parents: [],
    since: null,
  },
  {
    name: 'users',
    key: 'user_id',
    columns: [
      ['user_id', 'text'],
      ['email', 'text'],
      ['created_at', 'time'],
      ['deleted_at', 'time'],
    ],
    parents: [],
    since: 'created_at',
  },
  {
    name: 'shops',
    key: 'shop_id',
    columns: [
      ['shop_id', 'text'],
      ['user_id', 'text'],
      ['plan_id', 'text'],
      ['created_at', 'time'],
      ['deleted_at', 'time'],
    ],
    parents: [
      ['user_id', 'users'],
      ['plan_id', 'plans'],
    ],
    since: 'created_at',
  },
  {
    name: 'invoices',
    key: 'invoice_id',
    columns: [
      ['invoice_id', 'text'],
      ['shop_id', 'text'],
      ['plan_id', 'text'],
      ['amount_cents', 'integer'],
      ['issued_at', 'time'],
      ['due_at', 'time'],
      ['paid_at', 'time'],
    ],
    parents: [
      ['shop_id', 'shops'],
      ['plan_id', 'plans'],
    ],
    since: 'issued_at',
  },
  {
    name: 'payments',
    key: 'payment_id',
    columns: [
      ['payment_id', 'text'],
      ['invoice_id', 'text'],
      ['amount_cents', 'integer'],
      ['status', 'text'],
      ['attempted_at', 'time'],
    ],
    parents: [['invoice_id', 'invoices']],
    since: 'attempted_at',
  },
];
