import { z } from 'zod';
import {
  DurationSchema,
  IntervalSchema,
  MomentSchema,
  WeekStartSchema,
  documentShape,
  type AnswerEnvelope,
} from './analysis.ts';
import { EventMatchSchema } from './condition.ts';
import { NO_STATE, START_STATE } from './journey-states.ts';

/**
 * Journey: a declared state machine over an actor's events (design.md section 5). A rule moves an actor into `to`
 * when `event` happens while the actor is in one of `from` (null = any state or none, `start` = none yet). The first
 * rule that fits decides; a move into the state the actor is in is no move. With `lastOf` the rule fires only when no
 * other object of that property is open (last shop deleted). A deadline moves an actor when something does not happen.
 */
export const JourneyRuleSchema = z.strictObject({
  event: EventMatchSchema,
  from: z.array(z.string()).nullable().default(null),
  to: z.string(),
  /** Fires only at the close of the last open object: opened by `openedBy`, closed by this rule's event, matched by `key`. */
  lastOf: z.strictObject({ key: z.string(), openedBy: EventMatchSchema }).optional(),
});
/**
 * An invoice unpaid `after` its due time: due = property `dueAt` of the opening event (ISO text, UTC without an offset,
 * or ms), else its time; met by `metBy` with the same `key` at any time up to and including the deadline, also before
 * it was opened. The move happens at the deadline, if that is not after the end of the data (asOf, else the last
 * event; never after knownAt). Opening events without the key set no deadline.
 */
export const JourneyDeadlineSchema = z.strictObject({
  opens: EventMatchSchema,
  key: z.string(),
  dueAt: z.string().nullable().default(null),
  metBy: EventMatchSchema,
  after: DurationSchema,
  from: z.array(z.string()).nullable().default(null),
  to: z.string(),
});
export const JourneyModelSchema = z
  .strictObject({
    states: z.array(z.string().min(1)).min(2).max(12),
    rules: z.array(JourneyRuleSchema).min(1),
    deadlines: z.array(JourneyDeadlineSchema).default([]),
  })
  .superRefine(({ states, rules, deadlines }, ctx) => {
    const bad = (path: (string | number)[], message: string): void => {
      ctx.addIssue({ code: 'custom', path, message });
    };
    states.forEach((state, i) => {
      if (state === START_STATE || state === NO_STATE) bad(['states', i], `"${state}" stands for no state`);
      if (states.indexOf(state) < i) bad(['states', i], `"${state}" is there twice`);
    });
    for (const [key, entries] of Object.entries({ rules, deadlines })) {
      entries.forEach(({ from, to }, i) => {
        if (!states.includes(to)) bad([key, i, 'to'], `"${to}" is not one of the states`);
        from?.forEach((state, j) => {
          if (state !== START_STATE && !states.includes(state))
            bad([key, i, 'from', j], `"${state}" is not one of the states`);
        });
      });
    }
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
  /** Positions of the Sankey: loops are unrolled up to here. */
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
  /**
   * Moves between states in the date range (all, when open): `from` may be `start`, which takes no time. The range
   * limits which moves are counted, never the history that makes the states. The list behind a move has `actors` rows.
   */
  readonly moves: readonly {
    readonly from: string;
    readonly to: string;
    readonly count: number;
    readonly actors: number;
    readonly averageSeconds: number;
    readonly medianSeconds: number;
  }[];
  /**
   * The moves unrolled by position: position 1 is the state at the start of the range, else the first one in it. Every
   * actor has one path, so counts are actors. Balance: a node's `count` = edges in (position 1: those who begin there)
   * = edges out + `stays` (still there at the end of the range) + `continues` (moves on beyond maxSteps).
   */
  readonly edges: readonly {
    readonly step: number;
    readonly from: string;
    readonly to: string;
    readonly count: number;
    readonly averageSeconds: number;
  }[];
  readonly nodes: readonly {
    readonly step: number;
    readonly name: string;
    readonly count: number;
    readonly stays: number;
    readonly continues: number;
  }[];
  /** Stays completed by a counted move, in seconds. `open` = actors in the state at the end. */
  readonly timeInState: Readonly<
    Record<
      string,
      {
        readonly stays: number;
        readonly open: number;
        readonly averageSeconds: number;
        readonly medianSeconds: number;
        readonly p90Seconds: number;
      }
    >
  >;
  /** Sizes at the end of each local interval of the range (the last one: at the end of the data). */
  readonly periods: readonly string[];
  readonly sizesOverTime: Readonly<Record<string, readonly number[]>>;
  /** The last period had not ended. */
  readonly unfinished: boolean;
  /** With compareTo: sizes then, and where actors were then (`from`) and are now (`to`), also those who stayed; `none` = no state. */
  readonly comparison?: {
    readonly sizes: Readonly<Record<string, number>>;
    readonly movement: readonly { readonly from: string; readonly to: string; readonly count: number }[];
  };
}
export const JourneySelectionSchema = z.union([
  /** In the state at the end (or at the end of `period`). `none` = no state. */
  z.strictObject({ state: z.string(), period: z.string().optional() }),
  z.strictObject({ move: z.strictObject({ from: z.string(), to: z.string() }) }),
  z.strictObject({ node: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ edge: z.strictObject({ step: z.int().min(1), from: z.string(), to: z.string() }) }),
  z.strictObject({ continues: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ stays: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  /** With compareTo: was in `from` then, is in `to` now. */
  z.strictObject({ moved: z.strictObject({ from: z.string(), to: z.string() }) }),
]);
export type JourneySelection = z.infer<typeof JourneySelectionSchema>;
