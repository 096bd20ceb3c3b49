import { z } from 'zod';
import { IntervalSchema, MomentSchema, WeekStartSchema, documentShape, type AnswerEnvelope } from './analysis.ts';
import { EventMatchSchema } from './condition.ts';

/** Retention, lifecycle, stickiness: SEMANTICS.md, last section. Intervals are local calendar intervals. */
export const RetentionSchema = z.strictObject({
  ...documentShape,
  type: z.literal('retention'),
  cohortEvent: EventMatchSchema,
  returnEvent: EventMatchSchema,
  interval: IntervalSchema.default('week'),
  intervals: z.int().min(1).max(400).default(11),
  cohortRule: z.enum(['everyInterval', 'firstEver']).default('firstEver'),
  /** A moment inside the last interval; default: the last event (or asOf). */
  endsIn: MomentSchema.nullish(),
  weekStart: WeekStartSchema.default('monday'),
});
export type RetentionQuery = z.infer<typeof RetentionSchema>;
export interface RetentionResult extends AnswerEnvelope {
  readonly type: 'retention';
  /** Row i has `intervals - i` cells: cell 0 is the cohort size, cell k those who returned in interval i+k. */
  readonly matrix: readonly (readonly number[])[];
  /** Local start of each interval with its offset, `2020-01-01T00:00:00+00:00`. */
  readonly periodStarts: readonly string[];
  readonly firstPeriodStart: string;
  /** The last interval had not ended at the end of the data or asOf. */
  readonly unfinished: boolean;
}
export const RetentionSelectionSchema = z.strictObject({
  cohort: z.int().min(0),
  interval: z.int().min(0),
  returned: z.boolean().default(true),
});
export type RetentionSelection = z.infer<typeof RetentionSelectionSchema>;

export const LifecycleSchema = z.strictObject({
  ...documentShape,
  type: z.literal('lifecycle'),
  event: EventMatchSchema,
  interval: IntervalSchema.default('week'),
  weekStart: WeekStartSchema.default('monday'),
});
export type LifecycleQuery = z.infer<typeof LifecycleSchema>;
export const LIFECYCLE_STATUSES = ['new', 'returning', 'resurrecting', 'dormant'] as const;
export type LifecycleStatus = (typeof LIFECYCLE_STATUSES)[number];
export interface LifecycleResult extends AnswerEnvelope {
  readonly type: 'lifecycle';
  /** Dormant is negative. */
  readonly series: Readonly<Record<LifecycleStatus, readonly number[]>>;
  readonly periods: readonly string[];
  /** The last period had not ended at the end of the data, asOf or the range. */
  readonly unfinished: boolean;
}
export const LifecycleSelectionSchema = z.strictObject({ period: z.string(), status: z.enum(LIFECYCLE_STATUSES) });
export type LifecycleSelection = z.infer<typeof LifecycleSelectionSchema>;

export const StickinessSchema = z.strictObject({
  ...documentShape,
  type: z.literal('stickiness'),
  event: EventMatchSchema,
  interval: IntervalSchema.default('day'),
  weekStart: WeekStartSchema.default('monday'),
});
export type StickinessQuery = z.infer<typeof StickinessSchema>;
export interface StickinessResult extends AnswerEnvelope {
  readonly type: 'stickiness';
  /** Element k-1 = actors active in exactly k intervals. */
  readonly actorsByActiveIntervals: readonly number[];
}
export const StickinessSelectionSchema = z.strictObject({ activeIntervals: z.int().min(1) });
export type StickinessSelection = z.infer<typeof StickinessSelectionSchema>;
