import type { PlanSummary } from '../../protocol/index.ts';
import type { NeededHours } from '../plan/plan-partitions.ts';
import type { BuiltSegment } from '../segment/segment-builder.ts';
import type { SegmentRoom } from '../segment/segment-room.ts';
import type { ScanTarget } from './build-segment.ts';
import type { DerivedStore } from './derived-store.ts';
import type { ColumnGroup, StoredSegment } from './stored-segment.ts';
import type { WindowedSegment } from './windows/windowed-segment.ts';

/** A segment in memory, under the key by which threads know exactly this set of columns. */
export interface HeldSegment extends BuiltSegment {
  readonly key: string;
  readonly hours: NeededHours;
  readonly target: ScanTarget;
  readonly derived: DerivedStore;
  /** Where its columns come from when they are first needed; null = it was built and has them. */
  readonly stored: StoredSegment | null;
  /** Of one that grew: for how much its columns have room. Else they have the room they were made with. */
  readonly room?: SegmentRoom | null;
  /** Of one that grew: events by type code. */
  readonly typeCounts?: Float64Array;
  /** The scan order of one that grew, while it is written behind. */
  readonly ordering?: Ordering | null;
  /** Of a segment larger than memory; its own columns are empty then. */
  readonly windows: WindowedSegment | null;
}
export interface Ordering {
  readonly done: Promise<unknown>;
  readonly isDone: () => boolean;
}
/** What a question needs of a segment. */
export interface SegmentNeed {
  readonly actorProperty: string | null;
  readonly hours: NeededHours;
  readonly properties: readonly string[];
  readonly recordedAt: boolean;
  /** Which of the columns that every segment has; all by default. */
  readonly groups?: readonly ColumnGroup[];
}
/** `cached` = it was in memory or kept before, with or without all its columns. */
export interface EnsuredSegment {
  readonly held: HeldSegment;
  readonly scan: PlanSummary['scan'];
}

/** Not all events of the source. */
export const isPartOf = ({ from, to }: NeededHours): boolean => from !== null || to !== null;
