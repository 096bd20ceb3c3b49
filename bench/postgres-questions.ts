import type { AnalysisDocument } from '../protocol/index.ts';

/** An analysis and what somebody would write who asks for the same counts alone. */
export interface PushedQuestion {
  readonly name: string;
  readonly analysis: AnalysisDocument;
  readonly byHand: string;
  /** What the hand-written one leaves out. */
  readonly without: string;
}

const USER = "metadata ->> 'user_id'";
const WINDOW = "interval '30 days'";
const step = (type: string): string => `event_type = '${type}'`;

/** As carried windows: the latest start that reaches each step. The fastest of those in `ordered-sql.ts` without an index. */
const FUNNEL = `WITH e AS (
    SELECT ${USER} AS actor, event_time AS t, event_type AS type FROM global_events
    WHERE event_type IN ('account_created', 'shop_created', 'payment_succeeded')),
  p AS (SELECT *, max(t) FILTER (WHERE type = 'account_created') OVER w AS a1 FROM e WINDOW w AS (PARTITION BY actor ORDER BY t)),
  q AS (SELECT *, max(a1) FILTER (WHERE type = 'shop_created' AND t <= a1 + ${WINDOW}) OVER w AS a2 FROM p
    WINDOW w AS (PARTITION BY actor ORDER BY t)),
  r AS (SELECT actor, max(CASE WHEN type = 'payment_succeeded' AND t <= a2 + ${WINDOW} THEN 3
    WHEN type = 'shop_created' AND t <= a1 + ${WINDOW} THEN 2 WHEN type = 'account_created' THEN 1 ELSE 0 END) AS level FROM q GROUP BY actor)
  SELECT count(*) FILTER (WHERE level >= 1), count(*) FILTER (WHERE level >= 2), count(*) FILTER (WHERE level >= 3) FROM r`;

export const PUSHED_QUESTIONS: readonly PushedQuestion[] = [
  {
    name: 'ordered funnel, three steps, 30 days',
    analysis: {
      type: 'funnel',
      steps: [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }],
      window: { value: 30, unit: 'day' },
    },
    byHand: FUNNEL,
    without: 'times between steps: mean, median, p90',
  },
  {
    name: 'events and actors by day and type',
    analysis: { type: 'rollup', interval: 'day', by: '$event' },
    byHand: `SELECT date_trunc('day', event_time AT TIME ZONE 'UTC'), event_type, count(*), count(DISTINCT ${USER})
      FROM global_events GROUP BY 1, 2`,
    without: 'totals of periods and of series',
  },
  {
    name: 'retention by month, payments after the account',
    analysis: {
      type: 'retention',
      cohortEvent: { event: 'account_created' },
      returnEvent: { event: 'payment_succeeded' },
      interval: 'month',
      intervals: 6,
    },
    byHand: `WITH c AS (SELECT ${USER} AS actor, date_trunc('month', min(event_time) AT TIME ZONE 'UTC') AS cohort
        FROM global_events WHERE ${step('account_created')} GROUP BY 1),
      r AS (SELECT DISTINCT ${USER} AS actor, date_trunc('month', event_time AT TIME ZONE 'UTC') AS month
        FROM global_events WHERE ${step('payment_succeeded')})
      SELECT cohort, month, count(*) FROM c JOIN r USING (actor) WHERE month >= cohort GROUP BY 1, 2`,
    without: 'shares and weighted means',
  },
  {
    name: 'transitions between events',
    analysis: { type: 'transitions' },
    byHand: `SELECT type, next, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY after) FROM (
        SELECT event_type AS type, lead(event_type) OVER w AS next, lead(extract(epoch FROM event_time)) OVER w - extract(epoch FROM event_time) AS after
        FROM global_events WINDOW w AS (PARTITION BY ${USER} ORDER BY event_time, seq)) e GROUP BY 1, 2`,
    without: 'shares',
  },
];
