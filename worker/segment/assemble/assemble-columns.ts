import { WASM } from '../../kernels/generated/assemble-column.ts';
import { defineKernel } from '../../kernels/load-kernel.ts';
import { allocate, viewU16, viewU32, viewU8, type ColumnMemory, type Pointer } from '../column-memory.ts';
import type { ScannedSlice } from '../event-rows.ts';
import type { MergedDictionary } from '../merge-dictionaries.ts';
import { narrowestColumn } from '../segment-builder.ts';
import type { PropertyColumn, TypeColumn } from '../segment.ts';
import { EMPTY_TABLE } from '../string-table.ts';
import { getDictionarySpace, numberStrings, planDictionary, probeStrings, type DictionaryPlan } from './dictionary.ts';

interface ColumnKernel extends Readonly<Record<string, (...args: number[]) => number>> {
  readonly translate: (...args: number[]) => number;
  readonly gather: (...args: number[]) => number;
}
const kernel = defineKernel<ColumnKernel>(WASM);
const STEP = 1 << 15;

/** Codes of one chunk and where they go in the order of the scan. */
interface ChunkCodes {
  readonly rows: number;
  readonly local: Pointer;
  readonly codes: Pointer;
  readonly scanned: Pointer;
  /** Of a code in `scanned`. */
  readonly codeBytes: number;
}
/** A column of a segment, and its codes in the order of the scan, as wide. */
interface GatheredColumn {
  readonly scanned: Pointer;
  readonly column: TypeColumn;
}
/** A share of the work that any thread can do; data only. */
export type ColumnStep =
  | { readonly kind: 'probe'; readonly dictionary: DictionaryPlan; readonly part: number }
  | { readonly kind: 'number'; readonly dictionary: DictionaryPlan }
  | { readonly kind: 'translate'; readonly chunks: readonly ChunkCodes[] }
  | {
      readonly kind: 'gather';
      readonly columns: readonly GatheredColumn[];
      readonly from: number;
      readonly to: number;
    };
/** Puts the scan rows of events `from` to `to` (exclusive) into `into`. */
export type ReadScanRows = (from: number, to: number, into: Uint32Array) => void;
/** Does steps side by side and gives the dictionaries that were numbered, null for other steps. */
export type RunColumnSteps = (steps: readonly ColumnStep[]) => Promise<readonly (MergedDictionary | null)[]>;

/**
 * What `assembleProperty` makes, of the first `properties` of a later scan of `rows` rows, by kernels in `parts` threads. The
 * slices lie in `build`, columns go to `memory`. Dictionaries are made one after the other, so that they share working
 * space; columns are gathered together, as many as there is room for, so that scan rows are read once.
 */
export async function assembleColumns(
  slices: readonly ScannedSlice[],
  properties: number,
  rows: number,
  { build, memory, parts }: { readonly build: ColumnMemory; readonly memory: ColumnMemory; readonly parts: number },
  run: RunColumnSteps,
): Promise<readonly PropertyColumn[]> {
  const tables = Array.from({ length: properties }, (_, p) =>
    slices.map((slice) => slice.propertyValues[p] ?? EMPTY_TABLE),
  );
  const space = allocate(build, Math.max(0, ...tables.map((list) => getDictionarySpace(list, parts))));
  const room = Math.min(WIDEST_AT_ONCE, properties) * (4 * rows + ALIGNMENT);
  const scanned = allocate(build, room);
  const columns: PropertyColumn[] = [];
  let waiting: GatheredColumn[] = [];
  let used = 0;
  const gatherWaiting = async (): Promise<void> => {
    await run(splitRows(rows, parts).map(([from, to]) => ({ kind: 'gather', columns: waiting, from, to })));
    waiting = [];
    used = 0;
  };
  for (const [p, list] of tables.entries()) {
    const merged = await mergeValues(planDictionary(build, list, parts, space), run);
    const column = narrowestColumn(memory, merged.values.length + 1, rows);
    const bytes = ALIGNMENT * Math.ceil(column.byteLength / ALIGNMENT);
    if (used + bytes > room) await gatherWaiting();
    const at = scanned + used;
    const pieces = splitEvenly(listChunks(slices, p, merged, { at, codeBytes: column.BYTES_PER_ELEMENT }), parts);
    await run(pieces.map((chunks) => ({ kind: 'translate', chunks })));
    waiting.push({ scanned: at, column });
    used += bytes;
    columns.push({ codes: column, values: merged.values });
  }
  if (waiting.length > 0) await gatherWaiting();
  return columns;
}

/** Codes of so many columns of four bytes wait to be gathered. */
const WIDEST_AT_ONCE = 2;
const ALIGNMENT = 8;

async function mergeValues(dictionary: DictionaryPlan, run: RunColumnSteps): Promise<MergedDictionary> {
  await run(Array.from({ length: dictionary.parts }, (_, part) => ({ kind: 'probe', dictionary, part })));
  const [merged] = await run([{ kind: 'number', dictionary }]);
  if (!merged) throw new Error('numbering gives a dictionary');
  return merged;
}

const splitRows = (rows: number, parts: number): readonly (readonly [from: number, to: number])[] =>
  Array.from({ length: parts }, (_, part) => [
    Math.floor((rows * part) / parts),
    Math.floor((rows * (part + 1)) / parts),
  ]);

/** In the thread that does it. `check` is called every few thousand rows with those done in the step and may throw. */
export function runColumnStep(
  memory: ColumnMemory,
  step: ColumnStep,
  readScanRows: ReadScanRows,
  check: (rows: number) => void,
): MergedDictionary | null {
  switch (step.kind) {
    case 'probe':
      probeStrings(memory, step.dictionary, step.part, () => check(0));
      return null;
    case 'number':
      return numberStrings(memory, step.dictionary, () => check(0));
    case 'translate':
      translateChunks(memory, step.chunks, check);
      return null;
    case 'gather':
      gatherEvents(memory, step, readScanRows, check);
      return null;
  }
}

function listChunks(
  slices: readonly ScannedSlice[],
  p: number,
  { codes }: MergedDictionary,
  scanned: { readonly at: Pointer; readonly codeBytes: number },
): readonly ChunkCodes[] {
  let { at } = scanned;
  const { codeBytes } = scanned;
  return slices.flatMap((slice, s) =>
    slice.chunks.map((chunk) => {
      const place = at;
      at += codeBytes * chunk.rows;
      const local = chunk.properties[p]?.byteOffset ?? 0;
      return { rows: chunk.rows, local, codes: codes[s]?.byteOffset ?? 0, scanned: place, codeBytes };
    }),
  );
}

const splitEvenly = <T>(list: readonly T[], parts: number): readonly (readonly T[])[] =>
  Array.from({ length: parts }, (_, part) =>
    list.slice(Math.floor((list.length * part) / parts), Math.floor((list.length * (part + 1)) / parts)),
  );

function translateChunks(memory: ColumnMemory, chunks: readonly ChunkCodes[], check: (rows: number) => void): void {
  const { translate } = kernel.on(memory);
  let done = 0;
  for (const { rows, local, codes, scanned, codeBytes } of chunks)
    for (let from = 0; from < rows; from += STEP) {
      check(done / 2);
      const count = Math.min(STEP, rows - from);
      translate(local + 4 * from, count, codes, scanned + codeBytes * from, codeBytes);
      done += count;
    }
}

/** The kernel reaches one memory, columns lie in another: what is gathered is copied piece by piece. */
function gatherEvents(
  memory: ColumnMemory,
  { columns, from, to }: Extract<ColumnStep, { readonly kind: 'gather' }>,
  readScanRows: ReadScanRows,
  check: (rows: number) => void,
): void {
  const { gather } = kernel.on(memory);
  const scanRows = viewU32(memory, allocate(memory, 4 * STEP), STEP);
  const at = allocate(memory, 4 * STEP);
  const pieces = columns.map(({ column }) => viewCodes(memory, at, STEP, column.BYTES_PER_ELEMENT));
  for (let event = from; event < to; event += STEP) {
    check(((event - from) * columns.length) / 2);
    const count = Math.min(STEP, to - event);
    readScanRows(event, event + count, scanRows.subarray(0, count));
    columns.forEach(({ scanned, column }, c) => {
      gather(scanned, scanRows.byteOffset, count, at, column.BYTES_PER_ELEMENT);
      column.set(pieces[c]?.subarray(0, count) ?? [], event);
    });
  }
}

const viewCodes = (memory: ColumnMemory, at: Pointer, length: number, bytes: number): TypeColumn =>
  (bytes === 1 ? viewU8 : bytes === 2 ? viewU16 : viewU32)(memory, at, length);
