import type { SchemaInfo, SchemaTable, SqlVocabulary } from '../../../../protocol/query-schema.ts';
import { TABLE_NAME } from '../../../../protocol/query.ts';
import { quoteName } from '../language/keywords.ts';

const LENGTH = 63;

/** A table's name from a tab's title: `Query 3` is `query_3`. */
export function suggestTableName(title: string): string {
  const plain = title.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const name = plain.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
  const full = TABLE_NAME.test(name.slice(0, LENGTH)) ? name : `result_${name}`;
  return full.slice(0, LENGTH).replace(/_+$/, '');
}

/** The name, or the first of `name_2`, `name_3` … that no table has. */
export function findFreeName(name: string, taken: readonly string[]): string {
  const known = new Set(taken.map((table) => table.toLowerCase()));
  const nth = (n: number): string => (n === 1 ? name : `${name.slice(0, LENGTH - 1 - String(n).length)}_${String(n)}`);
  let n = 1;
  while (known.has(nth(n).toLowerCase())) n++;
  return nth(n);
}

interface Partner {
  readonly table: SchemaTable;
  readonly on: string;
}

/** A statement to begin with: joined where a table of the file has a column, or a key of its JSON, of the same name. */
export function writeTableStatement(name: string, schema: SchemaInfo, seen: SqlVocabulary | null): string {
  const local = `scratch.${quoteName(name, 'sqlite')}`;
  const kept = schema.tables.find((t) => t.schema === 'scratch' && t.name === name);
  const columns = (kept?.columns ?? []).map((c) => c.name);
  // What ends in _id is more likely to mean the same on both sides.
  const byMeaning = columns.toSorted((a, b) => Number(b.endsWith('_id')) - Number(a.endsWith('_id')));
  const tables = schema.tables.filter((t) => t.schema === schema.defaultSchema && t.kind === 'table');
  const partner = findByColumn(byMeaning, tables) ?? findByKey(byMeaning, tables, seen);
  if (partner === null) return `SELECT *\nFROM ${local}\nLIMIT 200;`;
  return `SELECT t.*\nFROM ${quoteName(partner.table.name, 'sqlite')} AS t\nJOIN ${local} AS r ${partner.on}\nLIMIT 200;`;
}

function findByColumn(columns: readonly string[], tables: readonly SchemaTable[]): Partner | null {
  for (const column of columns) {
    const table = tables.find((t) => t.columns.some((c) => c.name.toLowerCase() === column));
    if (table !== undefined) return { table, on: `USING (${quoteName(column, 'sqlite')})` };
  }
  return null;
}

function findByKey(
  columns: readonly string[],
  tables: readonly SchemaTable[],
  seen: SqlVocabulary | null,
): Partner | null {
  for (const name of columns)
    for (const { schema, table: of, column, keys } of seen?.jsonKeys ?? []) {
      const table = tables.find((t) => t.schema === schema && t.name === of);
      if (table === undefined || !/^\w+$/.test(name) || !keys.some(({ key }) => key === name)) continue;
      const [left, right] = [name, column].map((part) => quoteName(part, 'sqlite'));
      return { table, on: `ON r.${left} = t.${right} ->> '$.${name}'` };
    }
  return null;
}
