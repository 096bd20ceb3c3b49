import { DAY, codeOf, ofRowStores, type Formulation, type Question } from './question.ts';
import { funnelDocument, stepCounts } from './question-ordered-funnels.ts';
import { ATTEMPT_LEVELS, IN_ORDER, LEVELS, duckdbLevels, rowAttempts, rowLevels, type Steps } from './ordered-sql.ts';

const STEPS = {
  a: 'shop_created',
  b: 'invoice_issued',
  c: 'payment_succeeded',
  windowMs: 30 * DAY,
} as const satisfies Steps;
const EXCLUDED = 'payment_failed';
const { a, b, c, windowMs: w } = STEPS;
const TYPES = `('${a}', '${b}', '${c}')`;

/** The next two events of the stream decide: no state is carried. */
const strictLevels = (reached2: string, reached3: string): string =>
  `SELECT uid, max(CASE WHEN ${reached3} THEN 3 WHEN ${reached2} THEN 2 ELSE 1 END) AS l`;
const strict: Question = {
  id: 'funnel-strict',
  name: 'strict funnel, 30 d',
  analysis: funnelDocument(STEPS, { order: 'strict' }),
  rows: stepCounts,
  goals: { ours: 15 },
  sql: {
    duckdb: [
      {
        name: 'lead',
        sql: `WITH e AS (SELECT uid, t, type, lead(type) OVER w AS y1, lead(t) OVER w AS t1, lead(type, 2) OVER w AS y2,
            lead(t, 2) OVER w AS t2 FROM ev WINDOW w AS (PARTITION BY uid ORDER BY k))
          SELECT ${duckdbLevels()} FROM (${strictLevels(`y1 = '${b}' AND t1 <= t + ${w}`, `y1 = '${b}' AND y2 = '${c}' AND t2 <= t + ${w}`)}
          FROM e WHERE type = '${a}' GROUP BY uid)`,
      },
      {
        name: 'numbered join',
        sql: `WITH n AS MATERIALIZED (SELECT rowid AS n, uid, t, type FROM ev WHERE type IN ${TYPES}),
            s AS (SELECT s1.uid, s1.t, s2.t AS t1, s3.t AS t2 FROM n s1
              LEFT JOIN n s2 ON s2.n = s1.n + 1 AND s2.uid = s1.uid AND s2.type = '${b}'
              LEFT JOIN n s3 ON s3.n = s1.n + 2 AND s3.uid = s2.uid AND s3.type = '${c}' WHERE s1.type = '${a}')
          SELECT ${duckdbLevels()} FROM (${strictLevels(`t1 <= t + ${w}`, `t2 <= t + ${w}`)} FROM s GROUP BY uid)`,
      },
    ],
    clickhouse: [
      {
        name: 'arrays in order',
        settings: IN_ORDER,
        sql: `SELECT ${LEVELS} FROM (SELECT arraySort(x -> x.1, groupArray((k, type, t))) AS s,
          multiIf(arrayExists((x, y, z) -> x.2 = '${a}' AND y.2 = '${b}' AND z.2 = '${c}' AND z.3 <= x.3 + ${w},
              arraySlice(s, 1, length(s) - 2), arraySlice(s, 2, length(s) - 2), arraySlice(s, 3)) AND length(s) > 2, 3,
            arrayExists((x, y) -> x.2 = '${a}' AND y.2 = '${b}' AND y.3 <= x.3 + ${w}, arrayPopBack(s), arrayPopFront(s)), 2,
            arrayExists(x -> x.2 = '${a}', s), 1, 0) AS l FROM b.ev GROUP BY uid)`,
      },
      {
        name: 'leadInFrame',
        sql: `SELECT ${LEVELS} FROM (${strictLevels(`y1 = '${b}' AND t1 <= t + ${w}`, `y1 = '${b}' AND y2 = '${c}' AND t2 <= t + ${w}`)}
          FROM (SELECT uid, t, type, leadInFrame(toNullable(type)) OVER w AS y1, leadInFrame(t) OVER w AS t1,
            leadInFrame(toNullable(type), 2) OVER w AS y2, leadInFrame(t, 2) OVER w AS t2 FROM b.ev
            WINDOW w AS (PARTITION BY uid ORDER BY k ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)) WHERE type = '${a}' GROUP BY uid)`,
      },
      {
        name: 'leadInFrame in key order',
        sql: `SELECT ${LEVELS} FROM (${strictLevels(`u1 = uid AND y1 = '${b}' AND t1 <= t + ${w}`, `u2 = uid AND y1 = '${b}' AND y2 = '${c}' AND t2 <= t + ${w}`)}
          FROM (SELECT uid, t, type, leadInFrame(type) OVER w AS y1, leadInFrame(t) OVER w AS t1, leadInFrame(uid, 1, 4294967295) OVER w AS u1,
            leadInFrame(type, 2) OVER w AS y2, leadInFrame(t, 2) OVER w AS t2, leadInFrame(uid, 2, 4294967295) OVER w AS u2
            FROM (SELECT uid, t, k, type FROM b.ev ORDER BY uid, t, k)
            WINDOW w AS (ORDER BY uid, t, k ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)) WHERE type = '${a}' GROUP BY uid)`,
      },
    ],
    ...ofRowStores([
      {
        name: 'lead',
        sql: `SELECT ${rowLevels()} FROM (${strictLevels(`y1 = ${codeOf(b)} AND t1 <= t + ${w}`, `y1 = ${codeOf(b)} AND y2 = ${codeOf(c)} AND t2 <= t + ${w}`)}
          FROM (SELECT uid, t, type, lead(type) OVER w AS y1, lead(t) OVER w AS t1, lead(type, 2) OVER w AS y2, lead(t, 2) OVER w AS t2
            FROM ev WINDOW w AS (PARTITION BY uid ORDER BY t, k)) e WHERE type = ${codeOf(a)} GROUP BY uid) r`,
      },
    ]),
  },
};

/** Level = different steps in the window behind any step event: the deepest ordered level over all six orders. */
const ORDERS = [
  [a, b, c],
  [a, c, b],
  [b, a, c],
  [b, c, a],
  [c, a, b],
  [c, b, a],
];
const seen = (aggregateOf: (type: Steps['a']) => string): string =>
  [a, b, c]
    .map(
      (type) => `${aggregateOf(type)} OVER (PARTITION BY uid ORDER BY t RANGE BETWEEN CURRENT ROW AND ${w} FOLLOWING)`,
    )
    .join(', ');
const allFunnels = ORDERS.map(
  (order) => `windowFunnel(${w})(t, ${order.map((type) => `type = '${type}'`).join(', ')})`,
);
const timesOf = (type: string): string => `arraySort(groupArrayIf(t, type = '${type}'))`;
const unordered: Question = {
  id: 'funnel-unordered',
  name: 'unordered funnel, 30 d',
  analysis: funnelDocument(STEPS, { order: 'unordered' }),
  rows: stepCounts,
  goals: { ours: 15 },
  sql: {
    duckdb: [
      {
        name: 'range window',
        sql: `WITH f(uid, x, y, z) AS (SELECT uid, ${seen((type) => `bool_or(type = '${type}')`)} FROM ev WHERE type IN ${TYPES}),
          g AS (SELECT uid, max(x::INT + y::INT + z::INT) AS l FROM f GROUP BY uid) SELECT ${duckdbLevels()} FROM g`,
      },
      {
        name: 'lists',
        sql: `WITH g AS (SELECT list(t) AS s, ${[a, b, c].map((type, i) => `list(t) FILTER (type = '${type}') AS l${i}`).join(', ')}
            FROM ev WHERE type IN ${TYPES} GROUP BY uid),
          h AS (SELECT list_max(list_transform(s, lambda x: ${[0, 1, 2].map((i) => `coalesce((list_min(list_filter(l${i}, lambda y: y >= x)) <= x + ${w})::INT, 0)`).join(' + ')})) AS l FROM g)
          SELECT ${duckdbLevels()} FROM h`,
      },
    ],
    clickhouse: [
      {
        name: 'six windowFunnels in order',
        settings: IN_ORDER,
        sql: `SELECT ${LEVELS} FROM (SELECT greatest(${allFunnels.join(', ')}) AS l FROM b.ev WHERE type IN ${TYPES} GROUP BY uid)`,
      },
      {
        name: 'arrays in order',
        settings: IN_ORDER,
        sql: `SELECT ${LEVELS} FROM (SELECT groupArray((t, type)) AS s, arrayMax(arrayMap(x ->
          ${[a, b, c].map((type) => `arrayExists(y -> y.2 = '${type}' AND y.1 >= x.1 AND y.1 <= x.1 + ${w}, s)`).join(' + ')}, s)) AS l
          FROM b.ev WHERE type IN ${TYPES} GROUP BY uid)`,
      },
      {
        name: 'arrays by type in order',
        settings: IN_ORDER,
        sql: `SELECT ${LEVELS} FROM (SELECT ${timesOf(a)} AS la, ${timesOf(b)} AS lb, ${timesOf(c)} AS lc,
          arrayMax(arrayMap(x -> ${['la', 'lb', 'lc'].map((list) => `arrayExists(y -> y >= x AND y <= x + ${w}, ${list})`).join(' + ')},
            arrayConcat(la, lb, lc))) AS l FROM b.ev WHERE type IN ${TYPES} GROUP BY uid)`,
      },
    ],
    ...ofRowStores([
      {
        name: 'range window',
        sql: `WITH f(uid, x, y, z) AS (SELECT uid, ${seen((type) => `max(CASE WHEN type = ${codeOf(type)} THEN 1 ELSE 0 END)`)}
            FROM ev WHERE type IN (1, 2, 3))
          SELECT ${rowLevels()} FROM (SELECT max(x + y + z) AS l FROM f GROUP BY uid) r`,
      },
    ]),
  },
};

/** An attempt is void by an excluded event between its first and last step, or before the end of its window. */
const duckdbExclusion: readonly Formulation[] = [
  {
    name: 'asof join',
    sql: `WITH s1 AS (SELECT uid, t AS t1 FROM ev WHERE type = '${a}'),
      b AS (SELECT uid, t FROM ev WHERE type = '${b}'), c AS (SELECT uid, t FROM ev WHERE type = '${c}'),
      x AS (SELECT uid, t FROM ev WHERE type = '${EXCLUDED}'),
      s2 AS (SELECT s1.uid, t1, CASE WHEN b.t <= t1 + ${w} THEN b.t END AS t2 FROM s1 ASOF LEFT JOIN b ON s1.uid = b.uid AND t1 <= b.t),
      s3 AS (SELECT s2.uid, t1, t2, CASE WHEN t2 IS NOT NULL AND c.t <= t1 + ${w} THEN c.t END AS t3 FROM s2 ASOF LEFT JOIN c ON s2.uid = c.uid AND t2 <= c.t),
      ok AS (SELECT s3.uid, t2, t3 FROM s3 ASOF LEFT JOIN x ON s3.uid = x.uid AND t1 < x.t
        WHERE x.t IS NULL OR x.t >= coalesce(t3, t1 + ${w}))
      SELECT count(DISTINCT uid), count(DISTINCT uid) FILTER (t2 IS NOT NULL), count(DISTINCT uid) FILTER (t3 IS NOT NULL) FROM ok`,
  },
  {
    name: 'join',
    sql: `WITH s1 AS MATERIALIZED (SELECT DISTINCT uid, t AS t1 FROM ev WHERE type = '${a}'),
      s2 AS MATERIALIZED (SELECT s1.uid, t1, min(e.t) AS t2 FROM s1 LEFT JOIN ev e ON e.uid = s1.uid AND e.type = '${b}'
        AND e.t >= t1 AND e.t <= t1 + ${w} GROUP BY ALL),
      s3 AS MATERIALIZED (SELECT s2.uid, t1, t2, min(e.t) AS t3 FROM s2 LEFT JOIN ev e ON e.uid = s2.uid AND e.type = '${c}'
        AND e.t >= t2 AND e.t <= t1 + ${w} GROUP BY ALL),
      ok AS (SELECT * FROM s3 ANTI JOIN ev e ON e.uid = s3.uid AND e.type = '${EXCLUDED}' AND e.t > t1 AND e.t < coalesce(t3, t1 + ${w}))
      SELECT count(DISTINCT uid), count(DISTINCT uid) FILTER (t2 IS NOT NULL), count(DISTINCT uid) FILTER (t3 IS NOT NULL) FROM ok`,
  },
];
const exclusion: Question = {
  id: 'funnel-exclusion',
  name: 'funnel with exclusion, 30 d',
  analysis: funnelDocument(STEPS, { exclusions: [{ event: EXCLUDED, fromStep: 0, toStep: 2 }] }),
  rows: stepCounts,
  goals: { ours: 15 },
  sql: {
    duckdb: duckdbExclusion,
    clickhouse: [IN_ORDER, ''].map((settings) => ({
      name: settings === '' ? 'arrays' : 'arrays in order',
      ...(settings === '' ? {} : { settings }),
      sql: `SELECT ${LEVELS} FROM (SELECT ${timesOf(a)} AS la, ${timesOf(b)} AS lb, ${timesOf(c)} AS lc, ${timesOf(EXCLUDED)} AS lx,
          arrayMap(p -> arrayFirst(q -> q >= p, lb), la) AS l2,
          arrayMap((p, p2) -> if(p2 = 0, 0, arrayFirst(q -> q >= p2, lc)), la, l2) AS l3,
          arrayMap((p, p2, p3) -> arrayExists(q -> q > p AND q < if(p3 > 0 AND p3 <= p + ${w}, p3, p + ${w}), lx) ? 0 :
            (p3 > 0 AND p3 <= p + ${w} ? 3 : (p2 > 0 AND p2 <= p + ${w} ? 2 : 1)), la, l2, l3) AS ls,
          if(empty(ls), 0, arrayMax(ls)) AS l FROM b.ev WHERE type IN ('${a}', '${b}', '${c}', '${EXCLUDED}') GROUP BY uid)`,
    })),
    ...ofRowStores([
      {
        name: 'range reads',
        sql: `SELECT ${ATTEMPT_LEVELS} FROM (${rowAttempts(STEPS)}) r WHERE NOT EXISTS (SELECT 1 FROM ev WHERE uid = r.uid
          AND t > t1 AND t < coalesce(t3, t1 + ${w}) AND type = ${codeOf(EXCLUDED)})`,
      },
    ]),
  },
};

export const OTHER_FUNNELS: readonly Question[] = [strict, unordered, exclusion];
