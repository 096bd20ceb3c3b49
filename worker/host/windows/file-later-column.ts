import { TextInterner } from '../../segment/text-interner.ts';
import { createDerived } from '../../segment/derived-column.ts';
import type { ScanOrder } from '../../segment/scan-order.ts';
import type { StringTable } from '../../segment/string-table.ts';
import { TYPE_BYTES, type ColumnInFile, type ColumnType, type ColumnValues } from '../../store/column-file.ts';
import { collectGarbage } from '../give-back-memory.ts';
import { readScanRows } from '../scan-order-file.ts';
import { getCheckpoint, type TaskContext } from '../task-context.ts';
import { asBytes, readBytes, withFile, writeBytes } from './column-slices.ts';
import type { SpilledColumns } from './scan-to-columns.ts';

export interface FileLaterInput {
  readonly slices: readonly SpilledColumns[];
  /** Which of the properties; null = the recorded times. */
  readonly property: number | null;
  readonly scanOrder: ScanOrder;
  /** Where the column goes. */
  readonly path: string;
  /** That many bytes of the scan's codes are in memory at a time. */
  readonly blockBytes: number;
}
export interface FiledColumn {
  readonly column: ColumnInFile;
  /** null = recorded times. */
  readonly values: StringTable | null;
}
interface Codes {
  readonly type: ColumnType;
  /** Values of the scan's rows `from` to … of slice `s`, as many as `into` holds, under common codes. */
  readonly read: (slice: number, from: number, into: ColumnValues) => void;
  readonly values: StringTable | null;
}

const STEP = 1 << 20;

/**
 * In a thread: brings a column from scan order to the order of events. The scan's values are random access, so a block of
 * them is in memory while scan rows and the column pass by, once a block:
 *
 *   block: scan rows 0 … 3    scanRows  2 7 | 0 9     column  v2 . | v0 .
 *   block: scan rows 4 …      scanRows  2 7 | 0 9     column  v2 v7 | v0 v9
 */
export function fileLaterColumn(input: FileLaterInput, context: TaskContext): FiledColumn {
  try {
    return fileColumn(input, context);
  } finally {
    collectGarbage();
  }
}

function fileColumn(input: FileLaterInput, context: TaskContext): FiledColumn {
  const checkpoint = getCheckpoint(context);
  const codes = input.property === null ? timesOf(input.slices) : codesOf(input.slices, input.property, checkpoint);
  const rows = input.slices.reduce((sum, slice) => sum + slice.rows, 0);
  const width = TYPE_BYTES[codes.type];
  const blockRows = Math.min(rows, Math.max(STEP, Math.floor(input.blockBytes / width)));
  const block = createDerived(codes.type, blockRows);
  withFile(input.path, 'w+', 'written', (fd) => {
    for (let start = 0; start < rows; start += blockRows) {
      fillBlock(input.slices, codes, start, block, checkpoint);
      const out = createDerived(codes.type, STEP);
      for (let from = 0; from < rows; from += STEP) {
        checkpoint(0);
        const to = Math.min(from + STEP, rows);
        const scanRows = readScanRows(input.scanOrder, from, to);
        const part = out.subarray(0, to - from);
        if (start > 0) readBytes(fd, asBytes(part), width * from);
        pick(scanRows, start, block, part);
        writeBytes(fd, asBytes(part), width * from);
      }
    }
  });
  return { column: { path: input.path, at: 0, type: codes.type, length: rows }, values: codes.values };
}

function pick(scanRows: Uint32Array, start: number, block: ColumnValues, out: ColumnValues): void {
  for (let i = 0; i < scanRows.length; i++) {
    const at = (scanRows[i] ?? 0) - start;
    if (at >= 0 && at < block.length) out[i] = block[at] ?? 0;
  }
}

function fillBlock(
  slices: readonly SpilledColumns[],
  { read }: Codes,
  start: number,
  block: ColumnValues,
  checkpoint: (done: number) => void,
): void {
  let first = 0;
  slices.forEach(({ rows }, s) => {
    checkpoint(0);
    const from = Math.max(start, first);
    const to = Math.min(start + block.length, first + rows);
    if (to > from) read(s, from - first, block.subarray(from - start, to - start));
    first += rows;
  });
}

function timesOf(slices: readonly SpilledColumns[]): Codes {
  return {
    type: 'f64',
    values: null,
    read(s, from, into) {
      const { path = '', recordedAt = 0 } = slices[s] ?? {};
      withFile(path, 'r', 'read', (fd) => readBytes(fd, asBytes(into), recordedAt + 8 * from));
    },
  };
}

/** Codes of all slices' values in order of first appearance, 0 = not set. */
function codesOf(slices: readonly SpilledColumns[], property: number, checkpoint: (done: number) => void): Codes {
  const interner = new TextInterner();
  const maps = slices.map((slice) => {
    checkpoint(0);
    return internValues(slice, property, interner);
  });
  const codes = interner.length + 1;
  return {
    type: codes <= 0x100 ? 'u8' : codes <= 0x1_0000 ? 'u16' : 'u32',
    values: interner.toTable(),
    read(s, from, into) {
      const { path = '', properties } = slices[s] ?? {};
      const map = maps[s];
      withFile(path, 'r', 'read', (fd) => {
        for (let done = 0; done < into.length; done += STEP) {
          const local = new Uint32Array(Math.min(STEP, into.length - done));
          readBytes(fd, asBytes(local), (properties?.[property]?.codes ?? 0) + 4 * (from + done));
          for (let i = 0; i < local.length; i++) into[done + i] = map?.[local[i] ?? 0] ?? 0;
        }
      });
    },
  };
}

/** By code of the slice: the common one. */
function internValues({ path, properties }: SpilledColumns, property: number, interner: TextInterner): Uint32Array {
  const place = properties[property];
  const map = new Uint32Array((place?.values ?? 0) + 1);
  if (place === undefined) return map;
  const offsets = new Uint32Array(place.values + 1);
  const bytes = new Uint8Array(place.valueBytes);
  withFile(path, 'r', 'read', (fd) => {
    readBytes(fd, asBytes(offsets), place.offsets);
    readBytes(fd, bytes, place.bytes);
  });
  for (let i = 0; i < place.values; i++) map[i + 1] = interner.add(bytes, offsets[i] ?? 0, offsets[i + 1] ?? 0) + 1;
  return map;
}
