import type { AnalysisDocument } from '../protocol/index.ts';
import { DAY, HOUR, codeOf, ofRowStores, type EventType, type Question, type Row } from './question.ts';
import { IN_ORDER } from './ordered-sql.ts';

/** The stage is told by the last of these events: a model that SQL can state exactly. */
const STAGE: Readonly<Partial<Record<EventType, string>>> = {
  account_created: 'Lead',
  shop_created: 'Prospect',
  payment_succeeded: 'Customer',
  shop_deleted: 'Churn',
  account_deleted: 'Churn',
};
const STAGE_TYPES = Object.keys(STAGE) as EventType[];
const TYPES = `(${STAGE_TYPES.map((type) => `'${type}'`).join(', ')})`;
const CODES = `(${STAGE_TYPES.map(codeOf).join(', ')})`;
const stageOf = (type: string, valueOf: (type: EventType) => string = (name) => `'${name}'`): string =>
  `CASE ${STAGE_TYPES.map((name) => `WHEN ${type} = ${valueOf(name)} THEN '${STAGE[name]}'`).join(' ')} END`;
const stageOfCode = (type: string): string => stageOf(type, (name) => String(codeOf(name)));

const journey = (interval: 'hour' | 'month'): AnalysisDocument => ({
  type: 'journey',
  interval,
  model: {
    states: ['Lead', 'Prospect', 'Customer', 'Churn'],
    rules: Object.entries(STAGE).map(([event, to]) => ({ event: { event }, to })),
  },
});

const T = Date.UTC(2026, 2, 1);
const stateAt: Question = {
  id: 'state-at',
  name: 'journey state at T',
  analysis: { ...journey('month'), asOf: new Date(T).toISOString() },
  rows: (result) => (result.type === 'journey' ? Object.entries(result.sizes).filter(([, n]) => n > 0) : []),
  goals: { ours: 18 },
  sql: {
    duckdb: [
      {
        name: 'arg_max',
        sql: `SELECT ${stageOf('s')}, count(*) FROM (SELECT arg_max(type, k) AS s FROM ev
          WHERE t <= ${T} AND type IN ${TYPES} GROUP BY uid) GROUP BY 1`,
      },
      {
        name: 'packed max',
        sql: `SELECT ${stageOfCode('s')}, count(*) FROM (SELECT max(k * 16 + enum_code(type)) % 16 AS s FROM ev
          WHERE t <= ${T} AND type IN ${TYPES} GROUP BY uid) GROUP BY 1`,
      },
    ],
    clickhouse: [IN_ORDER, '']
      .map((settings) => ({
        name: settings === '' ? 'argMax' : 'argMax in order',
        ...(settings === '' ? {} : { settings }),
        sql: `SELECT ${stageOf('s')} AS g, count() FROM (SELECT argMax(type, k) AS s FROM b.ev
        WHERE t <= ${T} AND type IN ${TYPES} GROUP BY uid) GROUP BY g`,
      }))
      .concat({
        name: 'packed max in order',
        settings: IN_ORDER,
        sql: `SELECT ${stageOfCode('s')} AS g, count() FROM (SELECT max(k * 16 + CAST(type, 'Int8')) % 16 AS s FROM b.ev
        WHERE t <= ${T} AND type IN ${TYPES} GROUP BY uid) GROUP BY g`,
      }),
    ...ofRowStores([
      {
        name: 'max',
        sql: `SELECT ${stageOfCode('s')} AS g, count(*) FROM (SELECT max(k * 16 + type) % 16 AS s FROM ev
          WHERE t <= ${T} AND type IN ${CODES} GROUP BY uid) r GROUP BY 1`,
      },
    ]),
  },
};

/** Change of each stage's size an hour; the running sum over it is left out of the peers' time. */
const CHANGES = (hourOf: string): string => `SELECT ${hourOf} AS h, s AS name, sum(d) AS n FROM
  (SELECT t, s, 1 AS d FROM m UNION ALL SELECT t, p AS s, -1 AS d FROM m WHERE p IS NOT NULL) AS c GROUP BY 1, 2 HAVING sum(d) <> 0`;
const duckdbMoves = (order: string, stage: string, from: string): string => `WITH m AS (SELECT * FROM
  (SELECT t, s, lag(s) OVER (PARTITION BY uid ORDER BY ${order}) AS p FROM (SELECT uid, t, k, ${stage} AS s FROM ${from}) AS e) AS f
  WHERE p IS NULL OR p <> s)`;
const stateByHour: Question = {
  id: 'state-by-hour',
  name: 'journey state at every hour',
  analysis: journey('hour'),
  rows: (result) =>
    result.type === 'journey'
      ? Object.entries(result.sizesOverTime).flatMap(([state, sizes]) =>
          sizes.flatMap((size, i): Row[] => {
            const change = size - (sizes[i - 1] ?? 0);
            return change === 0 ? [] : [[Date.parse(`${result.periods[i]}Z`) / HOUR, state, change]];
          }),
        )
      : [],
  summed: true,
  goals: {},
  sql: {
    duckdb: [
      {
        name: 'lag',
        sql: `${duckdbMoves('k', stageOf('type'), `ev WHERE type IN ${TYPES}`)} ${CHANGES(`t // ${HOUR}`)}`,
      },
    ],
    clickhouse: [
      {
        name: 'arrays in order',
        settings: IN_ORDER,
        sql: `SELECT intDiv(x.1, ${HOUR}) AS h, x.2 AS name, sum(x.3) AS n FROM (SELECT arrayJoin(arrayConcat(
            arrayMap((y, z) -> (y.1, y.2, toInt64(y.2 != z.2)), s, arrayPushFront(arrayPopBack(s), (0, '', 0))),
            arrayMap((y, z) -> (y.1, z.2, -toInt64(y.2 != z.2)), arrayPopFront(s), arrayPopBack(s)))) AS x FROM
          (SELECT arrayMap(y -> (toUInt64(intDiv(y.1, 16)), ${stageOf('y.2')}, 0), arraySort(y -> y.1, groupArray((k, type)))) AS s
          FROM b.ev WHERE type IN ${TYPES} GROUP BY uid)) GROUP BY h, name HAVING n != 0`,
      },
      {
        name: 'lagInFrame',
        sql: `SELECT intDiv(t, ${HOUR}) AS h, x.1 AS name, sum(x.2) AS n FROM (SELECT t, arrayJoin([(s, 1), (p, -1)]) AS x FROM
          (SELECT t, ${stageOf('type')} AS s, lagInFrame(s, 1, '') OVER (PARTITION BY uid ORDER BY k ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS p
          FROM b.ev WHERE type IN ${TYPES}) WHERE p != s) WHERE x.1 != '' GROUP BY h, name HAVING n != 0`,
      },
    ],
    ...ofRowStores([
      {
        name: 'lag',
        sql: `${duckdbMoves('t, k', stageOfCode('type'), `ev WHERE type IN ${CODES}`)} ${CHANGES(`t / ${HOUR}`)}`,
      },
    ]),
  },
};

/** Weeks begin on Monday; 1970-01-05 was one. */
const WEEKS = 26;
const week = (divide: (a: string, b: number) => string): string => divide(`(t - ${4 * DAY})`, 7 * DAY);
const retentionSql = (
  weekOf: string,
): string => `WITH c AS (SELECT uid, min(${weekOf}) AS w FROM ev WHERE type = $cohort GROUP BY uid),
  r AS (SELECT DISTINCT uid, ${weekOf} AS w FROM ev WHERE type = $return),
  f AS (SELECT max(${weekOf}) - ${WEEKS - 1} AS first FROM ev)
  SELECT c.w - first, r.w - c.w, count(*) FROM c JOIN r ON r.uid = c.uid AND r.w > c.w CROSS JOIN f WHERE c.w >= first GROUP BY 1, 2
  UNION ALL SELECT c.w - first, 0, count(*) FROM c CROSS JOIN f WHERE c.w >= first GROUP BY 1`;
const withTypes = (sql: string, valueOf: (type: EventType) => string): string =>
  sql.replace('$cohort', valueOf('account_created')).replace('$return', valueOf('payment_succeeded'));
const duckdbWeek = week((x, y) => `${x} // ${y}`);
const clickhouseWeek = week((x, y) => `intDiv(${x}, ${y})`);
const retention: Question = {
  id: 'retention',
  name: 'weekly retention, 26 weeks',
  analysis: {
    type: 'retention',
    cohortEvent: { event: 'account_created' },
    returnEvent: { event: 'payment_succeeded' },
    intervals: WEEKS,
  },
  rows: (result) =>
    result.type === 'retention'
      ? result.matrix.flatMap((cells, i) => cells.flatMap((n, k): Row[] => (n === 0 ? [] : [[i, k, n]])))
      : [],
  goals: {},
  sql: {
    duckdb: [
      { name: 'join', sql: withTypes(retentionSql(duckdbWeek), (name) => `'${name}'`) },
      {
        name: 'bits of weeks',
        sql: `WITH f AS (SELECT max(${duckdbWeek}) - ${WEEKS - 1} AS first FROM ev),
          g AS (SELECT uid, min(${duckdbWeek}) FILTER (type = 'account_created') - min(first) AS c,
            bit_or(1::BIGINT << greatest(${duckdbWeek} - first, 0)) FILTER (type = 'payment_succeeded' AND ${duckdbWeek} >= first) AS r
            FROM ev, f WHERE type IN ('account_created', 'payment_succeeded') GROUP BY uid HAVING c >= 0),
          h AS (SELECT c, r, count(*) AS n FROM g GROUP BY c, r)
          SELECT c, j, sum(n) FROM h, range(${WEEKS}) AS x(j) WHERE j = 0 OR (r >> (c + j)) & 1 = 1 GROUP BY c, j`,
      },
    ],
    clickhouse: [IN_ORDER, ''].map((settings) => ({
      name: settings === '' ? 'bits of weeks' : 'bits of weeks in order',
      ...(settings === '' ? {} : { settings }),
      sql: `WITH (SELECT toInt64(max(${clickhouseWeek})) - ${WEEKS - 1} FROM b.ev) AS first
        SELECT c, j, sum(n) FROM (SELECT c, r, count() AS n FROM
          (SELECT minIf(toInt64(${clickhouseWeek}), type = 'account_created') - first AS c, countIf(type = 'account_created') AS entered,
            groupBitOrIf(bitShiftLeft(toUInt64(1), toUInt8(${clickhouseWeek} - first)), type = 'payment_succeeded' AND ${clickhouseWeek} >= first) AS r
          FROM b.ev WHERE type IN ('account_created', 'payment_succeeded') GROUP BY uid) WHERE entered > 0 AND c >= 0 GROUP BY c, r)
        ARRAY JOIN range(${WEEKS}) AS j WHERE j = 0 OR (c + j < ${WEEKS} AND bitTest(r, toUInt8(c + j))) GROUP BY c, j`,
    })),
    ...ofRowStores([
      { name: 'join', sql: withTypes(retentionSql(week((x, y) => `${x} / ${y}`)), (name) => String(codeOf(name))) },
    ]),
  },
};

export const JOURNEYS: readonly Question[] = [stateAt, stateByHour, retention];
