import { z } from 'zod';
import { WhereSchema } from './condition.ts';
import type { PlanSummary } from './source.ts';

/** What every analysis document carries beside its own keys. */
export const INTERVALS = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];
export const IntervalSchema = z.enum(INTERVALS);

/** Weeks start on Monday (ISO 8601) unless said otherwise. */
export const WeekStartSchema = z.enum(['monday', 'sunday']);
export type WeekStart = z.infer<typeof WeekStartSchema>;

/** Local wall-clock time in the document's zone (`2021-05-01T00:00:00`) or an instant (`…Z`, `…+02:00`). */
export const MomentSchema = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/,
    'must be an ISO 8601 date or time',
  );

/** Both ends inclusive, local to the document's zone; null is open. A bare date as `to` means its last millisecond. */
export const DateRangeSchema = z.strictObject({ from: MomentSchema.nullish(), to: MomentSchema.nullish() });
export type DateRange = z.infer<typeof DateRangeSchema>;

export const DURATION_UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month'] as const;
/** A fixed length: a day is 86,400 s whatever the clock does, a week 7 days, a month 30 days. */
export const DurationSchema = z.strictObject({ value: z.number().positive(), unit: z.enum(DURATION_UNITS) });
export type Duration = z.infer<typeof DurationSchema>;

/** Shape shared by all analysis documents; spread into each type's `strictObject`. */
export const documentShape = {
  version: z.literal(1).default(1),
  /** IANA name. */
  timezone: z.string().default('UTC'),
  /** Only events with event time <= asOf exist. */
  asOf: MomentSchema.nullable().default(null),
  /** Only rows recorded at or before knownAt exist (second clock). */
  knownAt: MomentSchema.nullable().default(null),
  dateRange: DateRangeSchema.nullish(),
  where: WhereSchema.optional(),
  /** `props.x`: the property x stands for the actor. */
  actorFrom: z
    .string()
    .regex(/^props\..+/, 'must be props.<name>')
    .optional(),
  /** For people: shown as the title, ignored by the engine. */
  title: z.string().optional(),
} as const;

/** One stated rule, for the line beside a chart: `{ rule: 'window', text: '7 days from step 1, far edge included' }`. */
export interface SemanticsRule {
  readonly rule: string;
  readonly text: string;
}

/** Wall-clock milliseconds. */
export interface Timing {
  readonly totalMs: number;
  readonly buildMs: number;
  readonly computeMs: number;
}

/** What every answer carries beside its own keys. */
export interface AnswerEnvelope {
  readonly version: 1;
  readonly timezone: string;
  /** The instant up to which events were considered, ISO UTC; null = all. */
  readonly asOf: string | null;
  readonly semantics: readonly SemanticsRule[];
  readonly plan: PlanSummary;
  readonly timing: Timing;
  /** Things the reader should know (late rows found, properties never seen, …). */
  readonly warnings: readonly string[];
}
