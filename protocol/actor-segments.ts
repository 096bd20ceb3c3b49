/**
 * A segment is a named set of actors, made from a column of a result: a local table (`scratch.NAME`, docs/sql.md) with a
 * column `actor`, or any other local table with one. Analyses know it as a property of the actor, `$segment.NAME`, which has
 * the value NAME for the actors of the segment and is not set for all others; so it can be filtered by (`is_set` = only
 * these) and a funnel can be broken down by it.
 */
const SEGMENT_PREFIX = '$segment.';
/** Of a segment: all ids are held in memory while a question looks at them. */
export const MAX_SEGMENT_ACTORS = 2_000_000;

export const getSegmentProperty = (name: string): string => `${SEGMENT_PREFIX}${name}`;
/** Null for any other property. */
export const getSegmentName = (property: string): string | null =>
  property.startsWith(SEGMENT_PREFIX) ? property.slice(SEGMENT_PREFIX.length) : null;
