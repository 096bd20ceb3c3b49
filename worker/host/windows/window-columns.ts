import type { ColumnMemory } from '../../segment/column-memory.ts';
import { allocateDerived } from '../../segment/derived-column.ts';
import type { StringTable } from '../../segment/string-table.ts';
import type { ColumnInFile, ColumnValues } from '../../store/column-file.ts';
import { asBuildError } from '../build-error.ts';

/** As long as the file's, and no memory until it is written to. Throws E_LIMIT. */
export function allocateColumn(
  memory: ColumnMemory | null,
  { type, length }: Pick<ColumnInFile, 'type' | 'length'>,
): ColumnValues {
  try {
    return allocateDerived(memory, type, length);
  } catch (error) {
    throw asBuildError(error);
  }
}

/** Without a memory: the same. */
export function copyTable(memory: ColumnMemory | null, { length, bytes, offsets }: StringTable): StringTable {
  if (memory === null) return { length, bytes, offsets };
  const copy = {
    length,
    bytes: allocateDerived(memory, 'u8', bytes.length) as Uint8Array,
    offsets: allocateDerived(memory, 'u32', offsets.length) as Uint32Array,
  };
  copy.bytes.set(bytes);
  copy.offsets.set(offsets);
  return copy;
}

export const bytesOfTable = ({ bytes, offsets }: StringTable): number => bytes.byteLength + offsets.byteLength;
