import type { FunnelQuery } from '../../protocol/index.ts';
import type { Dialect } from './dialect.ts';
import type { StepClasses } from './step-classes.ts';
import { list, raw, sql, type Cte, type Sql } from './sql.ts';

/** What every part of a funnel's statement needs to know. Steps are counted from 1 in names of columns. */
export interface FunnelParts {
  readonly query: FunnelQuery;
  readonly dialect: Dialect;
  readonly stepCount: number;
  /** ms; null = no limit. */
  readonly windowMs: number | null;
  readonly classes: StepClasses;
  /** Columns that keep one attempt apart from another's: the actor, and its group where groups see their own events. */
  readonly unit: readonly Sql[];
  /** Property columns of the breakdown. */
  readonly values: readonly Sql[];
}

/** How an order finds its attempts, from the relation `stream`. */
export interface OrderParts {
  /** The last is `attempts(unit…, start_ms, seq, level, carried…)`: all that are not void. */
  readonly ctes: readonly Cte[];
  readonly carried: readonly Sql[];
  /** Time of each step over the columns of an attempt; unordered: when the k-th step was done. NULL = not filled. */
  readonly times: readonly Sql[];
  /** Whether an attempt fills a step (from 0). */
  readonly fills: (step: number) => Sql;
}

export const stepFlag = (step: number): Sql => raw(`s${step + 1}`);
export const exclusionFlag = (exclusion: number): Sql => raw(`x${exclusion + 1}`);
/** First event of an exclusion behind the step it starts from. */
export const hitColumn = (exclusion: number): Sql => raw(`hit${exclusion + 1}`);
export const timeColumn = (step: number): Sql => raw(`t${step + 1}`);

export const steps = ({ stepCount }: FunnelParts): readonly number[] => Array.from({ length: stepCount }, (_, k) => k);

/** `OVER (…)`: of the unit, the rows at this time or later. */
export const fromHereOn = ({ unit }: FunnelParts): Sql => sql`(PARTITION BY ${list(unit)} ORDER BY time_ms DESC)`;
/** The same without those of this very time. */
export const laterOn = ({ unit }: FunnelParts): Sql =>
  sql`(PARTITION BY ${list(unit)} ORDER BY time_ms DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;

/** Whether a time lies in the window that starts at `start`; never so for NULL. */
export const inWindow = ({ windowMs }: FunnelParts, time: Sql, start: Sql): Sql =>
  windowMs === null ? sql`${time} IS NOT NULL` : sql`${time} <= ${start} + ${windowMs}`;

/** An attempt is void when the excluded event lies strictly before this; NULL = no end. */
export const windowEnd = ({ windowMs, dialect }: FunnelParts, start: Sql): Sql =>
  windowMs === null ? dialect.nullOf('whole') : sql`${start} + ${windowMs}`;
