import type { TimeFormat } from '../../protocol/index.ts';
import type { Dialect } from './dialect.ts';
import { join, list, raw, sql, text, type Sql } from './sql.ts';

const isTimestamp = (type: string): boolean => /^timestamp|^date$/i.test(type);
const hasZone = (type: string): boolean => /with time zone|timestamptz/i.test(type);
const isFloat = (type: string): boolean => /^(?:real|double|float)/i.test(type);
const asJsonb = (column: Sql, type: string): Sql => (/^jsonb$/i.test(type) ? column : sql`${column}::jsonb`);

export const postgres: Dialect = {
  name: 'postgres',
  placeholder(value, params) {
    const at = params.indexOf(value);
    return { index: `$${(at === -1 ? params.length : at) + 1}::text`, isNew: at === -1 };
  },
  literal: (value) => `'${value.replaceAll('\0', '').replaceAll("'", "''")}'`,
  timeMs: (cell, format, type) => (isTimestamp(type) ? timestampMs(cell, type) : numberOrTextMs(cell, format)),
  hourOf: (timeMs) => sql`to_char(to_timestamp(${timeMs} / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`,
  timeBounds(cell, format, type, fromMs, toMs) {
    const literal = literalOf(format, type);
    if (literal === null) return null;
    const from = literal(fromMs);
    // Microseconds are cut, so everything before the next millisecond is still inside.
    const behind = literal(toMs + 1);
    const parts = [
      ...(from === null ? [] : [sql`${cell} >= ${from}`]),
      ...(behind === null ? [] : [sql`${cell} < ${behind}`]),
    ];
    return parts.length === 0 ? null : join(parts, ' AND ');
  },
  cellText: (cell, type) => (isFloat(type) ? numberText(sql`${cell}::text`) : sql`${cell}::text`),
  validJson: (column) => column,
  jsonText(column, type, key) {
    const field = asJsonb(column, type);
    // Only strings are text as they stand; the usual case comes first.
    return sql`CASE jsonb_typeof(${field} -> ${text(key)})
      WHEN 'number' THEN ${numberText(sql`(${field} ->> ${text(key)})`)}
      WHEN 'object' THEN ${compact(sql`${field} ->> ${text(key)}`)}
      WHEN 'array' THEN ${compact(sql`${field} ->> ${text(key)}`)}
      ELSE ${field} ->> ${text(key)}
    END`;
  },
  jsonId: (column, type, key) => sql`${asJsonb(column, type)} ->> ${text(key)}`,
  contains: (value, needle) => sql`strpos(lower(${value} COLLATE "C"), ${text(needle)}) > 0`,
  fence: sql`\nOFFSET '0'`,
  byBytes: (value) => sql`${value} COLLATE "C"`,
  divide: (a, b) => sql`(${a})::float8 / ${b}`,
  divideWhole: (a, b) => sql`(${a}) / ${b}`,
  least: (pieces) => sql`least(${list(pieces)})`,
  greatest: (pieces) => sql`greatest(${list(pieces)})`,
  // NULL sorts last. One array a column: as many SELECTs as numbers took half a minute to plan for thirty.
  nthSmallest: (pieces, k) =>
    sql`(SELECT array_agg(ms ORDER BY ms) FROM unnest(ARRAY[${list(pieces)}]) AS ms)[${k + 1}]`,
  real: (a) => sql`(${a})::float8`,
  nullOf: (type) => raw({ text: 'NULL::text', whole: 'NULL::bigint', real: 'NULL::float8' }[type]),
  summary: (source, keys, ms) => sql`
    SELECT ${list(keys)},
      count(*) AS actors,
      count(${ms}) AS timed,
      sum(${ms})::float8 / nullif(count(${ms}), 0) / 1000 AS average_seconds,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY ${ms}) / 1000 AS median_seconds,
      percentile_disc(0.9) WITHIN GROUP (ORDER BY ${ms})::float8 / 1000 AS p90_seconds
    FROM ${source}
    GROUP BY ${list(keys)}
  `,
};

/** Infinite times are none. Microseconds are cut. */
function timestampMs(cell: Sql, type: string): Sql {
  const at = hasZone(type) ? cell : sql`(${cell}::timestamp AT TIME ZONE 'UTC')`;
  const cut = /\(3\)/.test(type) ? at : sql`date_trunc('milliseconds', ${at})`;
  return sql`CASE WHEN isfinite(${at}) THEN (date_part('epoch', ${cut}) * 1000)::bigint END`;
}

const NUMBER = String.raw`^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$`;
/** Only days that there are: a cast of any other would end the statement. */
const DAY = String.raw`(?!0000)(\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)`;
const ISO = String.raw`^\s*${DAY}([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?\s*(Z|UTC|GMT|[-+](0\d|1[0-5])(:?[0-5]\d)?)?)?\s*$`;
/** The range of JavaScript's Date. */
const FAR = 8_640_000_000_000_000;

function numberOrTextMs(cell: Sql, format: string): Sql {
  const asText = sql`${cell}::text`;
  if (format === 'iso' || format === 'auto')
    return sql`CASE WHEN ${asText} ~ ${raw(`'${ISO}'`)} THEN (date_part('epoch', date_trunc('milliseconds', CASE WHEN ${asText} ~ '(Z|UTC|GMT|[-+]\\d{2}(:?\\d{2})?)\\s*$' AND length(btrim(${asText})) > 10 THEN btrim(${asText})::timestamptz ELSE btrim(${asText})::timestamp AT TIME ZONE 'UTC' END)) * 1000)::bigint END`;
  const number = sql`CASE WHEN ${asText} ~ ${raw(`'${NUMBER}'`)} THEN ${asText}::float8 END`;
  const ms = {
    seconds: sql`floor(${number} * 1000 + 0.5)`,
    milliseconds: sql`floor(${number})`,
    microseconds: sql`floor(${number} / 1000)`,
    julianday: sql`floor((${number} - 2440587.5) * 86400000 + 0.5)`,
  }[format as 'seconds' | 'milliseconds' | 'microseconds' | 'julianday'];
  return sql`CASE WHEN abs(${ms}) <= ${FAR} THEN (${ms})::bigint END`;
}

/** Digits as they are written where it is a whole number, else the shortest that names the same double. */
function numberText(digits: Sql): Sql {
  return sql`CASE
    WHEN ${digits} !~ '[.eE]' THEN ${digits}
    WHEN abs(${digits}::float8) BETWEEN 1e-6 AND 1e21 THEN trim_scale(${digits}::float8::text::numeric)::text
    ELSE replace(${digits}::float8::text, 'e-0', 'e-')
  END`;
}

/** Without the blanks that jsonb writes between its tokens. */
const compact = (json: Sql): Sql => sql`regexp_replace(${json}, '("(?:[^"\\\\]|\\\\.)*")|\\s+', '\\1', 'g')`;

/** How a time is written for a column of this type, so that bounds find its index and partitions; null = in no way. */
function literalOf(format: TimeFormat, type: string): ((ms: number) => Sql | null) | null {
  if (isTimestamp(type)) return (ms) => instant(ms, hasZone(type));
  const unit = /^(?:smallint|integer|bigint)$/i.test(type) ? UNITS[format] : undefined;
  return unit === undefined ? null : (ms) => (Number.isFinite(ms) ? raw(String(unit(BigInt(Math.floor(ms))))) : null);
}
/** The first whole number of a unit that is not before a time of so many ms. */
const UNITS: Readonly<Partial<Record<TimeFormat, (ms: bigint) => bigint>>> = {
  seconds: (ms) => (ms > 0n ? (ms + 999n) / 1000n : ms / 1000n),
  milliseconds: (ms) => ms,
  microseconds: (ms) => ms * 1000n,
};

/** Null where the year is none that a literal says shortly. */
function instant(ms: number, withZone: boolean): Sql | null {
  if (!(ms > -62_135_596_800_000 && ms < 253_402_300_799_000)) return null;
  const text = new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
  return raw(withZone ? `timestamptz '${text}+00'` : `timestamp '${text}'`);
}
