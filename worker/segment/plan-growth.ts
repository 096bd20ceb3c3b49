import type { ScannedSlice } from './event-rows.ts';
import { findStrings, NOT_FOUND } from './find-strings.ts';
import { growStrings } from './grow-column.ts';
import { placeByKernel } from './place-by-kernel.ts';
import { placeRows, type FlatRows, type PlacedRows } from './place-rows.ts';
import type { PropertyColumn, Segment } from './segment.ts';
import { EMPTY_TABLE, pickStrings, type StringTable } from './string-table.ts';
import { orderByFrequency } from './type-order.ts';

/**
 * Rows that a source got after its segment was built, in the order of the segment: by actor, time, arrival.
 *
 *   segment       actor 0: 10 20      actor 1: 5 90
 *   new rows      (1, 7) (2, 8) (0, 20)
 *   growth        actors 0 1 2        times 20 7 8        places 2 3 4        rows 2 0 1
 *
 * An actor that is new gets the next index, and an event at a known time stands behind those that came before it, as they
 * would in a segment of all rows.
 */
export interface Growth extends Omit<PlacedRows, 'typeCounts'> {
  readonly newActors: StringTable;
  /** By type code, most frequent first, as in a segment of all rows. */
  readonly eventNames: readonly string[];
  readonly typeCounts: Float64Array;
  /** By code before: the code now; null = all codes stay. */
  readonly recode: Uint32Array | null;
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * `found`: where the slice's actors stand in the segment, when that is known. null = a segment of all rows would not have
 * this one's columns: an event earlier than all before, too many event types.
 */
export function planGrowth(
  segment: Segment,
  typeCounts: Float64Array,
  slice: ScannedSlice,
  found: Uint32Array | null,
  check: () => void,
): Growth | null {
  const rows = flatten(slice);
  const { firstMs, lastMs } = spanOf(rows.times);
  const since = (ms: number): number => Math.floor(ms / 1000) - segment.baseSeconds;
  if (rows.times.length > 0 && (since(firstMs) < 0 || since(lastMs) > 0xffff_ffff)) return null;
  const { codes: actorOf, added } = codeTexts(
    segment.actorIds,
    slice.actorIds,
    found ?? findStrings(segment.actorIds, slice.actorIds, check),
  );
  const names = [...new Set([...segment.eventNames, ...slice.eventNames])];
  if (names.length > 2 ** (8 * segment.types.BYTES_PER_ELEMENT)) return null;
  const typeOf = Uint32Array.from(slice.eventNames, (name) => names.indexOf(name));
  const codes = { actorOf, typeOf, types: names.length };
  const byKernel = segment.memory === null ? null : placeByKernel(segment.memory, segment, rows, codes);
  const placed = byKernel ?? placeRows(segment, rows, codes);
  return { ...placed, ...orderTypes(names, typeCounts, placed.typeCounts), newActors: added, firstMs, lastMs };
}

/** Events of each type. */
export function countTypes({ types, eventNames }: Segment): Float64Array {
  const counts = new Float64Array(eventNames.length);
  for (let i = 0; i < types.length; i++) {
    const type = types[i] ?? 0;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

/** New events may change which types are the most frequent. */
function orderTypes(
  names: readonly string[],
  before: Float64Array,
  added: Uint32Array,
): Pick<Growth, 'eventNames' | 'typeCounts' | 'recode'> {
  const counts = Float64Array.from(added, (count, type) => count + (before[type] ?? 0));
  const { names: eventNames, codes } = orderByFrequency([{ names, counts }]);
  const recode = codes[0] ?? new Uint32Array();
  const typeCounts = new Float64Array(eventNames.length);
  recode.forEach((code, i) => (typeCounts[code] = counts[i] ?? 0));
  return { eventNames, typeCounts, recode: recode.every((code, i) => code === i) ? null : recode };
}

function flatten({ chunks, rows }: ScannedSlice): FlatRows {
  const flat = { actors: new Uint32Array(rows), times: new Float64Array(rows), types: new Uint32Array(rows) };
  let at = 0;
  for (const chunk of chunks) {
    flat.actors.set(chunk.actors.subarray(0, chunk.rows), at);
    flat.times.set(chunk.times.subarray(0, chunk.rows), at);
    flat.types.set(chunk.types.subarray(0, chunk.rows), at);
    at += chunk.rows;
  }
  return flat;
}

function spanOf(times: Float64Array): { readonly firstMs: number; readonly lastMs: number } {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const time of times) {
    firstMs = Math.min(firstMs, time);
    lastMs = Math.max(lastMs, time);
  }
  return { firstMs, lastMs };
}

/** Known texts keep their index, new ones follow in order of first appearance. `codes` becomes that. */
function codeTexts(
  known: StringTable,
  own: StringTable,
  codes: Uint32Array,
): { readonly codes: Uint32Array; readonly added: StringTable } {
  const added: number[] = [];
  for (let i = 0; i < codes.length; i++) if (codes[i] === NOT_FOUND) codes[i] = known.length + added.push(i) - 1;
  return { codes, added: pickStrings(own, Uint32Array.from(added), null) };
}

/** Codes of the new events, and what the column's values are then. */
export interface PropertyGrowth {
  readonly codes: Uint32Array;
  readonly values: StringTable;
}

/** null = codes that the column is too narrow for: it has to be made anew. */
export function planProperty(
  { codes, values }: PropertyColumn,
  slice: ScannedSlice,
  p: number,
  order: Uint32Array,
  check: () => void,
): PropertyGrowth | null {
  const own = slice.propertyValues[p] ?? EMPTY_TABLE;
  const { codes: codeOf, added } = codeTexts(values, own, findStrings(values, own, check));
  if (values.length + added.length >= 2 ** (8 * codes.BYTES_PER_ELEMENT)) return null;
  const local = slice.chunks.flatMap((chunk) => Array.from(chunk.properties[p]?.subarray(0, chunk.rows) ?? []));
  const inOrder = Uint32Array.from(order, (row) => {
    const code = local[row] ?? 0;
    return code === 0 ? 0 : (codeOf[code - 1] ?? 0) + 1;
  });
  return { codes: inOrder, values: growStrings(values, added) };
}
