import {
  JourneySchema,
  RollupSchema,
  type JourneyModel,
  type JourneyQuery,
  type RollupQuery,
  type Workspace,
} from '../../../protocol/index.ts';
import { endOfMoment, toSpan } from '../frame/strip-range.ts';

const DAY = 86_400_000;
/** Two equal stretches of time that end at the newest event (or as of): what "lately" is compared with. ms, UTC. */
export interface Spans {
  readonly days: number;
  readonly start: number;
  readonly middle: number;
  readonly end: number;
}

type Frame = Pick<Workspace, 'range' | 'asOf' | 'timezone'>;
/**
 * The data inside the range, up to as of: first and last moment, ms, both inclusive. Null when nothing of the data lies
 * there.
 */
export function getLookedAt(
  data: { readonly first: number; readonly last: number },
  { range, asOf, timezone }: Frame,
): { readonly first: number; readonly last: number } | null {
  const span = toSpan(range, { from: data.first, to: data.last + 1 }, timezone);
  const asOfLast = asOf === null ? Number.NaN : endOfMoment(asOf, timezone) - 1;
  const first = Math.max(data.first, span.from);
  const last = Math.min(data.last, span.to - 1, Number.isNaN(asOfLast) ? data.last : asOfLast);
  return last < first ? null : { first, last };
}

/** 30 days against the 30 before where the data is long enough, else a week, else a day; null for less. */
export function getSpans(first: number, last: number): Spans | null {
  const days = [30, 7, 1].find((n) => last - first >= 2 * n * DAY);
  return days === undefined ? null : { days, start: last - 2 * days * DAY, middle: last - days * DAY, end: last };
}

const iso = (ms: number): string => new Date(ms).toISOString();
/** Both ends of a range are inclusive, so a stretch begins a millisecond after the one before. */
const rangeOf = (from: number, to: number): { from: string; to: string } => ({ from: iso(from + 1), to: iso(to) });

/** Bars of days stay bars for so many of them. */
export const DAILY_DAYS = 90;

export interface OverviewQuestions {
  /** Stages as of the end, and their sizes over time. */
  readonly now: JourneyQuery;
  /** Moves within each stretch; stages at its end. */
  readonly lately: JourneyQuery | null;
  readonly before: JourneyQuery | null;
  readonly daily: RollupQuery;
  /** Events by type in each stretch. */
  readonly typesLately: RollupQuery | null;
  readonly typesBefore: RollupQuery | null;
}

/** Everything in the stretch of so many ms that ends at `last`. */
export const getActiveQuestion = (last: number, lengthMs: number): RollupQuery =>
  RollupSchema.parse({ type: 'rollup', interval: 'total', dateRange: rangeOf(last - lengthMs, last) });

export function getOverviewQuestions(
  model: JourneyModel,
  spans: Spans | null,
  first: number,
  last: number,
  /** `last` is not the end of the data: the stages are those of that moment. */
  isCut: boolean,
): OverviewQuestions {
  const journey = (from: number, to: number): JourneyQuery =>
    JourneySchema.parse({ type: 'journey', model, maxSteps: 2, asOf: iso(to), dateRange: rangeOf(from, to) });
  const types = (from: number, to: number): RollupQuery =>
    RollupSchema.parse({ type: 'rollup', by: '$event', interval: 'total', limit: 1000, dateRange: rangeOf(from, to) });
  return {
    now: JourneySchema.parse({ type: 'journey', model, maxSteps: 2, asOf: isCut ? iso(last) : null }),
    lately: spans === null ? null : journey(spans.middle, spans.end),
    before: spans === null ? null : journey(spans.start, spans.middle),
    daily: RollupSchema.parse({
      type: 'rollup',
      interval: 'day',
      dateRange: rangeOf(Math.max(first - 1, last - DAILY_DAYS * DAY), last),
    }),
    typesLately: spans === null ? null : types(spans.middle, spans.end),
    typesBefore: spans === null ? null : types(spans.start, spans.middle),
  };
}
