import type { AnalysisDocument, AnalysisResult } from '../protocol/index.ts';

/** A question asked of us and of plain SQL on the same file; `figures` must be equal before any time is printed. */
export interface Question {
  readonly name: string;
  readonly analysis: AnalysisDocument;
  readonly figures: (result: AnalysisResult) => readonly number[];
  /** Absent: no honest single statement gives the same numbers. */
  readonly sql?: string;
}
const DAY = 86_400_000;
/** Duplicates and rows without an actor are left out by us; the sample is made clean, so SQL need not. */
const EVENTS =
  "WITH e AS (SELECT json_extract(metadata, '$.user_id') AS u, event_type AS n, event_time AS t FROM global_events)";

export const QUESTIONS: readonly Question[] = [
  {
    name: 'funnel, 3 steps, 30 days',
    analysis: {
      type: 'funnel',
      steps: [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }],
      window: { value: 30, unit: 'day' },
    },
    figures: (r) => (r.type === 'funnel' ? r.steps.map((s) => s.count) : []),
    // Right because account_created happens once an actor.
    sql: `${EVENTS},
      a AS (SELECT u, min(t) AS t FROM e WHERE n = 'account_created' GROUP BY u),
      b AS (SELECT a.u, a.t, min(e.t) AS s FROM a JOIN e ON e.u = a.u AND e.n = 'shop_created' AND e.t BETWEEN a.t AND a.t + ${30 * DAY} GROUP BY a.u),
      c AS (SELECT DISTINCT b.u FROM b JOIN e ON e.u = b.u AND e.n = 'payment_succeeded' AND e.t BETWEEN b.s AND b.t + ${30 * DAY})
      SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT count(*) FROM c)`,
  },
  {
    name: 'events and unique actors per day',
    analysis: { type: 'rollup', interval: 'day' },
    figures: (r) => (r.type === 'rollup' ? [...r.total.events, ...r.total.actors] : []),
    sql: `${EVENTS}, d AS (SELECT t / ${DAY} AS day, count(*) AS events, count(DISTINCT u) AS actors FROM e GROUP BY 1 ORDER BY 1)
      SELECT events FROM d UNION ALL SELECT actors FROM d`,
  },
  {
    name: 'transitions',
    analysis: { type: 'transitions' },
    figures: (r) => (r.type === 'transitions' ? r.edges.map((e) => e.count).toSorted((a, b) => b - a) : []),
    sql: `WITH e AS (SELECT json_extract(metadata, '$.user_id') AS u, event_type AS n, event_time AS t, rowid AS s FROM global_events),
      p AS (SELECT n, lead(n) OVER (PARTITION BY u ORDER BY t, s) AS m FROM e)
      SELECT count(*) AS c FROM p WHERE m IS NOT NULL GROUP BY n, m ORDER BY c DESC`,
  },
  {
    name: 'flow, 5 steps',
    analysis: { type: 'flow', maxSteps: 5 },
    figures: (r) => (r.type === 'flow' ? [r.pathCount] : []),
  },
  {
    name: 'journey',
    analysis: { type: 'journey' },
    figures: (r) => (r.type === 'journey' ? Object.values(r.sizes) : []),
  },
  {
    name: 'weekly retention',
    analysis: {
      type: 'retention',
      cohortEvent: { event: 'account_created' },
      returnEvent: { event: 'payment_succeeded' },
    },
    figures: (r) => (r.type === 'retention' ? r.matrix.flat() : []),
  },
];
