import type Database from 'better-sqlite3';
import type { Mapping, MappingCandidate } from '../../protocol/index.ts';
import { guessTimeFormat, type Cell } from './parse-time.ts';
import { quote, type SchemaTable } from './read-schema.ts';

/** Names that people give to each part of an event; the earlier, the surer. */
const NAMES = {
  time: [
    /^(event_?time|timestamp|time:timestamp|occurred_?at|event_?timestamp|ts)$/i,
    /^(time|date|datetime|created_?at|created|when)$/i,
    /(time|date|timestamp|_at|At)$/i,
    /(time|date)/i,
  ],
  actor: [
    /^(user_?id|actor_?id|actor|customer_?id|account_?id|visitor_?id|case_?id|case:concept:name|distinct_?id|person_?id|client_?id|member_?id|player_?id)$/i,
    /^(user|customer|account|visitor|case|person|client|member|player|student|patient|device_?id|session_?id|uid)$/i,
    /(user|customer|account|visitor|client|member|person|actor|case|owner|email)/i,
    /(_id|Id)$/,
  ],
  event: [
    /^(event|event_?name|event_?type|concept:name|activity|action)$/i,
    /^(type|name|page|kind|status|state|operation|verb|step|message_?type)$/i,
    /(event|activity|action|status|type|page|kind)/i,
  ],
} as const;
type Part = keyof typeof NAMES;

export interface ColumnFacts {
  readonly name: string;
  readonly primaryKey: boolean;
  readonly cells: readonly Cell[];
  readonly distinct: number;
}
export interface Choice {
  readonly column: string;
  readonly score: number;
  readonly reason: string;
}

const SAMPLE_ROWS = 500;
const MAX_COLUMNS = 100;

/**
 * Up to two mappings of one table, by names, types and sampled values. Views, virtual tables and generated columns are
 * judged by their names alone.
 */
export function proposeMappings(
  db: Database.Database,
  table: SchemaTable,
  rows: number | null,
): readonly MappingCandidate[] {
  return rows === 0 ? [] : proposeFor(table.name, sampleColumns(db, table));
}

/** The same from columns that are sampled already. */
export function proposeFor(table: string, columns: readonly ColumnFacts[]): readonly MappingCandidate[] {
  const { time, actor, event } = chooseColumns(columns);
  if (time === null || actor === null) return [];
  const constant = singular(table);
  const unnamed = { score: 0.45, reason: `every row counts as “${constant}”, after the name of the table` };
  const options = [
    ...(event === null ? [] : [{ event: { column: event.column }, ...event }]),
    { event: { constant }, ...unnamed },
  ];
  return options
    .map((option) => ({
      mapping: makeMapping(table, actor.column, option.event, time.column),
      score: Math.round(100 * (0.35 * time.score + 0.35 * actor.score + 0.3 * option.score)) / 100,
      reasons: [time.reason, actor.reason, option.reason],
    }))
    .toSorted((a, b) => b.score - a.score);
}

/** The columns that look most like time, actor and event; null where none does. Shared with the import of files. */
export function chooseColumns(columns: readonly ColumnFacts[]): Readonly<Record<Part, Choice | null>> {
  const time = best(columns, scoreTime);
  const rest = columns.filter((c) => c.name !== time?.column);
  const actor = best(rest, scoreActor);
  const event = best(
    rest.filter((c) => c.name !== actor?.column),
    scoreEvent,
  );
  return { time, actor, event };
}

function makeMapping(table: string, actor: string, event: Mapping['event'], time: string): Mapping {
  return { table, actor, event, time: { column: time, format: 'auto' } };
}

function best(columns: readonly ColumnFacts[], score: (column: ColumnFacts) => Choice | null): Choice | null {
  return (
    columns
      .map(score)
      .filter((c) => c !== null)
      .toSorted((a, b) => b.score - a.score)[0] ?? null
  );
}

/** 1, 0.8, 0.6, … by the place of the first pattern that fits; 0 when none does. */
function nameScore(part: Part, name: string): number {
  const place = NAMES[part].findIndex((pattern) => pattern.test(name));
  return place < 0 ? 0 : 1 - 0.2 * place;
}

function scoreTime(column: ColumnFacts): Choice | null {
  const byName = nameScore('time', column.name);
  if (column.cells.length === 0)
    return byName === 0
      ? null
      : { column: column.name, score: byName / 2, reason: `“${column.name}” is named like a time` };
  const format = guessTimeFormat(column.cells);
  if (format === null || (byName === 0 && format !== 'iso') || column.primaryKey) return null;
  return {
    column: column.name,
    score: 0.5 + byName / 2,
    reason: `“${column.name}” holds times (${format}), for example ${String(column.cells[0])}`,
  };
}

/** An actor comes back: fewer different values than rows, but more than a handful. */
function scoreActor(column: ColumnFacts): Choice | null {
  const byName = nameScore('actor', column.name);
  if (byName === 0) return null;
  const share = column.cells.length === 0 ? 0.5 : column.distinct / column.cells.length;
  const spread = column.primaryKey || (share === 1 && column.cells.length > 5) ? 0.2 : share > 0.005 ? 1 : 0.5;
  return {
    column: column.name,
    score: byName * spread,
    reason: `“${column.name}” is named like an actor and has ${column.distinct} different values in ${column.cells.length} sampled rows`,
  };
}

/** Event names are few and come again and again. */
function scoreEvent(column: ColumnFacts): Choice | null {
  const byName = nameScore('event', column.name);
  const isText = column.cells.every((cell) => typeof cell === 'string');
  if (byName === 0 || !isText || column.primaryKey) return null;
  // A column that is called just that needs no further proof: small files have as many names as rows.
  const few =
    byName === 1 || column.cells.length === 0 || column.distinct <= Math.max(3, Math.min(200, column.cells.length / 2));
  return few
    ? {
        column: column.name,
        score: byName,
        reason: `“${column.name}” has ${column.distinct} different names in ${column.cells.length} sampled rows`,
      }
    : null;
}

/** Values longer than 200 bytes are neither ids nor times: they stay in the file. */
function sampleColumns(db: Database.Database, table: SchemaTable): readonly ColumnFacts[] {
  const named = table.columns.slice(0, MAX_COLUMNS);
  const readable = table.kind === 'view' || table.virtual ? [] : named.filter((c) => !c.generated);
  const short = readable.map((c) => `CASE WHEN octet_length(${quote(c.name)}) <= 200 THEN ${quote(c.name)} END`);
  const rows =
    readable.length === 0
      ? []
      : db
          .prepare<[], Cell[]>(`SELECT ${short.join(', ')} FROM main.${quote(table.name)} LIMIT ${SAMPLE_ROWS}`)
          .raw(true)
          .all();
  return named.map((c) => {
    const at = readable.indexOf(c);
    const cells =
      at < 0
        ? []
        : (rows as readonly (readonly Cell[])[])
            .map((row) => row[at] ?? null)
            .filter((cell) => cell !== null && cell !== '');
    return { name: c.name, primaryKey: c.primaryKey, cells, distinct: new Set(cells).size };
  });
}

/** `Invoices` → `invoice`: what one row of the table is. */
function singular(table: string): string {
  const name = table.toLowerCase();
  if (name.endsWith('ies')) return `${name.slice(0, -3)}y`;
  return name.endsWith('s') && !name.endsWith('ss') ? name.slice(0, -1) : name;
}
