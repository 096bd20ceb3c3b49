import type { Client } from 'pg';
import type { CopyWriter } from './copy-writer.ts';
import { sendCopy, sendGoodRows } from './load-store.ts';
import type { ColumnKind, ModelTable } from './model-tables.ts';

type Row = readonly (string | number | null)[];
export interface TableCounts {
  readonly added: number;
  /** There already, and different in the file. */
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

const ROWS = 20_000;
const TYPES: Readonly<Record<ColumnKind, string>> = { text: 'text', integer: 'bigint', time: 'timestamptz(3)' };

/**
 * Brings the rows of one table beside the events to the store: new ones are added, others take the file's values; an end
 * (deleted_at, paid_at) that is known stays known. Rows whose parent is missing are rejected.
 */
export async function loadTable(
  client: Client,
  table: ModelTable,
  rows: Iterable<Row>,
  writer: CopyWriter,
  reject: (row: Row, reason: string) => void,
): Promise<TableCounts> {
  const counts = { added: 0, updated: 0, unchanged: 0, rejected: 0 };
  const onBad = (row: Row, reason: string): void => {
    counts.rejected++;
    reject(row, reason);
  };
  const columns = table.columns.map(([name, kind]) => `${name} ${TYPES[kind]}`).join(', ');
  await client.query(`CREATE TEMP TABLE load_${table.name} (nth integer, ${columns}) ON COMMIT DELETE ROWS`);
  const send = async (some: readonly Row[]): Promise<void> => {
    await sendCopy(client, `load_${table.name}`, writeRows(writer, table, some));
    const orphans = await takeOrphans(client, table);
    const done = await client.query<{ readonly added: boolean }>(upsert(table));
    const added = done.rows.filter((row) => row.added).length;
    counts.added += added;
    counts.updated += done.rows.length - added;
    counts.unchanged += some.length - done.rows.length - orphans.length;
    for (const { nth, parent } of orphans) onBad(some[nth] ?? [], `names a row that ${parent} does not have`);
  };
  for (const some of inChunks(rows)) await sendGoodRows(client, some, send, onBad);
  return counts;
}

function* inChunks(rows: Iterable<Row>): Generator<readonly Row[]> {
  let chunk: Row[] = [];
  for (const row of rows) {
    if (chunk.push(row) < ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function writeRows(writer: CopyWriter, { columns }: ModelTable, rows: readonly Row[]): Buffer {
  writer.reset();
  rows.forEach((row, nth) => {
    writer.begin(columns.length + 1);
    writer.int4(nth);
    columns.forEach(([, kind], i) => {
      const value = row[i] ?? null;
      if (value === null) writer.null();
      else if (kind === 'text') writer.text(String(value));
      else if (kind === 'time') writer.time(Number(value));
      else writer.integer(Number(value));
    });
  });
  return writer.finish();
}

async function takeOrphans(
  client: Client,
  { name, parents }: ModelTable,
): Promise<readonly { readonly nth: number; readonly parent: string }[]> {
  const orphans: { nth: number; parent: string }[] = [];
  for (const [column, parent] of parents) {
    const { rows } = await client.query<{ readonly nth: number }>(
      `DELETE FROM load_${name} l WHERE NOT EXISTS (SELECT FROM ${parent} p WHERE p.${column} = l.${column}) RETURNING nth`,
    );
    for (const { nth } of rows) orphans.push({ nth, parent });
  }
  return orphans;
}

function upsert({ name, key, columns }: ModelTable): string {
  const names = columns.map(([column]) => column);
  const others = names.filter((column) => column !== key);
  const value = (column: string): string => `coalesce(excluded.${column}, t.${column})`;
  const set = others.map((column) => `${column} = ${value(column)}`).join(', ');
  const now = others.map((column) => `t.${column}`).join(', ');
  return `INSERT INTO ${name} AS t (${names.join(', ')}) SELECT DISTINCT ON (${key}) ${names.join(', ')} FROM load_${name}
    ORDER BY ${key}, nth DESC
    ON CONFLICT (${key}) DO UPDATE SET ${set} WHERE (${now}) IS DISTINCT FROM (${others.map(value).join(', ')})
    RETURNING xmax = 0 AS added`;
}
