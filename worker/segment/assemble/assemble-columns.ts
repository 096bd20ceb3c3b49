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
}
/** A share of the work that any thread can do; data only. */
export type ColumnStep =
  | { readonly kind: 'probe'; readonly dictionary: DictionaryPlan; readonly part: number }
  | { readonly kind: 'number'; readonly dictionary: DictionaryPlan }
  | { readonly kind: 'translate'; readonly chunks: readonly ChunkCodes[] }
  | {
      readonly kind: 'gather';
      readonly scanned: Pointer;
      readonly scanRows: Pointer;
      readonly from: number;
      readonly to: number;
      readonly column: TypeColumn;
    };
/** Does steps side by side and gives the dictionaries that were numbered, null for other steps. */
export type RunColumnSteps = (steps: readonly ColumnStep[]) => Promise<readonly (MergedDictionary | null)[]>;

/**
 * What `assembleProperty` makes, of the first `properties` of a later scan, by kernels in `parts` threads: one property
 * after the other, so that they share working space. The slices and `scanRows` lie in `build`, columns go to `memory`.
 */
export async function assembleColumns(
  slices: readonly ScannedSlice[],
  properties: number,
  scanRows: Uint32Array,
  { build, memory, parts }: { readonly build: ColumnMemory; readonly memory: ColumnMemory; readonly parts: number },
  run: RunColumnSteps,
): Promise<readonly PropertyColumn[]> {
  const tables = Array.from({ length: properties }, (_, p) =>
    slices.map((slice) => slice.propertyValues[p] ?? EMPTY_TABLE),
  );
  const space = allocate(build, Math.max(0, ...tables.map((list) => getDictionarySpace(list, parts))));
  const scanned = allocate(build, 4 * scanRows.length);
  const columns: PropertyColumn[] = [];
  for (const [p, list] of tables.entries()) {
    const dictionary = planDictionary(build, list, parts, space);
    await run(Array.from({ length: parts }, (_, part) => ({ kind: 'probe', dictionary, part })));
    const [merged] = await run([{ kind: 'number', dictionary }]);
    if (!merged) throw new Error('numbering gives a dictionary');
    const pieces = splitEvenly(listChunks(slices, p, merged, scanned), parts);
    await run(pieces.map((chunks) => ({ kind: 'translate', chunks })));
    const column = narrowestColumn(memory, merged.values.length + 1, scanRows.length);
    await run(
      Array.from({ length: parts }, (_, part) => ({
        kind: 'gather',
        scanned,
        scanRows: scanRows.byteOffset,
        from: Math.floor((scanRows.length * part) / parts),
        to: Math.floor((scanRows.length * (part + 1)) / parts),
        column,
      })),
    );
    columns.push({ codes: column, values: merged.values });
  }
  return columns;
}

/** In the thread that does it. `check` is called every few thousand rows with those done in the step and may throw. */
export function runColumnStep(
  memory: ColumnMemory,
  step: ColumnStep,
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
      gatherEvents(memory, step, check);
      return null;
  }
}

function listChunks(
  slices: readonly ScannedSlice[],
  p: number,
  { codes }: MergedDictionary,
  scanned: Pointer,
): readonly ChunkCodes[] {
  let at = scanned;
  return slices.flatMap((slice, s) =>
    slice.chunks.map((chunk) => {
      const place = at;
      at += 4 * chunk.rows;
      const local = chunk.properties[p]?.byteOffset ?? 0;
      return { rows: chunk.rows, local, codes: codes[s]?.byteOffset ?? 0, scanned: place };
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
  for (const { rows, local, codes, scanned } of chunks)
    for (let from = 0; from < rows; from += STEP) {
      check(done / 2);
      const count = Math.min(STEP, rows - from);
      translate(local + 4 * from, count, codes, scanned + 4 * from);
      done += count;
    }
}

/** The kernel reaches one memory, the column lies in another: what is gathered is copied piece by piece. */
function gatherEvents(
  memory: ColumnMemory,
  { scanned, scanRows, from, to, column }: Extract<ColumnStep, { readonly kind: 'gather' }>,
  check: (rows: number) => void,
): void {
  const { gather } = kernel.on(memory);
  const bytes = column.BYTES_PER_ELEMENT;
  const at = allocate(memory, bytes * STEP);
  const piece = (bytes === 1 ? viewU8 : bytes === 2 ? viewU16 : viewU32)(memory, at, STEP);
  for (let event = from; event < to; event += STEP) {
    check((event - from) / 2);
    const count = Math.min(STEP, to - event);
    gather(scanned, scanRows + 4 * event, count, at, bytes);
    column.set(piece.subarray(0, count), event);
  }
}
