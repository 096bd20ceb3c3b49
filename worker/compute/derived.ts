import type { DerivedColumn, DerivedType } from '../segment/derived-column.ts';
import type { ActorIndex, Segment } from '../segment/segment.ts';
import { firstFamily } from './derived-first.ts';
import { typesFamily } from './derived-types.ts';

export interface DerivedShape {
  readonly type: DerivedType;
  readonly length: number;
}
/** A column to be filled: zeroed, whole (`per: 'actor'`) or this range's own part of a sum (`per: 'total'`). */
export interface DerivedTarget {
  /** What stands behind the colon of its name; empty without one. */
  readonly argument: string;
  readonly values: DerivedColumn;
}

/**
 * How the columns `name` or `name:argument` are made of a segment. Threads fill them range by range: `actor` columns
 * have a value (or a fixed number of them) for each actor, and a range writes those of its actors; the arrays that the
 * ranges make of a `total` column are added up. An event behind all others of an actor and at least two of its type changes
 * no `actor` column: of a segment that grows those are not made anew (`host/find-changed.ts`).
 */
export interface DerivedFamily {
  readonly name: string;
  readonly per: 'actor' | 'total';
  /** null = this segment has no such column: the question is answered without. */
  shape(segment: Segment, argument: string): DerivedShape | null;
  /**
   * Fills several columns of the family for actors `first` to `end` (exclusive), any number of times until others are
   * compiled in this thread.
   */
  compile(segment: Segment, targets: readonly DerivedTarget[]): FillActors;
}
export type FillActors = (first: ActorIndex, end: ActorIndex) => void;

/** Register a family here. */
const FAMILIES: readonly DerivedFamily[] = [typesFamily, firstFamily];

export interface DerivedName {
  readonly family: DerivedFamily;
  readonly argument: string;
}

/** Throws on a name of no family. */
export function parseDerivedName(name: string): DerivedName {
  const colon = name.indexOf(':');
  const wanted = colon === -1 ? name : name.slice(0, colon);
  const family = FAMILIES.find((known) => known.name === wanted);
  if (family === undefined) throw new Error(`no derived column is called ${name}`);
  return { family, argument: colon === -1 ? '' : name.slice(colon + 1) };
}

export function getDerivedShape(segment: Segment, name: string): DerivedShape | null {
  const { family, argument } = parseDerivedName(name);
  return family.shape(segment, argument);
}
