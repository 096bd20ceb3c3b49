import { EMPTY_TABLE } from '../segment/string-table.ts';
import type { ComputeContext } from '../compute/compute-module.ts';
import { isOpen } from '../compute/range-grid.ts';
import type { Analysis } from '../../protocol/index.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { ResultRow } from './question.ts';
import { Refusal } from './refusal.ts';

/**
 * What calendars and merges read of a context, without any events: the moments, the first and the last event, and (for
 * paths) the names of the nodes that the rows have.
 */
export function createMergeContext(
  { moments, firstEventMs, lastEventMs }: PushdownContext,
  eventNames: readonly string[] = [],
): ComputeContext {
  return {
    segment: {
      memory: null,
      actorCount: 0,
      eventCount: 0,
      firstMs: Number.isFinite(firstEventMs) ? firstEventMs : Number.POSITIVE_INFINITY,
      offsets: new Uint32Array(1),
      baseSeconds: 0,
      seconds: new Uint32Array(),
      millis: new Uint16Array(),
      types: new Uint8Array(),
      eventNames,
      actorIds: EMPTY_TABLE,
      properties: new Map(),
      recordedAt: null,
    },
    range: { from: 0, to: 0 },
    ...moments,
    lastEventMs,
    detail: 'full',
    derived: new Map(),
    checkpoint: () => undefined,
  };
}

/** With another actor, other events are the first: a calendar that begins with them cannot be laid beforehand. */
export function refuseOpenStart({ actorFrom, dateRange }: Analysis, why: string): void {
  if (actorFrom !== undefined && isOpen(dateRange?.from))
    throw new Refusal(
      `${why} begin with the first event that has a “${actorFrom}”, which is not known before: set a start.`,
    );
}

/** A cell of whole or broken numbers; NULL is 0. */
export const readNumber = (row: ResultRow, column: string): number => Number(row[column] ?? 0);
/** The same, with NULL told apart. */
export const readOptional = (row: ResultRow, column: string): number | null =>
  row[column] === null || row[column] === undefined ? null : Number(row[column]);
/** NULL is the empty text. */
export function readText(row: ResultRow, column: string): string {
  const cell = row[column];
  return typeof cell === 'string' ? cell : cell === null || cell === undefined ? '' : String(cell as number | bigint);
}
