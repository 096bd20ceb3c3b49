import { quote } from '../read-schema.ts';
import { MAX_TEXT, quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import type { SyncSession } from './sync-session.ts';

const ROWS = 2_000;
const MAX_KEYS = 1_000;

/** Keys of the JSON column in the first and the last rows, most frequent first. Views are not run for this. */
export function sampleServerKeys(session: SyncSession, events: ServerEvents): readonly string[] {
  const { json, table, seq } = events;
  if (json?.type !== 'jsonb' && json?.type !== 'json') return sampleTextKeys(session, events);
  if (table.kind === 'view') return [];
  const column = `e.${quote(json.name)}`;
  const small = `CASE WHEN pg_column_size(${column}) <= ${MAX_TEXT / 10} THEN ${column}::jsonb END AS json`;
  const some = (order: string): string => `(SELECT ${small} FROM ${quoteTable(table)} e ${order} LIMIT ${ROWS})`;
  const rows =
    seq !== null
      ? `${some(`ORDER BY ${seqOf(events)}`)} UNION ALL ${some(`ORDER BY ${seqOf(events)} DESC`)}`
      : some('');
  const found = session.query(
    `SELECT k.key FROM (${rows}) s, jsonb_object_keys(CASE WHEN jsonb_typeof(s.json) = 'object' THEN s.json ELSE '{}' END) k (key)
      GROUP BY 1 ORDER BY count(*) DESC, k.key COLLATE "C" LIMIT ${MAX_KEYS}`,
  );
  return found.map(([key]) => String(key));
}

function sampleTextKeys(session: SyncSession, { json, table }: ServerEvents): readonly string[] {
  if (json === null || table.kind === 'view') return [];
  const column = `e.${quote(json.name)}`;
  const rows = session.query(
    `SELECT CASE WHEN octet_length(${column}::text) <= ${MAX_TEXT / 10} THEN ${column}::text END FROM ${quoteTable(table)} e LIMIT ${ROWS}`,
  );
  const counts = new Map<string, number>();
  for (const [text] of rows)
    for (const key of keysOf(text))
      if (counts.size < MAX_KEYS || counts.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => key);
}

function keysOf(text: unknown): readonly string[] {
  try {
    const object: unknown = JSON.parse(String(text));
    return typeof object === 'object' && object !== null && !Array.isArray(object) ? Object.keys(object) : [];
  } catch {
    return [];
  }
}
