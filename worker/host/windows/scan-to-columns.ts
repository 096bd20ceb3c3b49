import { createColumnMemory } from '../../segment/column-memory.ts';
import { collectGarbage } from '../give-back-memory.ts';
import { scanSlice } from '../scan-tasks.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskMap } from '../tasks.ts';
import type { ColumnValues } from '../../store/column-file.ts';
import { asBytes, withFile, writeBytes } from './column-slices.ts';

/** Columns of one slice of a later scan in a spill file, in scan order: codes of the slice's own, and its values. */
export interface SpilledColumns {
  readonly path: string;
  readonly rows: number;
  /** Parallel to `KeptColumns.properties`: u32 × rows from `codes` on, then a dictionary. */
  readonly properties: readonly SpilledProperty[];
  /** f64 × rows from here on. */
  readonly recordedAt: number;
}
export interface SpilledProperty {
  readonly codes: number;
  readonly offsets: number;
  readonly bytes: number;
  readonly values: number;
  readonly valueBytes: number;
}

/** In a thread. Nothing of it stays in memory. */
export function scanToColumns(
  payload: TaskMap['scanToColumns']['payload'],
  context: TaskContext,
): TaskMap['scanToColumns']['result'] {
  try {
    return scanAndSpill(payload, context);
  } finally {
    collectGarbage();
  }
}

function scanAndSpill(
  { path, kernels, ...request }: TaskMap['scanToColumns']['payload'],
  context: TaskContext,
): SpilledColumns {
  const memory = kernels ? createColumnMemory() : null;
  const { slice } = scanSlice({ ...request, memory }, context);
  return withFile(path, 'wx', 'written', (fd) => {
    let at = 0;
    const write = (values: ColumnValues): number => {
      const start = at;
      writeBytes(fd, asBytes(values));
      at += values.byteLength;
      return start;
    };
    const properties = slice.propertyValues.map(({ length, offsets, bytes }, p): SpilledProperty => {
      const codes = at;
      for (const { properties: columns, rows } of slice.chunks)
        write(columns[p]?.subarray(0, rows) ?? new Uint32Array());
      return { codes, offsets: write(offsets), bytes: write(bytes), values: length, valueBytes: bytes.length };
    });
    const recordedAt = at;
    if (request.kept.recordedAt) for (const { recordedAt: times, rows } of slice.chunks) write(times.subarray(0, rows));
    return { path, rows: slice.rows, properties, recordedAt };
  });
}
