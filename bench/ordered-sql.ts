import { codeOf, type EventType, type Formulation } from './question.ts';

/** A three-step funnel: event types and the window in ms. */
export interface Steps {
  readonly a: EventType;
  readonly b: EventType;
  readonly c: EventType;
  readonly windowMs: number;
}
const types = ({ a, b, c }: Steps): string => `('${a}', '${b}', '${c}')`;
export const LEVELS = 'countIf(l >= 1), countIf(l >= 2), countIf(l >= 3)';
export const IN_ORDER = 'optimize_aggregation_in_order=1';

/** Every a is an attempt; frames are RANGE, so that events of one moment see each other (SEMANTICS funnel rule 3). */
export function duckdbOrdered(steps: Steps): readonly Formulation[] {
  const { a, b, c, windowMs: w } = steps;
  return [
    {
      name: 'join',
      sql: `WITH s1 AS MATERIALIZED (SELECT uid, t AS t1 FROM ev WHERE type = '${a}'),
        s2 AS MATERIALIZED (SELECT s1.uid, t1, min(e.t) AS t2 FROM s1 JOIN ev e
          ON e.uid = s1.uid AND e.type = '${b}' AND e.t >= t1 AND e.t <= t1 + ${w} GROUP BY ALL),
        s3 AS MATERIALIZED (SELECT s2.uid FROM s2 SEMI JOIN ev e
          ON e.uid = s2.uid AND e.type = '${c}' AND e.t >= t2 AND e.t <= t1 + ${w})
        SELECT (SELECT count(DISTINCT uid) FROM s1), (SELECT count(DISTINCT uid) FROM s2), (SELECT count(DISTINCT uid) FROM s3)`,
    },
    {
      name: 'asof join',
      sql: `WITH s1 AS MATERIALIZED (SELECT uid, t FROM ev WHERE type = '${a}'),
        s2 AS MATERIALIZED (SELECT e.uid, e.t AS t2, s1.t AS t1 FROM ev e ASOF JOIN s1 ON e.uid = s1.uid AND e.t >= s1.t
          WHERE e.type = '${b}' AND e.t <= s1.t + ${w}),
        s3 AS (SELECT e.uid FROM ev e ASOF JOIN s2 ON e.uid = s2.uid AND e.t >= s2.t2
          WHERE e.type = '${c}' AND e.t <= s2.t1 + ${w})
        SELECT (SELECT count(DISTINCT uid) FROM s1), (SELECT count(DISTINCT uid) FROM s2), (SELECT count(DISTINCT uid) FROM s3)`,
    },
    { name: 'window', sql: `SELECT ${duckdbLevels()} FROM (${duckdbLevelOfActor(steps)})` },
    {
      name: 'lists',
      sql: `WITH g AS (SELECT list(t) FILTER (type = '${a}') AS la, list(t) FILTER (type = '${b}') AS lb,
          list(t) FILTER (type = '${c}') AS lc FROM ev WHERE type IN ${types(steps)} GROUP BY uid),
        h AS (SELECT list_max(list_transform(la, lambda x: CASE
            WHEN list_max(list_filter(lc, lambda z: z <= x + ${w})) >= list_min(list_filter(lb, lambda y: y >= x)) THEN 3
            WHEN list_min(list_filter(lb, lambda y: y >= x)) <= x + ${w} THEN 2 ELSE 1 END)) AS l FROM g WHERE la IS NOT NULL)
        SELECT ${duckdbLevels()} FROM h`,
    },
  ];
}
export const duckdbLevels = (): string => [1, 2, 3].map((n) => `count(*) FILTER (l >= ${n})`).join(', ');

/** `SELECT uid, l`: carries the latest start that reaches each step; `more` = further aggregates an actor. */
export function duckdbLevelOfActor(steps: Steps, more = ''): string {
  const { a, b, c, windowMs: w } = steps;
  return `WITH p AS (SELECT uid, t, k, type, plan, max(CASE WHEN type = '${a}' THEN t END) OVER w AS a1 FROM ev
      WHERE type IN ${types(steps)} WINDOW w AS (PARTITION BY uid ORDER BY t)),
    q AS (SELECT uid, t, k, type, plan, a1, max(CASE WHEN type = '${b}' AND t <= a1 + ${w} THEN a1 END) OVER w AS a2 FROM p
      WINDOW w AS (PARTITION BY uid ORDER BY t))
    SELECT uid, max(CASE WHEN type = '${c}' AND t <= a2 + ${w} THEN 3 WHEN type = '${b}' AND t <= a1 + ${w} THEN 2
      WHEN type = '${a}' THEN 1 ELSE 0 END) AS l${more} FROM q GROUP BY uid`;
}

/** `SELECT uid, l` by ClickHouse's own funnel function, which takes events of one moment in the order of steps. */
export function clickhouseLevelOfActor(steps: Steps, more = ''): string {
  const { a, b, c, windowMs } = steps;
  return `SELECT uid, windowFunnel(${windowMs})(t, type = '${a}', type = '${b}', type = '${c}') AS l${more}
    FROM b.ev WHERE type IN ${types(steps)} GROUP BY uid`;
}
export function clickhouseOrdered(steps: Steps): readonly Formulation[] {
  const sql = `SELECT ${LEVELS} FROM (${clickhouseLevelOfActor(steps)})`;
  return [
    { name: 'windowFunnel in order', sql, settings: IN_ORDER },
    { name: 'windowFunnel', sql },
  ];
}

/** `SELECT uid, t1, t2, t3` of every attempt, by range reads of a row store's clustered key. */
export const rowAttempts = ({ a, b, c, windowMs: w }: Steps): string => `
  SELECT uid, t1, t2, (SELECT min(t) FROM ev WHERE uid = p.uid AND t BETWEEN t2 AND t1 + ${w} AND type = ${codeOf(c)}) AS t3
  FROM (SELECT uid, t AS t1, (SELECT min(t) FROM ev WHERE uid = e.uid AND t BETWEEN e.t AND e.t + ${w} AND type = ${codeOf(b)}) AS t2
    FROM ev e WHERE type = ${codeOf(a)}) p`;
export const ATTEMPT_LEVELS =
  'count(DISTINCT uid), count(DISTINCT uid) FILTER (WHERE t2 IS NOT NULL), count(DISTINCT uid) FILTER (WHERE t3 IS NOT NULL)';
export const rowLevels = (): string => [1, 2, 3].map((n) => `count(*) FILTER (WHERE l >= ${n})`).join(', ');

/** Needs no index: the only way to ask a snapshot as it is, which has none on actors. */
export const ROW_WINDOW = 'window';
export function rowOrdered(steps: Steps): readonly Formulation[] {
  const { a, b, c, windowMs: w } = steps;
  const [x, y, z] = [codeOf(a), codeOf(b), codeOf(c)];
  const latest = (when: string, start: string): string =>
    `max(CASE WHEN ${when} THEN ${start} END) OVER (PARTITION BY uid ORDER BY t)`;
  return [
    { name: 'range reads', sql: `SELECT ${ATTEMPT_LEVELS} FROM (${rowAttempts(steps)}) r` },
    {
      name: ROW_WINDOW,
      sql: `SELECT ${rowLevels()} FROM (SELECT max(CASE WHEN type = ${z} AND t <= a2 + ${w} THEN 3
          WHEN type = ${y} AND t <= a1 + ${w} THEN 2 WHEN type = ${x} THEN 1 ELSE 0 END) AS l FROM
        (SELECT *, ${latest(`type = ${y} AND t <= a1 + ${w}`, 'a1')} AS a2 FROM
          (SELECT uid, t, type, ${latest(`type = ${x}`, 't')} AS a1 FROM ev WHERE type IN (${x}, ${y}, ${z})) p) q GROUP BY uid) r`,
    },
  ];
}
export function postgresOrdered(steps: Steps): readonly Formulation[] {
  const { a, b, c, windowMs: w } = steps;
  return [
    ...rowOrdered(steps),
    {
      name: 'join',
      sql: `WITH s1 AS MATERIALIZED (SELECT uid, t AS t1 FROM ev WHERE type = ${codeOf(a)}),
        s2 AS MATERIALIZED (SELECT s1.uid, t1, min(e.t) AS t2 FROM s1 JOIN ev e
          ON e.uid = s1.uid AND e.type = ${codeOf(b)} AND e.t >= t1 AND e.t <= t1 + ${w} GROUP BY 1, 2),
        s3 AS (SELECT DISTINCT s2.uid FROM s2 JOIN ev e
          ON e.uid = s2.uid AND e.type = ${codeOf(c)} AND e.t >= t2 AND e.t <= t1 + ${w})
        SELECT (SELECT count(DISTINCT uid) FROM s1), (SELECT count(DISTINCT uid) FROM s2), (SELECT count(*) FROM s3)`,
    },
  ];
}
