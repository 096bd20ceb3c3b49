import { CLICKHOUSE_TYPE, DAY, HOUR, ofRowStores, type Question, type Row } from './question.ts';
import { IN_ORDER } from './ordered-sql.ts';

const hourly: Question = {
  id: 'hourly',
  name: 'hourly counts by type',
  analysis: { type: 'rollup', interval: 'hour', by: '$event' },
  rows: (result) =>
    result.type === 'rollup'
      ? result.series.flatMap(({ value, events }) =>
          events.flatMap((n, i): Row[] =>
            n === 0 ? [] : [[Date.parse(result.periodStarts[i] ?? '') / HOUR, value, n]],
          ),
        )
      : [],
  summed: true,
  goals: { byScan: 15, ours: 1000 },
  sql: {
    duckdb: [
      {
        name: 'group by',
        sql: `SELECT t // ${HOUR} AS h, type::VARCHAR AS name, count(*) AS n FROM ev GROUP BY h, type`,
      },
      {
        name: 'packed group by',
        sql: `SELECT p // 16 AS h, enum_range(NULL::event_type)[p % 16 + 1] AS name, n FROM
          (SELECT t // ${HOUR} * 16 + enum_code(type) AS p, count(*) AS n FROM ev GROUP BY p)`,
      },
    ],
    clickhouse: [
      {
        name: 'group by',
        sql: `SELECT intDiv(t, ${HOUR}) AS h, type AS name, count() AS n FROM b.ev GROUP BY h, name`,
      },
      {
        name: 'packed group by',
        sql: `SELECT intDiv(p, 16) AS h, CAST(toInt8(p % 16) AS ${CLICKHOUSE_TYPE}) AS name, n FROM
          (SELECT toUInt32(intDiv(t, ${HOUR})) * 16 + CAST(type, 'Int8') AS p, count() AS n FROM b.ev GROUP BY p)`,
      },
    ],
    ...ofRowStores([
      {
        name: 'group by',
        sql: `SELECT h, (SELECT name FROM types WHERE id = type) AS name, n FROM
          (SELECT t / ${HOUR} AS h, type, count(*) AS n FROM ev GROUP BY 1, 2) r`,
      },
    ]),
  },
};

const dailyActors: Question = {
  id: 'daily-actors',
  name: 'daily unique actors',
  analysis: { type: 'rollup', interval: 'day' },
  rows: (result) =>
    result.type === 'rollup'
      ? result.total.actors.flatMap((n, i): Row[] =>
          n === 0 ? [] : [[Date.parse(result.periodStarts[i] ?? '') / DAY, n]],
        )
      : [],
  goals: { ours: 20 },
  sql: {
    duckdb: [
      { name: 'count distinct', sql: `SELECT t // ${DAY} AS d, count(DISTINCT uid) FROM ev GROUP BY d` },
      { name: 'distinct', sql: `SELECT d, count(*) FROM (SELECT DISTINCT t // ${DAY} AS d, uid FROM ev) GROUP BY d` },
      {
        name: 'lists',
        sql: `SELECT d, count(*) FROM (SELECT unnest(list_distinct(list(t // ${DAY}))) AS d FROM ev GROUP BY uid) GROUP BY d`,
      },
      {
        name: 'packed distinct',
        sql: `SELECT p % 65536 AS d, count(*) FROM (SELECT DISTINCT uid::BIGINT * 65536 + t // ${DAY} AS p FROM ev) GROUP BY d`,
      },
    ],
    clickhouse: [
      { name: 'uniqExact', sql: `SELECT intDiv(t, ${DAY}) AS d, uniqExact(uid) FROM b.ev GROUP BY d` },
      {
        name: 'distinct',
        sql: `SELECT d, count() FROM (SELECT DISTINCT intDiv(t, ${DAY}) AS d, uid FROM b.ev) GROUP BY d`,
      },
      {
        name: 'arrays in order',
        settings: IN_ORDER,
        sql: `SELECT d, count() FROM (SELECT arrayJoin(groupUniqArray(toUInt16(intDiv(t, ${DAY})))) AS d FROM b.ev GROUP BY uid) GROUP BY d`,
      },
      {
        name: 'lagInFrame in key order',
        sql: `SELECT d, count() FROM (SELECT d, uid, lagInFrame(d) OVER w AS pd, lagInFrame(uid, 1, 4294967295) OVER w AS pu
          FROM (SELECT uid, t, k, toUInt16(intDiv(t, ${DAY})) AS d FROM b.ev ORDER BY uid, t, k)
          WINDOW w AS (ORDER BY uid, t, k ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) WHERE pu != uid OR pd != d GROUP BY d`,
      },
    ],
    ...ofRowStores([
      { name: 'count distinct', sql: `SELECT t / ${DAY}, count(DISTINCT uid) FROM ev GROUP BY 1` },
      { name: 'distinct', sql: `SELECT d, count(*) FROM (SELECT DISTINCT t / ${DAY} AS d, uid FROM ev) r GROUP BY d` },
    ]),
  },
};

const transitions: Question = {
  id: 'transitions',
  name: 'transitions',
  analysis: { type: 'transitions' },
  rows: (result) => (result.type === 'transitions' ? result.edges.map((e) => [e.from, e.to, e.count]) : []),
  goals: { ours: 100 },
  sql: {
    duckdb: [
      {
        name: 'lead',
        sql: `SELECT type::VARCHAR, nx::VARCHAR, count(*) FROM
          (SELECT type, lead(type) OVER (PARTITION BY uid ORDER BY k) AS nx FROM ev) WHERE nx IS NOT NULL GROUP BY type, nx`,
      },
      {
        name: 'numbered join',
        sql: `SELECT a.type::VARCHAR, b.type::VARCHAR, count(*) FROM ev a JOIN ev b ON b.rowid = a.rowid + 1 AND b.uid = a.uid
          GROUP BY a.type, b.type`,
      },
    ],
    clickhouse: [
      {
        name: 'arrays in order',
        settings: IN_ORDER,
        sql: `SELECT tr.1, tr.2, count() FROM (SELECT arrayJoin(arrayZip(arrayPopBack(s), arrayPopFront(s))) AS tr FROM
          (SELECT arrayMap(x -> x.2, arraySort(x -> x.1, groupArray((k, type)))) AS s FROM b.ev GROUP BY uid)) GROUP BY tr.1, tr.2`,
      },
      {
        name: 'lagInFrame in key order',
        sql: `SELECT p, type, count() FROM (SELECT type, uid, lagInFrame(type) OVER w AS p, lagInFrame(uid, 1, 4294967295) OVER w AS pu
          FROM (SELECT uid, t, k, type FROM b.ev ORDER BY uid, t, k) WINDOW w AS (ORDER BY uid, t, k ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
          WHERE pu = uid GROUP BY p, type`,
      },
    ],
    ...ofRowStores([
      {
        name: 'lead',
        sql: `SELECT (SELECT name FROM types WHERE id = type), (SELECT name FROM types WHERE id = nx), n FROM
          (SELECT type, nx, count(*) AS n FROM (SELECT type, lead(type) OVER (PARTITION BY uid ORDER BY t, k) AS nx FROM ev) e
          WHERE nx IS NOT NULL GROUP BY 1, 2) r`,
      },
    ]),
  },
};

/** The same with its rows fetched from peers, as ours delivers them. */
const hourlyRows: Question = {
  ...hourly,
  id: 'hourly-rows',
  name: 'hourly counts, rows fetched',
  summed: false,
  goals: {},
};

export const COUNTS: readonly Question[] = [hourly, hourlyRows, dailyActors, transitions];
