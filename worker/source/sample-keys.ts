import type Database from 'better-sqlite3';
import type { EventTable } from './event-table.ts';
import { quote } from './read-schema.ts';

const BLOCKS = 20;
const ROWS_A_BLOCK = 200;
const MAX_KEYS = 1_000;

/** Keys of the JSON column in rows spread over the table, most frequent first. Views are not run for this. */
export function sampleKeys(db: Database.Database, events: EventTable): readonly string[] {
  const { json, table } = events;
  if (json === null || table.kind === 'view' || table.virtual) return [];
  const counts = new Map<string, number>();
  for (const text of sampleTexts(db, events, quote(json)))
    for (const key of keysOf(text))
      if (counts.size < MAX_KEYS || counts.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => key);
}

function sampleTexts(db: Database.Database, { table }: EventTable, json: string): readonly unknown[] {
  const from = `FROM main.${quote(table.name)}`;
  // Texts beyond 100 kB stay in the file.
  const short = `CASE WHEN octet_length(${json}) <= 100000 THEN ${json} END`;
  if (table.rowid === null)
    return db
      .prepare(`SELECT ${short} ${from} LIMIT ${BLOCKS * ROWS_A_BLOCK}`)
      .pluck()
      .all();
  const [first, last] = [
    db.prepare<[], number | null>(`SELECT min(${table.rowid}) ${from}`).pluck().get() ?? 0,
    db.prepare<[], number | null>(`SELECT max(${table.rowid}) ${from}`).pluck().get() ?? 0,
  ];
  const block = db
    .prepare<[number, number], unknown>(
      `SELECT ${short} ${from} NOT INDEXED WHERE ${table.rowid} BETWEEN ? AND ? LIMIT ${ROWS_A_BLOCK}`,
    )
    .pluck();
  const width = (last - first + 1) / BLOCKS;
  return Array.from({ length: BLOCKS }, (_, i) =>
    block.all(Math.ceil(first + i * width), Math.ceil(first + (i + 1) * width) - 1),
  ).flat();
}

function keysOf(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  try {
    const object: unknown = JSON.parse(text);
    return typeof object === 'object' && object !== null && !Array.isArray(object) ? Object.keys(object) : [];
  } catch {
    return [];
  }
}
