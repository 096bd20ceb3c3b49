import { z } from 'zod';
import { IntervalSchema, WeekStartSchema, documentShape, type AnswerEnvelope } from './analysis.ts';
import { EventMatchSchema } from './condition.ts';

/** Events and exact unique actors per local calendar interval, split by event type or by a property. */
export const RollupSchema = z.strictObject({
  ...documentShape,
  type: z.literal('rollup'),
  /** `total` = one bucket over the whole range. */
  interval: z.union([IntervalSchema, z.literal('total')]).default('day'),
  weekStart: WeekStartSchema.default('monday'),
  event: EventMatchSchema.nullish(),
  /** `$event` = by event type; else a property; null = one series. */
  by: z.string().nullable().default(null),
  /**
   * Series shown, largest first by events; the rest is summed as `Other` (its unique actors are exact too), called
   * `Other (rest)` where a shown value is `Other`. Missing and empty values are one blank series `""`.
   */
  limit: z.int().min(1).max(1000).default(20),
  /** Also sum this numeric property. */
  sum: z.string().nullish(),
});
export type RollupQuery = z.infer<typeof RollupSchema>;
export interface RollupSeries {
  readonly value: string;
  readonly events: readonly number[];
  readonly actors: readonly number[];
  readonly sums?: readonly number[];
  readonly totalEvents: number;
  readonly totalActors: number;
  readonly totalSum?: number;
}
export interface RollupResult extends AnswerEnvelope {
  readonly type: 'rollup';
  /**
   * Local interval starts, from the start of the range to its end; where an end is open, from the first or to the last
   * interval with events. Empty intervals between are there with zeros. One `total` with `interval: 'total'`.
   */
  readonly periods: readonly string[];
  /** UTC instants of the same starts, ISO. */
  readonly periodStarts: readonly string[];
  readonly series: readonly RollupSeries[];
  readonly seriesCount: number;
  /** Over all series together (an actor in two series counts once). */
  readonly total: RollupSeries;
  /** The last period had not ended at the end of the data or asOf. */
  readonly unfinished: boolean;
}
export const RollupSelectionSchema = z.strictObject({ period: z.string().optional(), series: z.string().optional() });
export type RollupSelection = z.infer<typeof RollupSelectionSchema>;
