import { z } from 'zod';
import { DurationSchema, IntervalSchema, WeekStartSchema, documentShape, type AnswerEnvelope } from './analysis.ts';
import { EventMatchSchema } from './condition.ts';

/** Funnel: see conformance SEMANTICS.md, "Funnels", rules 1 to 13. */
export const FunnelStepSchema = EventMatchSchema.extend({
  firstTimeOnly: z.boolean().optional(),
  /** An optional step may be skipped without lowering the level; times run between filled steps. */
  optional: z.boolean().optional(),
});
export type FunnelStep = z.infer<typeof FunnelStepSchema>;

export const ExclusionSchema = EventMatchSchema.extend({ fromStep: z.int().min(0), toStep: z.int().min(1) });
export type Exclusion = z.infer<typeof ExclusionSchema>;

export const BreakdownSchema = z.strictObject({
  props: z.array(z.string().min(1)).min(1),
  attribution: z
    .discriminatedUnion('type', [
      /** `step` says nothing here. */
      z.strictObject({ type: z.enum(['first_touch', 'last_touch', 'all_events']), step: z.int().min(0).optional() }),
      z.strictObject({ type: z.literal('step'), step: z.int().min(0) }),
    ])
    .default({ type: 'first_touch' }),
  limit: z.int().min(1).optional(),
});
export type Breakdown = z.infer<typeof BreakdownSchema>;

export const FUNNEL_ORDERS = ['ordered', 'strict', 'unordered'] as const;

export const FunnelSchema = z
  .strictObject({
    ...documentShape,
    type: z.literal('funnel'),
    order: z.enum(FUNNEL_ORDERS).default('ordered'),
    steps: z.array(FunnelStepSchema).min(1).max(30),
    /** A window of 0 holds what happened at the same time. */
    window: DurationSchema.extend({ value: z.number().nonnegative() }).nullable().default(null),
    exclusions: z.array(ExclusionSchema).default([]),
    breakdown: BreakdownSchema.nullish(),
    /** trend and timeToConvert add their keys to the answer; steps are always there. */
    viz: z.enum(['steps', 'trend', 'timeToConvert']).default('steps'),
    interval: IntervalSchema.default('day'),
    weekStart: WeekStartSchema.default('monday'),
    fromStep: z.int().min(0).optional(),
    toStep: z.int().min(1).optional(),
    binCount: z.int().min(1).max(1000).optional(),
  })
  .superRefine((q, ctx) => {
    const last = q.steps.length - 1;
    const bad = (path: (string | number)[], message: string): void => {
      ctx.addIssue({ code: 'custom', path, message });
    };
    q.exclusions.forEach((x, i) => {
      if (x.toStep > last) bad(['exclusions', i, 'toStep'], `must be at most ${last}`);
      if (x.fromStep >= x.toStep) bad(['exclusions', i, 'fromStep'], 'must be before toStep');
    });
    if (q.toStep !== undefined && q.toStep > last) bad(['toStep'], `must be at most ${last}`);
    if ((q.fromStep ?? 0) >= (q.toStep ?? Math.max(1, last))) bad(['fromStep'], 'must be before toStep');
    if (q.steps[0]?.optional === true) bad(['steps', 0, 'optional'], 'the first step cannot be optional');
    if (q.breakdown?.attribution.type === 'step' && q.breakdown.attribution.step > last)
      bad(['breakdown', 'attribution', 'step'], `must be at most ${last}`);
  });
export type FunnelQuery = z.infer<typeof FunnelSchema>;

/**
 * Step k of n. `count` = actors with level > k, so an optional step also counts those who skipped it and went on;
 * `filled` = those who did it. Conversions are 0..1. Times are seconds between the filled step before it and this one.
 */
export interface FunnelStepResult {
  readonly name: string;
  readonly count: number;
  /** Only for optional steps, and not in any order, where one event may fit several steps. */
  readonly filled?: number;
  readonly conversionFromStart: number;
  readonly conversionFromPrevious: number;
  /** Absent at step 0 and where nobody reached the step. */
  readonly averageSeconds?: number;
  readonly medianSeconds?: number;
  readonly p90Seconds?: number;
}
export interface FunnelGroup {
  readonly value: readonly string[];
  readonly steps: readonly FunnelStepResult[];
}
/** Bucket of entry. `period` is its local start (`2021-05-01`, hours `2021-05-01T13:00`); `rate` in percent. */
export interface FunnelTrendPoint {
  readonly period: string;
  readonly from: number;
  readonly to: number;
  readonly rate: number;
  /** The window of some entries of this period had not closed at the end of the data or asOf. */
  readonly unfinished: boolean;
}
export interface FunnelResult extends AnswerEnvelope {
  readonly type: 'funnel';
  readonly steps: readonly FunnelStepResult[];
  /** True when nobody entered. */
  readonly empty: boolean;
  /** From step 0 to the last step, of those who reached it. */
  readonly totalAverageSeconds?: number;
  readonly totalMedianSeconds?: number;
  readonly groups?: readonly FunnelGroup[];
  /** Without the pooled `Other`. */
  readonly groupCount?: number;
  readonly groupValues?: readonly (readonly string[])[];
  readonly trend?: readonly FunnelTrendPoint[];
  readonly periodCount?: number;
  readonly groupTrends?: readonly { readonly value: readonly string[]; readonly trend: readonly FunnelTrendPoint[] }[];
  readonly groupRates?: readonly (readonly number[])[];
  /** timeToConvert: of the times fromStep to toStep, in seconds. */
  readonly averageSeconds?: number;
  readonly medianSeconds?: number;
  readonly p90Seconds?: number;
  readonly bins?: readonly (readonly [lowerSeconds: number, actors: number])[];
}

/** The actors behind one number of a funnel. Steps are 0-based; `group` names a breakdown group. */
export const FunnelSelectionSchema = z.union([
  z.strictObject({ reachedStep: z.int().min(0), group: z.array(z.string()).optional() }),
  z.strictObject({ droppedBeforeStep: z.int().min(1), group: z.array(z.string()).optional() }),
  z.strictObject({ period: z.string(), converted: z.boolean().optional(), group: z.array(z.string()).optional() }),
  z.strictObject({ bin: z.int().min(0) }),
]);
export type FunnelSelection = z.infer<typeof FunnelSelectionSchema>;
