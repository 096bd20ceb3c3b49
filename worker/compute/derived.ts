import type { DerivedColumn, DerivedType } from '../segment/derived-column.ts';
import type { ActorIndex, ActorRange, Segment } from '../segment/segment.ts';
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
 * ranges make of a `total` column are added up.
 */
export interface DerivedFamily {
  readonly name: string;
  readonly per: 'actor' | 'total';
  /** null = this segment has no such column: the question is answered without. */
  shape(segment: Segment, argument: string): DerivedShape | null;
  /** Several columns of the family in one pass. Calls `checkpoint` every few ten thousand events. */
  fill(
    segment: Segment,
    range: ActorRange,
    targets: readonly DerivedTarget[],
    checkpoint: (actorsDone: number) => void,
  ): void;
  /** The same for one actor at a time, here and there, in TypeScript; only of columns by actor. */
  compileTwin(segment: Segment, targets: readonly DerivedTarget[]): (actor: ActorIndex) => void;
}

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
