import type { DatabaseSync } from 'node:sqlite';
import type { SqlVocabulary } from '../../../protocol/query-schema.ts';
import { summarizeKeys } from '../json-keys.ts';
import { quoteName, readSchema } from './schema-sqlite.ts';

/** The latest rows of each table: enough to know what its JSON is like. */
const SAMPLE = 500;
const EVENT_SAMPLE = 50_000;
const MAX_TABLES = 100;
const MAY_BE_JSON = /json|text|^$/i;

/** Views are left out: they may compute for ever. */
export function readVocabulary(db: DatabaseSync): SqlVocabulary {
  const tables = readSchema(db)
    .tables.filter(({ kind }) => kind === 'table')
    .slice(0, MAX_TABLES);
  const jsonKeys: SqlVocabulary['jsonKeys'][number][] = [];
  const eventTypes: SqlVocabulary['eventTypes'][number][] = [];
  for (const { name: table, schema, columns } of tables) {
    for (const { name: column, type } of columns) {
      if (column === 'event_type') eventTypes.push(...countTypes(db, table));
      if (!MAY_BE_JSON.test(type)) continue;
      const keys = summarizeKeys(latest(db, table, column));
      if (keys.length > 0) jsonKeys.push({ schema, table, column, keys });
    }
  }
  return { jsonKeys, eventTypes };
}

function latest(db: DatabaseSync, table: string, column: string): unknown[] {
  const select = `SELECT ${quoteName(column)} AS value FROM main.${quoteName(table)}`;
  for (const order of ['ORDER BY rowid DESC', ''])
    try {
      return db
        .prepare(`${select} ${order} LIMIT ${SAMPLE}`)
        .all()
        .map((row) => row['value']);
    } catch {
      // A table without rowids, or a cell that cannot be read.
    }
  return [];
}

function countTypes(db: DatabaseSync, table: string): SqlVocabulary['eventTypes'][number][] {
  try {
    return db
      .prepare(
        `SELECT event_type AS name, count(*) AS count FROM (SELECT event_type FROM main.${quoteName(table)} ORDER BY rowid DESC LIMIT ${EVENT_SAMPLE}) GROUP BY 1 ORDER BY 2 DESC LIMIT 1000`,
      )
      .all()
      .map((row) => ({ name: String(row['name']), count: Number(row['count']) }));
  } catch {
    return [];
  }
}
