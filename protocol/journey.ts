import { z } from 'zod';
import { DurationSchema, IntervalSchema, MomentSchema, WeekStartSchema, documentShape, type AnswerEnvelope } from './analysis.ts';
import { EventMatchSchema } from './condition.ts';

/**
 * Journey: a declared state machine over an actor's events (design.md section 5). A rule moves an actor into `to`
 * when `event` happens while the actor is in one of `from` (null = any state, `start` = none yet). `unlessOpen` on a
 * deletion rule: the rule fires only when no other object of that property is open (last shop deleted).
 * A deadline moves an actor when something does not happen.
 */
export const JourneyRuleSchema = z.strictObject({
  event: EventMatchSchema,
  from: z.array(z.string()).nullable().default(null),
  to: z.string(),
  /** Fires only at the close of the last open object: opened by `openedBy`, closed by this rule's event, matched by `key`. */
  lastOf: z.strictObject({ key: z.string(), openedBy: EventMatchSchema }).optional(),
});
/** An invoice unpaid `after` its due time: due = property `dueAt` of the opening event, else its time; met by `metBy` with the same `key`. */
export const JourneyDeadlineSchema = z.strictObject({
  opens: EventMatchSchema,
  key: z.string(),
  dueAt: z.string().nullable().default(null),
  metBy: EventMatchSchema,
  after: DurationSchema,
  from: z.array(z.string()).nullable().default(null),
  to: z.string(),
});
export const JourneyModelSchema = z.strictObject({
  states: z.array(z.string().min(1)).min(2).max(12),
  rules: z.array(JourneyRuleSchema).min(1),
  deadlines: z.array(JourneyDeadlineSchema).default([]),
});
export type JourneyModel = z.infer<typeof JourneyModelSchema>;

/** Lead → Prospect → Customer → Churn on our own event types. */
export const DEFAULT_JOURNEY: JourneyModel = JourneyModelSchema.parse({
  states: ['Lead', 'Prospect', 'Customer', 'Churn'],
  rules: [
    { event: { event: 'account_created' }, from: ['start'], to: 'Lead' },
    { event: { event: 'shop_created' }, from: ['start', 'Lead'], to: 'Prospect' },
    { event: { event: 'payment_succeeded' }, from: ['start', 'Lead', 'Prospect', 'Churn'], to: 'Customer' },
    { event: { event: 'account_deleted' }, to: 'Churn' },
    { event: { event: 'shop_deleted' }, to: 'Churn', lastOf: { key: 'shop_id', openedBy: { event: 'shop_created' } } },
  ],
  deadlines: [
    {
      opens: { event: 'invoice_issued' },
      key: 'invoice_id',
      dueAt: 'due_at',
      metBy: { event: 'payment_succeeded' },
      after: { value: 14, unit: 'day' },
      to: 'Churn',
    },
  ],
});

export const JourneySchema = z.strictObject({
  ...documentShape,
  type: z.literal('journey'),
  model: JourneyModelSchema.default(DEFAULT_JOURNEY),
  /** Grid of the stage sizes over time. */
  interval: IntervalSchema.default('week'),
  weekStart: WeekStartSchema.default('monday'),
  /** Loops are unrolled up to this many moves for the Sankey. */
  maxSteps: z.int().min(2).max(20).default(6),
  /** A second point in time (as of and known at) to compare the stages with. */
  compareTo: z.strictObject({ asOf: MomentSchema, knownAt: MomentSchema.nullable().default(null) }).nullish(),
});
export type JourneyQuery = z.infer<typeof JourneySchema>;

export interface JourneyResult extends AnswerEnvelope {
  readonly type: 'journey';
  readonly states: readonly string[];
  /** Actors in each state at the end (asOf or last event), and with no state yet. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly noState: number;
  readonly actorCount: number;
  /** Moves between states in the date range (all, when open): `from` may be `start`. */
  readonly moves: readonly { readonly from: string; readonly to: string; readonly count: number; readonly actors: number; readonly averageSeconds: number; readonly medianSeconds: number }[];
  /** The moves unrolled by position: position 1 is the first state; balance as in a flow, drop-off = stays there. */
  readonly edges: readonly { readonly step: number; readonly from: string; readonly to: string; readonly count: number; readonly averageSeconds: number }[];
  readonly nodes: readonly { readonly step: number; readonly name: string; readonly count: number; readonly stays: number; readonly continues: number }[];
  /** Completed stays. Seconds. Open stays are counted apart. */
  readonly timeInState: Readonly<Record<string, { readonly stays: number; readonly open: number; readonly averageSeconds: number; readonly medianSeconds: number; readonly p90Seconds: number }>>;
  /** Sizes at the end of each local interval. */
  readonly periods: readonly string[];
  readonly sizesOverTime: Readonly<Record<string, readonly number[]>>;
  /** The last period had not ended. */
  readonly unfinished: boolean;
  /** With compareTo: sizes then, and how actors moved between the two points (`none` = no state). */
  readonly comparison?: { readonly sizes: Readonly<Record<string, number>>; readonly movement: readonly { readonly from: string; readonly to: string; readonly count: number }[] };
}
export const JourneySelectionSchema = z.union([
  /** In the state at the end (or at the end of `period`). `none` = no state. */
  z.strictObject({ state: z.string(), period: z.string().optional() }),
  z.strictObject({ move: z.strictObject({ from: z.string(), to: z.string() }) }),
  z.strictObject({ node: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ edge: z.strictObject({ step: z.int().min(1), from: z.string(), to: z.string() }) }),
  z.strictObject({ stays: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  /** With compareTo: was in `from` then, is in `to` now. */
  z.strictObject({ moved: z.strictObject({ from: z.string(), to: z.string() }) }),
]);
export type JourneySelection = z.infer<typeof JourneySelectionSchema>;
