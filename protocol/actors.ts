import type { PartialRows } from './source.ts';

/** The people behind a number, and one actor's story. Times are ms since the epoch, UTC. */
export interface ActorRow {
  readonly actor: string;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly events: number;
  /** Funnels: the deepest level reached (0 = did not enter) and when each step of the chosen attempt was filled (null = skipped). */
  readonly level?: number;
  readonly stepTimes?: readonly (number | null)[];
}
/** `total` is the number that was clicked; rows are ordered by actor id (code units), so pages are stable. */
export interface ActorPage {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly ActorRow[];
  /** Of a preview; absent = all rows. */
  readonly partial?: PartialRows;
}
/** Actors of selection A and B: how a change of rule or time moved them. */
export interface ActorDifference {
  readonly onlyA: number;
  readonly onlyB: number;
  readonly both: number;
  /** Up to 1,000 ids each, ordered by id. */
  readonly onlyAActors: readonly string[];
  readonly onlyBActors: readonly string[];
}

export interface TimelineEvent {
  readonly time: number;
  readonly event: string;
  /** ms, where the source has the second clock. */
  readonly recordedAt?: number;
  readonly props: Readonly<Record<string, string | null>>;
  /** Outside the range or filters of the analysis: shown dimmed. */
  readonly ignored: boolean;
  /** 0-based step that this event fills in the chosen attempt. */
  readonly step?: number;
  /** Index into `exclusions` of the rule that voided an attempt here. */
  readonly exclusion?: number;
  /** Journey: the state entered at this event. */
  readonly entersState?: string;
}
/** From one state to another; by an event, or by a deadline that passed. `time` in ms since the epoch, UTC. */
export interface JourneyMove {
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly cause: 'event' | 'deadline';
}
/** One of the newest events of a source. */
export interface LatestEvent {
  readonly actor: string;
  readonly event: string;
  /** ms since the epoch, UTC. */
  readonly time: number;
  /** Where the event moved the actor in the journey asked for; absent = nowhere. */
  readonly move?: { readonly from: string; readonly to: string };
}
/** "Why not counted?": one actor against one analysis. */
export interface Timeline {
  readonly actor: string;
  readonly totalEvents: number;
  readonly events: readonly TimelineEvent[];
  readonly offset: number;
  /** Of a preview: earlier events may be missing. Absent = all rows. */
  readonly partial?: PartialRows;
  /** Journeys only: all moves of the actor up to the end. A deadline that passed has no event of its own. */
  readonly journey?: { readonly moves: readonly JourneyMove[] };
  /** Funnels only. */
  readonly funnel?: {
    readonly level: number;
    readonly attempts: number;
    readonly voidAttempts: number;
    /** When the window of the chosen attempt closed; null without a window or attempt. */
    readonly windowEndsAt: number | null;
    /** One or two sentences: which step is missing and why. */
    readonly reason: string;
  };
}
