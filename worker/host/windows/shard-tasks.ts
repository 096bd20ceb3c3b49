import type { ColumnMemory } from '../../segment/column-memory.ts';
import { dropRows } from '../../segment/drop-rows.ts';
import { sharedF64, sharedU32, type ScannedSlice } from '../../segment/event-rows.ts';
import { allocateDerived, createDerived } from '../../segment/derived-column.ts';
import { lowerBound, type TypeColumn } from '../../segment/segment.ts';
import type { ColumnInFile, ColumnValues } from '../../store/column-file.ts';
import { readScanRows } from '../scan-order-file.ts';
import { getCheckpoint, type TaskContext } from '../task-context.ts';
import type { TaskMap } from '../tasks.ts';
import { asBytes, readBytes, readValues, withFile, writeBytes } from './column-slices.ts';
import type { SpilledSlice } from './scan-to-shards.ts';

const STEP = 1 << 20;

/** In a thread: the rows of one shard as slices, ready to be assembled, and for each the place in the whole scan. */
export function loadShard(
  { slices, shard, memory }: TaskMap['loadShard']['payload'],
  context: TaskContext,
): TaskMap['loadShard']['result'] {
  const checkpoint = getCheckpoint(context);
  const loaded = slices.map(({ spilled, dropped, start }) => {
    checkpoint(0);
    return loadPiece(spilled, shard, dropped, start, memory);
  });
  const scanRows = sharedU32(loaded.reduce((sum, { scanRows: own }) => sum + own.length, 0));
  let at = 0;
  for (const { scanRows: own } of loaded) {
    scanRows.set(own, at);
    at += own.length;
  }
  return { slices: loaded.map(({ slice }) => slice), scanRows };
}

function loadPiece(
  { path, pieces, eventNames }: SpilledSlice,
  shard: number,
  dropped: Uint32Array,
  start: number,
  memory: ColumnMemory | null,
): { readonly slice: ScannedSlice; readonly scanRows: Uint32Array } {
  const { at = 0, rows = 0, actors: count = 0, idBytes = 0 } = pieces[shard] ?? {};
  const times = sharedF64(rows, memory);
  const [actors, types] = [sharedU32(rows, memory), sharedU32(rows, memory)];
  const places = new Uint32Array(rows);
  const offsets = sharedU32(count + 1, memory);
  const bytes = allocateDerived(memory, 'u8', idBytes) as Uint8Array;
  withFile(path, 'r', 'read', (fd) => {
    let from = at;
    for (const values of [times, actors, types, places, offsets, bytes]) {
      readBytes(fd, asBytes(values), from);
      from += values.byteLength;
    }
  });
  const chunk = { rows, actors, times, types, recordedAt: new Float64Array(), properties: [] };
  const slice: ScannedSlice = {
    memory,
    rows,
    chunks: rows === 0 ? [] : [chunk],
    actorIds: { length: count, bytes, offsets },
    eventNames,
    propertyValues: [],
    landmarks: new Float64Array(),
    dropped: [],
  };
  const own = [...dropped].flatMap((place) =>
    places[lowerBound(places, place)] === place ? [lowerBound(places, place)] : [],
  );
  const kept = own.length === 0 ? places : places.filter((place) => dropped[lowerBound(dropped, place)] !== place);
  // Rows are numbered without the dropped ones.
  const scanRows = kept.map((place) => start + place - lowerBound(dropped, place));
  return { slice: dropRows(slice, own), scanRows };
}

/** In a thread: the events of a shard behind those of the shards before it. Returns its events by type code. */
export function appendShard(
  { segment, scanOrder, scanRows, files, place }: TaskMap['appendShard']['payload'],
  context: TaskContext,
): TaskMap['appendShard']['result'] {
  const checkpoint = getCheckpoint(context);
  const { eventCount, offsets, actorIds } = segment;
  append(files.offsets, shift(offsets.subarray(1), place.events));
  append(files.idOffsets, shift(actorIds.offsets.subarray(1), place.idBytes));
  append(files.idBytes, actorIds.bytes);
  checkpoint(0);
  append(files.seconds, shift(segment.seconds, segment.baseSeconds - place.baseSeconds));
  append(files.millis, segment.millis);
  const counts = new Float64Array(place.typeCodes.length);
  for (let from = 0; from < eventCount; from += STEP) {
    checkpoint(from);
    const to = Math.min(from + STEP, eventCount);
    const types = createDerived(files.types.type, to - from);
    for (let e = from; e < to; e++) {
      const type = segment.types[e] ?? 0;
      counts[type] = (counts[type] ?? 0) + 1;
      types[e - from] = place.typeCodes[type] ?? 0;
    }
    append(files.types, types);
    append(
      files.scanRows,
      readScanRows(scanOrder, from, to).map((row) => scanRows[row] ?? 0),
    );
  }
  return counts;
}

function shift(values: Uint32Array, by: number): Uint32Array {
  if (by !== 0) for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + by;
  return values;
}

function append(file: Pick<ColumnInFile, 'path'>, values: ColumnValues): void {
  withFile(file.path, 'a', 'written', (fd) => writeBytes(fd, asBytes(values)));
}

/** In a thread: types in a file under other codes. */
export function recodeTypes(
  { file, codes }: TaskMap['recodeTypes']['payload'],
  context: TaskContext,
): TaskMap['recodeTypes']['result'] {
  const checkpoint = getCheckpoint(context);
  withFile(file.path, 'r+', 'written', (fd) => {
    for (let from = 0; from < file.length; from += STEP) {
      checkpoint(from);
      const types = createDerived(file.type, Math.min(STEP, file.length - from)) as TypeColumn;
      const at = file.at + types.BYTES_PER_ELEMENT * from;
      readBytes(fd, asBytes(types), at);
      for (let i = 0; i < types.length; i++) types[i] = codes[types[i] ?? 0] ?? 0;
      writeBytes(fd, asBytes(types), at);
    }
  });
}

/** In a thread: slices of columns, for instance of a window. */
export function readColumns({ reads }: TaskMap['readColumns']['payload'], context: TaskContext): void {
  const checkpoint = getCheckpoint(context);
  for (const { file, from, into } of reads) readValues(file, from, into, () => checkpoint(0));
}

/** In a thread: every `grain`th value of a column, and its last. */
export function sampleColumn(
  { file, grain }: TaskMap['sampleColumn']['payload'],
  context: TaskContext,
): TaskMap['sampleColumn']['result'] {
  const checkpoint = getCheckpoint(context);
  const samples = new Uint32Array(Math.ceil((file.length - 1) / grain) + 1);
  const step = Math.max(1, Math.floor(STEP / grain)) * grain;
  for (let from = 0; from < file.length; from += step) {
    checkpoint(0);
    const values = new Uint32Array(Math.min(step, file.length - from));
    readValues(file, from, values);
    for (let i = 0; i < values.length; i += grain) samples[(from + i) / grain] = values[i] ?? 0;
    if (from + step >= file.length) samples[samples.length - 1] = values.at(-1) ?? 0;
  }
  return samples;
}
