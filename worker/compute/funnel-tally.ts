import type { Milliseconds } from '../segment/segment.ts';
import type { TrendEntries } from './funnel-trend.ts';
import { SampleBuffer, type Samples } from './funnel-samples.ts';
import type { Attempt } from './step-match.ts';

/** What is counted of a set of actors; structured-cloneable, and two of them add up. Durations in ms. */
export interface Tally {
  /** Element k = actors whose level is exactly k + 1. */
  readonly levels: Float64Array;
  /** Actors that filled step k; unordered: any k + 1 steps. */
  readonly filled: Float64Array;
  /** By step: since the step filled before it. */
  readonly stepTimes: readonly Samples[];
  /** Of those who reached the last step: since the first. */
  readonly totals: Samples;
  /** From fromStep to toStep. */
  readonly conversions: Samples;
  readonly trend: TrendTally | null;
}
/** By interval of the grid: actors that entered and converted, and the latest start of one not converted. */
export interface TrendTally {
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** -Infinity = none. */
  readonly openSince: Float64Array;
}

export interface TallyShape {
  readonly stepCount: number;
  readonly fromStep: number;
  readonly toStep: number;
  /** false = only counts, no durations. */
  readonly timed: boolean;
  /** null without a trend. */
  readonly intervals: number | null;
}

/** Collects a tally actor by actor. */
export class TallyBuilder {
  private readonly shape: TallyShape;
  private readonly levels: Float64Array;
  private readonly filled: Float64Array;
  private readonly stepTimes: readonly SampleBuffer[];
  private readonly totals = new SampleBuffer();
  private readonly conversions = new SampleBuffer();
  private readonly trend: TrendTally | null;

  constructor(shape: TallyShape) {
    this.shape = shape;
    this.levels = new Float64Array(shape.stepCount);
    this.filled = new Float64Array(shape.stepCount);
    this.stepTimes = Array.from({ length: shape.stepCount }, () => new SampleBuffer());
    this.trend = shape.intervals === null ? null : createTrendTally(shape.intervals);
  }

  /** One actor by its deepest attempt. */
  addAttempt(attempt: Attempt): void {
    const { level, times, events } = attempt;
    if (level === 0) return;
    this.levels[level - 1] = (this.levels[level - 1] ?? 0) + 1;
    let previous = times[0] ?? 0;
    for (let k = 0; k < level; k++) {
      if (events[k] === -1) continue;
      this.filled[k] = (this.filled[k] ?? 0) + 1;
      const time = times[k] ?? 0;
      if (k > 0 && this.shape.timed) this.stepTimes[k]?.push(time - previous);
      previous = time;
    }
    if (!this.shape.timed) return;
    if (level === this.shape.stepCount) this.totals.push(previous - (times[0] ?? 0));
    const conversion = getConversionTime(attempt, this.shape.fromStep, this.shape.toStep);
    if (conversion !== null) this.conversions.push(conversion);
  }

  /** Actors by level (element 0 = none reached), where no step is optional. */
  addLevels(counts: ArrayLike<number>): void {
    const { stepCount } = this.shape;
    let deeper = 0;
    for (let level = stepCount; level > 0; level--) {
      deeper += counts[level] ?? 0;
      this.levels[level - 1] = (this.levels[level - 1] ?? 0) + (counts[level] ?? 0);
      this.filled[level - 1] = (this.filled[level - 1] ?? 0) + deeper;
    }
  }

  addLevel(level: number): void {
    this.levels[level - 1] = (this.levels[level - 1] ?? 0) + 1;
    for (let k = 0; k < level; k++) this.filled[k] = (this.filled[k] ?? 0) + 1;
  }

  /** Durations by column, as `FunnelSlice` has them. */
  addDurations(columns: readonly Float64Array[]): void {
    columns.forEach((values, column) => this.bufferOf(column)?.append(values));
  }

  /** One actor of a slice: its level, and its durations as columns of which it takes the next value each. */
  addDuration(column: number, value: Milliseconds): void {
    this.bufferOf(column)?.push(value);
  }

  private bufferOf(column: number): SampleBuffer | undefined {
    if (column === 0) return this.totals;
    return column === this.shape.stepCount ? this.conversions : this.stepTimes[column];
  }

  /** One actor by the intervals its attempts started in. */
  addEntries(entries: TrendEntries): void {
    const { trend } = this;
    if (trend === null) return;
    for (let i = 0; i < entries.count; i++) {
      const interval = entries.intervals[i] ?? 0;
      const level = entries.levels[i] ?? 0;
      if (level <= this.shape.fromStep) continue;
      trend.from[interval] = (trend.from[interval] ?? 0) + 1;
      if (level > this.shape.toStep) trend.to[interval] = (trend.to[interval] ?? 0) + 1;
      else trend.openSince[interval] = Math.max(trend.openSince[interval] ?? 0, entries.lastStarts[i] ?? 0);
    }
  }

  build(): Tally {
    return {
      levels: this.levels,
      filled: this.filled,
      stepTimes: this.stepTimes.map((buffer) => buffer.toArrays()),
      totals: this.totals.toArrays(),
      conversions: this.conversions.toArrays(),
      trend: this.trend,
    };
  }
}

/**
 * Time from one step to another; null when the later one was not filled. A skipped fromStep stands for the filled step
 * before it.
 */
export function getConversionTime(attempt: Attempt, fromStep: number, toStep: number): Milliseconds | null {
  if (attempt.level <= toStep || attempt.events[toStep] === -1) return null;
  let from = fromStep;
  while (from > 0 && attempt.events[from] === -1) from--;
  return (attempt.times[toStep] ?? 0) - (attempt.times[from] ?? 0);
}

function createTrendTally(intervals: number): TrendTally {
  return {
    from: new Float64Array(intervals),
    to: new Float64Array(intervals),
    openSince: new Float64Array(intervals).fill(Number.NEGATIVE_INFINITY),
  };
}

/** The sum of disjoint sets of actors. */
export function mergeTallies(tallies: readonly Tally[], shape: TallyShape): Tally {
  const sum = (get: (tally: Tally) => Float64Array): Float64Array => addUp(tallies.map(get), shape.stepCount);
  return {
    levels: sum((tally) => tally.levels),
    filled: sum((tally) => tally.filled),
    stepTimes: Array.from({ length: shape.stepCount }, (_, k) => tallies.flatMap((tally) => tally.stepTimes[k] ?? [])),
    totals: tallies.flatMap((tally) => tally.totals),
    conversions: tallies.flatMap((tally) => tally.conversions),
    trend: shape.intervals === null ? null : mergeTrends(tallies, shape.intervals),
  };
}

function addUp(parts: readonly Float64Array[], length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => parts.reduce((sum, part) => sum + (part[i] ?? 0), 0));
}

function mergeTrends(tallies: readonly Tally[], intervals: number): TrendTally {
  const trends = tallies.flatMap(({ trend }) => (trend === null ? [] : [trend]));
  const from = addUp(
    trends.map((trend) => trend.from),
    intervals,
  );
  const to = addUp(
    trends.map((trend) => trend.to),
    intervals,
  );
  const openSince = Float64Array.from({ length: intervals }, (_, i) =>
    trends.reduce((latest, trend) => Math.max(latest, trend.openSince[i] ?? latest), Number.NEGATIVE_INFINITY),
  );
  return { from, to, openSince };
}
