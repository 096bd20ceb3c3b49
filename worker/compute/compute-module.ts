import type {
  ActorRow,
  Analysis,
  AnalysisType,
  AnalysisOf,
  AnswerEnvelope,
  Detail,
  ResultByType,
  SelectionOf,
  SemanticsRule,
  Timeline,
  TimelineEvent,
} from '../../protocol/index.ts';
import type { DerivedColumns } from '../segment/derived-column.ts';
import type { ActorIndex, ActorRange, EventIndex, Milliseconds, Segment } from '../segment/segment.ts';

/** What a computation sees. Moments of the query are resolved to instants before it starts (`resolveContext`). */
export interface ComputeContext {
  readonly segment: Segment;
  readonly range: ActorRange;
  /** Effective bounds on event time, both inclusive; ±Infinity = open. `toMs` already includes asOf. */
  readonly fromMs: Milliseconds;
  readonly toMs: Milliseconds;
  /** Events after this do not exist at all (also not for first-ever look-ups); Infinity = no asOf. */
  readonly asOfMs: Milliseconds;
  /** Rows recorded after this do not exist; Infinity = no knownAt. */
  readonly knownAtMs: Milliseconds;
  /** Time of the last event of the whole segment (not of the range), for unfinished periods. */
  readonly lastEventMs: Milliseconds;
  /** `counts` = nothing that needs a list of times; see the protocol. */
  readonly detail: Detail;
  /** Of those the module asked for (`derived`), the ones there are. Only for `compute`. */
  readonly derived: DerivedColumns;
  /** What the module's `preparation` made for this range; without it (or null) the question is answered all the same. */
  readonly prepared?: Prepared | null;
  /** What the module's `survey` counted over all actors; absent = the segment in hand has them all. */
  readonly survey?: Float64Array | null;
  /** Throws E_CANCELLED; cheap. Call it at least once per few hundred actors. */
  checkpoint(actorsDone: number): void;
}

/**
 * Something made of a range of actors once for many questions, too large or too odd in shape for derived columns:
 * structured-cloneable, its columns in shared memory. Only its module knows what it is.
 */
export interface Prepared {
  readonly bytes: number;
}
export interface Preparation<Query> {
  /** Questions with equal keys share what is made; null = a question that does without. */
  keyOf(context: ComputeContext, query: Query): string | null;
  prepare(context: ComputeContext, query: Query): Prepared;
  /**
   * false = only for the second of two questions with one key in a row, behind it and in pieces of its own: for `partialOf`
   * alone. Absent = true.
   */
  isMadeAtOnce?(context: ComputeContext, query: Query): boolean;
  /**
   * The partial of a range where what is prepared is one already, or where it is a look-up of a fraction of a millisecond:
   * the host merges these itself and asks no thread. null = a question for the threads. `context` has the full range.
   */
  partialOf?(prepared: Prepared, context: ComputeContext, query: Query): unknown;
}

export interface FromDerived<Query, P> {
  /** All of them are needed; null = this question needs events. `context` has the full actor range and no derived columns. */
  names(context: ComputeContext, query: Query): readonly string[] | null;
  /** What `compute` would return, without reading an event; null = events decide after all. */
  compute(context: ComputeContext, query: Query): P | null;
}

/** Answer without the envelope, which the host adds. */
export type AnswerBody<T extends AnalysisType> = Omit<ResultByType[T], keyof AnswerEnvelope>;

/**
 * One analysis: partials of actor ranges in threads, merged by the host. A partial is structured-cloneable and
 * independent of how actors were cut into ranges.
 */
export interface ComputeModule<T extends AnalysisType, P> {
  readonly type: T;
  compute(context: ComputeContext, query: AnalysisOf<T>): P;
  /**
   * Names of derived columns (compute/derived.ts) that make this question faster, most important first. They may be
   * missing all the same. `context` has the full actor range; no per-event work may be done.
   */
  derived?(context: ComputeContext, query: AnalysisOf<T>): readonly string[];
  /** Answers from derived columns alone, for a segment whose events are kept and not read yet. */
  readonly fromDerived?: FromDerived<AnalysisOf<T>, P>;
  readonly preparation?: Preparation<AnalysisOf<T>>;
  /**
   * Counts of a range that are added up over all actors before any range is computed, and given to each as
   * `context.survey`, where the segment in hand has the events of a part of the actors only. null = not needed.
   */
  survey?(context: ComputeContext, query: AnalysisOf<T>): Float64Array | null;
  /** A merge is adding up cells, a millisecond for a million: the host does it itself. Absent = it may take long. */
  readonly addsCells?: true;
  /** `context` here has the full actor range; no per-event work may be done in it. */
  merge(partials: readonly P[], query: AnalysisOf<T>, context: ComputeContext): AnswerBody<T>;
  /**
   * The actors behind one number of `answer`, as ascending actor indexes inside `context.range`. Their number over all
   * ranges is exactly the number shown.
   */
  select(context: ComputeContext, query: AnalysisOf<T>, selection: SelectionOf<T>, answer: AnswerBody<T>): Uint32Array;
  /** The rules that were applied, in words, for the line beside the chart. */
  semantics(query: AnalysisOf<T>): readonly SemanticsRule[];
  /** Columns of an actor list beside the general ones, one entry per element of `actors`. Runs in a thread. */
  describeActors?(context: ComputeContext, query: AnalysisOf<T>, actors: Uint32Array): readonly ActorFacts[];
  /** "Why not counted?" for one actor; `context.range` is that actor alone. Structured-cloneable. Runs in a thread. */
  explain?(context: ComputeContext, query: AnalysisOf<T>, actor: ActorIndex): ActorExplanation;
}
export type ActorFacts = Pick<ActorRow, 'level' | 'stepTimes'>;
/** What the analysis made of an actor's events; an event that is not in `marks` is counted and fills nothing. */
export interface ActorExplanation {
  readonly marks: ReadonlyMap<EventIndex, EventMark>;
  readonly funnel?: NonNullable<Timeline['funnel']>;
  readonly journey?: NonNullable<Timeline['journey']>;
}
/** `ignored` = outside the range or the filters of the analysis. */
export type EventMark = Partial<Pick<TimelineEvent, 'ignored' | 'step' | 'exclusion' | 'entersState'>>;
export type { Analysis };
