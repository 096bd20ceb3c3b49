import { getSegmentName } from '../../protocol/actor-segments.ts';
import type { Analysis, EventMatch } from '../../protocol/index.ts';
import { getRequiredColumns } from '../plan/required-columns.ts';
import { memberColumn } from './actor-set-sql.ts';
import { fits, passes, type ColumnOf } from './condition-sql.ts';
import type { Dialect } from './dialect.ts';
import { createMappedRows } from './mapped-rows.ts';
import { createModelRows } from './model-rows.ts';
import type { PushdownContext } from './pushdown-context.ts';
import { Refusal } from './refusal.ts';
import { allOf, list, lines, name, sql, text, type Cte, type Sql } from './sql.ts';

/** Rows of the event table as the readers of worker/source see them, before anything is filtered. */
export interface EventRows {
  readonly from: Sql;
  /** What the scan itself can be spared: partitions, times by the table's own column, a mapping's filter. */
  readonly conditions: (fromMs: number, toMs: number) => readonly Sql[];
  readonly actor: Sql;
  readonly event: Sql;
  readonly timeMs: Sql;
  /** null = the order of arrival is not known. */
  readonly seq: Sql | null;
  readonly recordedMs: Sql | null;
  /** Whether `conditions` already bound the time exactly. */
  readonly boundsTime: boolean;
  /** Rows that repeat an event that is there under its own hour, as a condition on those to keep; null = there are none. */
  readonly notRepeated: Sql | null;
  /** A property as text; null = never set. */
  readonly property: (prop: string) => Sql | null;
}

export interface WantedEvents {
  /** Inclusive; the moments of the document when left out. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Only events with one of these names; null or absent = all. */
  readonly only?: readonly string[] | null;
  /** Whether the document's `where` already filters; default true. */
  readonly filtered?: boolean;
  /** The analysis asks what came first among equal times. */
  readonly ordered?: boolean;
}

/** The frozen event set as a relation `events(actor, event, time_ms, seq, "props.x" …)`. */
export interface EventRelation {
  readonly cte: Cte;
  readonly dialect: Dialect;
  /** Column of the relation with a property, `$event` or `$actor`. */
  readonly columnOf: ColumnOf;
  /** Conditions on the relation's columns. */
  readonly fits: (match: EventMatch) => Sql;
  readonly passes: (where: Analysis['where']) => Sql;
}

/** Names of properties are cut by Postgres behind 63 bytes. */
const MAX_NAME_BYTES = 50;

export function createEvents(
  context: PushdownContext,
  dialect: Dialect,
  analysis: Analysis,
  wanted: WantedEvents = {},
): EventRelation {
  const rows = context.mapping === null ? createModelRows(context, dialect) : createMappedRows(context, dialect);
  const { seq } = rows;
  if (wanted.ordered === true && seq === null)
    throw new Refusal(
      'What came first among equal times counts here, and the table says nothing of the order of arrival.',
    );
  const props = getRequiredColumns(analysis).flatMap((prop, i) => {
    const value = rows.property(prop);
    const isLong = Buffer.byteLength(prop) > MAX_NAME_BYTES;
    return value === null ? [] : [{ prop, value, column: name(isLong ? `props_${i + 1}` : `props.${prop}`) }];
  });
  const columnOf: ColumnOf = (prop) => {
    if (prop === '$event') return sql`event`;
    const segment = getSegmentName(prop);
    if (segment !== null) return memberColumn(dialect, context.actorSets, segment);
    return prop === '$actor' ? sql`actor` : (props.find((p) => p.prop === prop)?.column ?? null);
  };
  const actor = actorOf(analysis, rows);
  const columns = [sql`actor`, sql`event`, sql`time_ms`, sql`seq`, ...props.map((p) => p.column)];
  const fromMs = wanted.fromMs ?? context.moments.fromMs;
  const toMs = wanted.toMs ?? context.moments.toMs;
  const values = [
    sql`${dialect.byBytes(actor)} AS actor`,
    sql`${rows.event} AS event`,
    sql`${rows.timeMs} AS time_ms`,
    sql`${seq ?? sql`0`} AS seq`,
    ...(rows.recordedMs === null || !isBound(context.moments.knownAtMs)
      ? []
      : [sql`${rows.recordedMs} AS recorded_ms`]),
    ...props.map((p) => sql`${p.value} AS ${p.column}`),
  ];
  const scan = [
    ...rows.conditions(fromMs, toMs),
    ...(rows.notRepeated === null ? [] : [rows.notRepeated]),
    ...onlyEvents(rows.event, wanted.only ?? null),
  ];
  const kept = [
    sql`actor <> ''`,
    sql`event <> ''`,
    ...(rows.boundsTime ? [] : timeBounds(fromMs, toMs)),
    ...known(context, rows),
    ...(wanted.filtered === false || (analysis.where ?? []).length === 0
      ? []
      : [passes(dialect, columnOf, analysis.where)]),
  ];
  const where = scan.length === 0 ? sql`` : sql`\nWHERE ${conjunction(scan)}`;
  const body = sql`
    SELECT ${list(columns)}
    FROM (
      SELECT
        ${lines(values)}
      FROM ${rows.from}${where}${dialect.fence}
    ) AS log
    WHERE ${conjunction(kept)}
  `;
  return {
    cte: {
      name: 'events',
      comment: 'The events that exist, each once: who, what, when (ms since the epoch, UTC).',
      body,
    },
    dialect,
    columnOf,
    fits: (match) => fits(dialect, columnOf, match),
    passes: (conditions) => passes(dialect, columnOf, conditions),
  };
}

function actorOf(analysis: Analysis, rows: EventRows): Sql {
  if (analysis.actorFrom === undefined) return rows.actor;
  const prop = analysis.actorFrom.slice('props.'.length);
  return (prop === '$event' ? rows.event : prop === '$actor' ? rows.actor : rows.property(prop)) ?? text('');
}

const isBound = (ms: number): boolean => Number.isFinite(ms);
const timeBounds = (fromMs: number, toMs: number): readonly Sql[] => [
  ...(isBound(fromMs) ? [sql`time_ms >= ${Math.ceil(fromMs)}`] : []),
  ...(isBound(toMs) ? [sql`time_ms <= ${Math.floor(toMs)}`] : []),
  ...(isBound(fromMs) || isBound(toMs) ? [] : [sql`time_ms IS NOT NULL`]),
];

/** Rows recorded after knownAt do not exist; those without a recorded time always do. */
function known({ moments }: PushdownContext, { recordedMs }: EventRows): readonly Sql[] {
  if (recordedMs === null || !isBound(moments.knownAtMs)) return [];
  return [sql`(recorded_ms IS NULL OR recorded_ms <= ${Math.floor(moments.knownAtMs)})`];
}

const onlyEvents = (event: Sql, only: readonly string[] | null): readonly Sql[] =>
  only === null || only.length === 0 ? [] : [sql`${event} IN (${list(only.map(text))})`];

const conjunction = (pieces: readonly Sql[]): Sql =>
  pieces.length === 0
    ? allOf([])
    : { chunks: pieces.flatMap((p, i) => (i === 0 ? p.chunks : ['\n  AND ', ...p.chunks])) };
