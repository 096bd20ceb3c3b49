import type { AnalysisDocument, AnalysisResult } from '../protocol/index.ts';
import { DAY, type Formulation, type Goals, type Question, type Row } from './question.ts';
import {
  LEVELS,
  IN_ORDER,
  ATTEMPT_LEVELS,
  clickhouseLevelOfActor,
  clickhouseOrdered,
  duckdbLevelOfActor,
  duckdbLevels,
  duckdbOrdered,
  postgresOrdered,
  rowAttempts,
  rowOrdered,
  type Steps,
} from './ordered-sql.ts';

type FunnelDocument = Extract<AnalysisDocument, { type: 'funnel' }>;
export const funnelDocument = ({ a, b, c, windowMs }: Steps, more?: Partial<FunnelDocument>): FunnelDocument => ({
  type: 'funnel',
  steps: [{ event: a }, { event: b }, { event: c }],
  window: { value: windowMs / DAY, unit: 'day' },
  ...more,
});
export const stepCounts = (result: AnalysisResult): readonly Row[] =>
  result.type === 'funnel' ? [result.steps.map((step) => step.count)] : [];

const ordered = (id: string, name: string, steps: Steps, goals: Goals): Question => ({
  id,
  name,
  analysis: funnelDocument(steps),
  rows: stepCounts,
  goals,
  sql: {
    duckdb: duckdbOrdered(steps),
    clickhouse: clickhouseOrdered(steps),
    sqlite: rowOrdered(steps),
    postgres: postgresOrdered(steps),
  },
});
export const CANONICAL = {
  a: 'account_created',
  b: 'shop_created',
  c: 'payment_succeeded',
  windowMs: 30 * DAY,
} as const satisfies Steps;
/** Anchors repeat every month, and the first payment is before the first failure as often as behind it. */
const HARD = {
  a: 'invoice_issued',
  b: 'payment_failed',
  c: 'payment_succeeded',
  windowMs: 30 * DAY,
} as const satisfies Steps;

const breakdownByRanges: readonly Formulation[] = [
  {
    name: 'range reads',
    sql: `SELECT p, ${ATTEMPT_LEVELS} FROM (SELECT *, coalesce((SELECT plan FROM ev WHERE uid = q.uid AND plan IS NOT NULL
      AND type IN (0, 1, 3) ORDER BY t, k LIMIT 1), '') AS p FROM (${rowAttempts(CANONICAL)}) q) r GROUP BY p`,
  },
];
/** First touch: the plan of the actor's first step event that has one (SEMANTICS funnel rule 10). */
const breakdown: Question = {
  id: 'funnel-breakdown',
  name: 'funnel, 30 d, by plan',
  analysis: funnelDocument(CANONICAL, { breakdown: { props: ['plan_id'] } }),
  rows: (result) =>
    result.type === 'funnel'
      ? (result.groups ?? []).map(({ value, steps }) => [value[0] ?? '', ...steps.map((step) => step.count)])
      : [],
  goals: { ours: 15 },
  sql: {
    duckdb: [
      {
        name: 'window',
        sql: `SELECT coalesce(p, ''), ${duckdbLevels()} FROM
          (${duckdbLevelOfActor(CANONICAL, ', arg_min(plan, k) FILTER (plan IS NOT NULL) AS p')}) WHERE l > 0 GROUP BY 1`,
      },
      {
        name: 'join',
        sql: `WITH g AS MATERIALIZED (SELECT uid, arg_min(plan, k) FILTER (plan IS NOT NULL) AS p FROM ev
            WHERE type IN ('${CANONICAL.a}', '${CANONICAL.b}', '${CANONICAL.c}') GROUP BY uid),
          s1 AS MATERIALIZED (SELECT uid, t AS t1 FROM ev WHERE type = '${CANONICAL.a}'),
          s2 AS MATERIALIZED (SELECT s1.uid, t1, min(e.t) AS t2 FROM s1 JOIN ev e ON e.uid = s1.uid
            AND e.type = '${CANONICAL.b}' AND e.t >= t1 AND e.t <= t1 + ${CANONICAL.windowMs} GROUP BY ALL),
          s3 AS (SELECT s2.uid FROM s2 SEMI JOIN ev e ON e.uid = s2.uid AND e.type = '${CANONICAL.c}'
            AND e.t >= t2 AND e.t <= t1 + ${CANONICAL.windowMs}),
          l AS (SELECT uid, max(l) AS l FROM (SELECT uid, 1 AS l FROM s1 UNION ALL SELECT uid, 2 FROM s2
            UNION ALL SELECT uid, 3 FROM s3) GROUP BY uid)
          SELECT coalesce(p, ''), ${duckdbLevels()} FROM l JOIN g USING (uid) GROUP BY 1`,
      },
    ],
    clickhouse: [IN_ORDER, ''].map((settings) => ({
      name: settings === '' ? 'windowFunnel' : 'windowFunnel in order',
      sql: `SELECT toString(p), ${LEVELS} FROM
        (${clickhouseLevelOfActor(CANONICAL, ", argMinIf(plan, k, plan != '') AS p")}) WHERE l > 0 GROUP BY p`,
      ...(settings === '' ? {} : { settings }),
    })),
    sqlite: breakdownByRanges,
    postgres: breakdownByRanges,
  },
};

const CANONICAL_GOALS: Goals = { byScan: 30, ours: 200, oursAt50M: 120 };
export const ORDERED_FUNNELS: readonly Question[] = [
  ordered('funnel-7d', 'funnel, 7 d', { ...CANONICAL, windowMs: 7 * DAY }, CANONICAL_GOALS),
  ordered('funnel-30d', 'funnel, 30 d', CANONICAL, CANONICAL_GOALS),
  ordered('funnel-hard', 'hard funnel, 30 d', HARD, { ours: 15 }),
  breakdown,
];
