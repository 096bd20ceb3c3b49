import { getHour } from '../plan/plan-partitions.ts';
import type { Dialect, DialectName } from './dialect.ts';
import type { EventRows } from './event-relation.ts';
import { isFrozen } from './frozen-rows.ts';
import type { PushdownContext } from './pushdown-context.ts';
import { join, name, raw, sql, text, type Sql } from './sql.ts';

const HOUR_MS = 3_600_000;
/** As our migrations declare them. */
const TYPES: Readonly<Record<DialectName, Readonly<Record<string, string>>>> = {
  postgres: {
    event_time: 'timestamp(3) with time zone',
    recorded_at: 'timestamp(3) with time zone',
    metadata: 'jsonb',
  },
  sqlite: { event_time: 'INTEGER', recorded_at: 'INTEGER' },
};

/** Our own model: `global_events`, with users by their key in `metadata` or through their shop. */
export function createModelRows(context: PushdownContext, dialect: Dialect): EventRows {
  const { columns } = context;
  const typeOf = (column: string): string =>
    columns.find((c) => c.name === column)?.type ?? TYPES[dialect.name][column] ?? 'text';
  const metadata = dialect.name === 'sqlite' ? sql`e.json` : sql`e.metadata`;
  const timeMs = dialect.timeMs(sql`e.event_time`, 'auto', typeOf('event_time'));
  const bounds = (fromMs: number, toMs: number): Sql | null =>
    dialect.timeBounds(sql`e.event_time`, 'auto', typeOf('event_time'), fromMs, toMs);
  const hasRecorded = columns.length === 0 || columns.some((c) => c.name === 'recorded_at');
  return {
    from: readTable(context, dialect, typeOf('metadata')),
    conditions: (fromMs, toMs) => [
      ...readOf(context, 'e'),
      ...[bounds(fromMs, toMs)].filter((piece) => piece !== null),
    ],
    actor: readActor(context, dialect, metadata, typeOf('metadata')),
    event:
      dialect.name === 'postgres' ? sql`e.event_type::text` : dialect.cellText(sql`e.event_type`, typeOf('event_type')),
    timeMs,
    seq: dialect.name === 'postgres' ? sql`e.seq` : sql`e.rowid`,
    recordedMs: hasRecorded ? dialect.timeMs(sql`e.recorded_at`, 'auto', typeOf('recorded_at')) : null,
    boundsTime: bounds(0, 0) !== null && isOrdinary(context),
    notRepeated: context.guardHours === 0 ? null : notRepeated(context, dialect),
    property: (prop) => dialect.jsonText(metadata, typeOf('metadata'), prop),
  };
}

/** SQLite stops at text that is no JSON, so that it is left out before any key is asked for. */
function readTable(context: PushdownContext, dialect: Dialect, type: string): Sql {
  const table = qualify(context, 'global_events');
  if (joinsOwners(context)) {
    const [user, shop] = [
      dialect.jsonId(sql`e.metadata`, type, 'user_id'),
      dialect.jsonId(sql`e.metadata`, type, 'shop_id'),
    ];
    return sql`${table} AS e
      LEFT JOIN ${qualify(context, 'shops')} AS owner
        ON owner.shop_id = CASE WHEN coalesce(${user}, '') = '' THEN ${shop} END`;
  }
  if (dialect.name === 'postgres') return sql`${table} AS e`;
  return sql`(
    SELECT rowid, *, ${dialect.validJson(sql`metadata`, 'text')} AS json FROM ${table}
  ) AS e`;
}

/** Several processes may read side by side what is joined, but not what asks for the owner row by row. */
const joinsOwners = ({ dialect, hasShops, shopIsKey }: PushdownContext): boolean =>
  dialect === 'postgres' && hasShops !== false && shopIsKey !== false;

/** Both ends can be written as literals, or are open. */
const isOrdinary = ({ moments }: PushdownContext): boolean =>
  [moments.fromMs, moments.toMs].some((ms) => Number.isFinite(ms)) && moments.toMs < 253_402_300_799_000;

/** Never the bare name: that could be one of our own named parts of the statement. */
export function qualify({ schema, dialect }: PushdownContext, table: string): Sql {
  const known = schema ?? (dialect === 'sqlite' ? 'main' : null);
  return known === null ? name(table) : sql`${name(known)}.${name(table)}`;
}

/** Exactly the hours that the plan names. */
function boundsOf({ hours, guardHours }: PushdownContext, table: string): readonly Sql[] {
  const shift = (hour: string, by: number): string => getHour(Date.parse(`${hour}:00:00Z`) + by * HOUR_MS);
  const { from = null, to = null } = hours ?? {};
  return [
    ...(from === null ? [] : [sql`${raw(table)}.ts >= ${text(shift(from, -guardHours))}`]),
    ...(to === null ? [] : [sql`${raw(table)}.ts <= ${text(shift(to, guardHours))}`]),
  ];
}

/** The rows that are there for us, in those hours. */
const readOf = (context: PushdownContext, table: string): readonly Sql[] => [
  ...boundsOf(context, table),
  ...isFrozen(context.frozen, sql`${raw(table)}.seq`),
];

/** The user, else the owner of the shop. */
function readActor(context: PushdownContext, dialect: Dialect, metadata: Sql, type: string): Sql {
  const user = dialect.jsonId(metadata, type, 'user_id');
  if (context.hasShops === false) return sql`(${user})`;
  if (joinsOwners(context)) return sql`coalesce(nullif(${user}, ''), CAST(owner.user_id AS text))`;
  const shop = dialect.jsonId(metadata, type, 'shop_id');
  return sql`coalesce(
    nullif(${user}, ''),
    (SELECT CAST(s.user_id AS text) FROM ${qualify(context, 'shops')} AS s WHERE s.shop_id = (${shop}))
  )`;
}

/**
 * An event found under another hour than its own is a copy where it is also there under its own, or where another such
 * copy came before it. Such rows are few and, in our own store, indexed: they are looked for once, apart from the scan.
 */
function notRepeated(context: PushdownContext, dialect: Dialect): Sql {
  if (context.isForeign === true) return notRepeatedElsewhere(context, dialect);
  const table = qualify(context, 'global_events');
  const seq = dialect.name === 'postgres' ? 'seq' : 'rowid';
  const own = hourOf(context, dialect, 'copy');
  const twin = (more: readonly Sql[]): Sql => sql`EXISTS (
    SELECT 1 FROM ${table} AS twin
    WHERE ${join([sql`twin.event_id = copy.event_id`, sql`twin.event_time = copy.event_time`, ...more], ' AND ')}
  )`;
  const strays = [sql`copy.ts <> ${own}`, ...readOf(context, 'copy')];
  return sql`e.${name(seq)} NOT IN (
    SELECT copy.${name(seq)} FROM ${table} AS copy
    WHERE ${join(strays, ' AND ')} AND (
      ${twin([sql`twin.ts = ${own}`, ...readOf(context, 'twin')])}
      OR ${twin([sql`twin.ts <> ${hourOf(context, dialect, 'twin')}`, sql`twin.${name(seq)} < copy.${name(seq)}`, ...readOf(context, 'twin')])}))`;
}

/** Other servers would be asked for each such row by itself: what tells copies comes over once instead. */
function notRepeatedElsewhere(context: PushdownContext, dialect: Dialect): Sql {
  const own = sql`copy.ts = ${hourOf(context, dialect, 'copy')}`;
  const conditions = readOf(context, 'copy');
  return sql`e.seq NOT IN (
    SELECT seq FROM (
      SELECT copy.seq, ${own} AS is_own, row_number() OVER (PARTITION BY copy.event_id, copy.event_time ORDER BY (${own}) DESC, copy.seq) AS place
      FROM ${qualify(context, 'global_events')} AS copy
      WHERE ${join([sql`copy.event_time IS NOT NULL`, ...conditions], ' AND ')}
    ) AS found
    WHERE NOT is_own AND place > 1)`;
}

function hourOf(context: PushdownContext, dialect: Dialect, table: string): Sql {
  const time = sql`${raw(table)}.event_time`;
  if (dialect.name === 'sqlite') return dialect.hourOf(time);
  if (context.hasHourKey !== false) return sql`${qualify(context, 'hour_key')}(${time})`;
  return sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`;
}
