import type { Dialect } from './dialect.ts';
import { join, list, NOTHING, raw, sql, text, type Sql } from './sql.ts';

export const sqlite: Dialect = {
  name: 'sqlite',
  placeholder: () => ({ index: '?', isNew: true }),
  literal: (value) =>
    value.includes('\0')
      ? `CAST(x'${Buffer.from(value, 'utf8').toString('hex')}' AS TEXT)`
      : `'${value.replaceAll("'", "''")}'`,
  timeMs: cellMs,
  hourOf: (timeMs) => sql`strftime('%Y-%m-%dT%H', ${timeMs} / 1000, 'unixepoch')`,
  timeBounds: () => null,
  cellText(cell, type) {
    if (/char|clob|text/i.test(type) && !/int/i.test(type)) return cell;
    if (/int/i.test(type)) return sql`CAST(${cell} AS TEXT)`;
    return sql`CASE typeof(${cell})
      WHEN 'real' THEN ${realText(sql`CAST(${cell} AS TEXT)`)}
      WHEN 'blob' THEN lower(hex(${cell}))
      ELSE CAST(${cell} AS TEXT)
    END`;
  },
  validJson: (column) => sql`CASE WHEN json_valid(${column}) THEN ${column} END`,
  jsonText(column, _type, key) {
    const path = text(jsonPath(key));
    return sql`CASE json_type(${column}, ${path})
      WHEN 'text' THEN ${column} ->> ${path}
      WHEN 'null' THEN NULL
      WHEN 'real' THEN ${realText(sql`iif(${column} -> ${path} LIKE '%e%', ${column} ->> ${path}, ${column} -> ${path})`)}
      ELSE ${column} -> ${path}
    END`;
  },
  jsonId: (column, _type, key) => sql`CAST(${column} ->> ${text(jsonPath(key))} AS TEXT)`,
  contains: (value, needle) => sql`instr(lower(${value}), ${text(needle)}) > 0`,
  fence: NOTHING,
  byBytes: (value) => value,
  divide: (a, b) => sql`CAST(${a} AS REAL) / ${b}`,
  divideWhole: (a, b) => sql`(${a}) / ${b}`,
  least: (pieces) => (pieces.length === 1 ? (pieces[0] ?? raw('NULL')) : sql`min(${list(pieces)})`),
  greatest: (pieces) => (pieces.length === 1 ? (pieces[0] ?? raw('NULL')) : sql`max(${list(pieces)})`),
  nthSmallest: (pieces, k) => sql`(
    SELECT ms FROM (${join(
      pieces.map((piece) => sql`SELECT ${piece} AS ms`),
      ' UNION ALL ',
    )}) AS numbers
    WHERE ms IS NOT NULL ORDER BY ms LIMIT 1 OFFSET ${k}
  )`,
  real: (a) => sql`CAST(${a} AS REAL)`,
  nullOf: () => raw('NULL'),
  summary: (source, keys, ms) => sql`
    SELECT ${list(keys)},
      count(*) AS actors,
      count(ms) AS timed,
      CAST(sum(ms) AS REAL) / nullif(count(ms), 0) / 1000 AS average_seconds,
      avg(ms) FILTER (WHERE nth IN ((n + 1) / 2, (n + 2) / 2)) / 1000 AS median_seconds,
      CAST(max(ms) FILTER (WHERE nth = CAST(ceil(0.9 * n) AS INTEGER)) AS REAL) / 1000 AS p90_seconds
    FROM (
      SELECT ${list(keys)}, ${ms} AS ms,
        row_number() OVER (PARTITION BY ${list(keys)} ORDER BY ${ms} NULLS LAST) AS nth,
        count(${ms}) OVER (PARTITION BY ${list(keys)}) AS n
      FROM ${source}
    )
    GROUP BY ${list(keys)}
  `,
};

const jsonPath = (key: string): string => (/^[a-z_]\w*$/i.test(key) ? `$.${key}` : `$.${JSON.stringify(key)}`);

/** The range of JavaScript's Date. */
const FAR = 8_640_000_000_000_000;

/** `auto` is our own model: whole ms where the column is declared so, as our migrations do; else also text in ISO form. */
function cellMs(cell: Sql, format: string, type: string): Sql {
  if (format === 'iso') return sql`CASE WHEN typeof(${cell}) = 'text' THEN ${isoMs(cell)} END`;
  if (format === 'auto' && /^int/i.test(type)) return sql`CASE WHEN typeof(${cell}) = 'integer' THEN ${cell} END`;
  const ms = {
    seconds: sql`floor(${cell} * 1000.0 + 0.5)`,
    microseconds: sql`floor(${cell} / 1000.0)`,
    julianday: sql`floor((${cell} - 2440587.5) * 86400000 + 0.5)`,
  }[format as 'seconds'];
  const isText = sql`typeof(${cell}) = 'text'`;
  const digits = sql`${isText} AND trim(${cell}) GLOB '*[0-9]' AND trim(${cell}) NOT GLOB '*[^0-9.+-]*'`;
  const number = sql`CAST(${ms ?? sql`floor(${cell} + 0.0)`} AS INTEGER)`;
  const whole = ms === undefined ? sql`\n  WHEN typeof(${cell}) = 'integer' THEN ${cell}` : sql``;
  const other = format === 'auto' ? sql`${isText} THEN ${isoMs(cell)}` : sql`${digits} THEN ${number}`;
  return sql`CASE${whole}
      WHEN typeof(${cell}) IN ('integer', 'real') AND abs(${cell}) < ${FAR} THEN ${number}
      WHEN ${other}
    END`;
}

/**
 * `YYYY-MM-DD`, with a time to the minute, second or fraction and an offset (none is UTC). The seconds are SQLite's own,
 * the milliseconds are cut out of the text, so that no double is rounded. A day that does not exist is no time.
 */
const isoMs = (cell: Sql): Sql => sql`(
    SELECT CASE
      WHEN t NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' OR date(substr(t, 1, 10)) IS NOT substr(t, 1, 10) THEN NULL
      WHEN zone = substr(t, 20) THEN unixepoch(t) * 1000
      ELSE unixepoch(substr(t, 1, 19) || zone) * 1000
        + CAST(substr(substr(t, 21, length(t) - 20 - length(zone)) || '000', 1, 3) AS INTEGER)
    END
    FROM (SELECT t, ltrim(substr(t, 20), '.0123456789') AS zone FROM (SELECT replace(trim(${cell}), '/', '-') AS t))
  )`;

/** Numbers as JavaScript writes them: `1.50` is 1.5, `2.0` is 2. */
const realText = (written: Sql): Sql => sql`rtrim(rtrim(${written}, '0'), '.')`;
