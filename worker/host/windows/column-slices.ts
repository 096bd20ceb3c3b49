import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { fileError } from '../../files/file-error.ts';
import { TYPE_BYTES, type ColumnInFile, type ColumnValues } from '../../store/column-file.ts';

const SLICE_BYTES = 1 << 20;

/** Values from number `from` on, as many as `into` holds. `check` is called for every MiB and may throw. */
export function readValues(
  { path, at, type }: ColumnInFile,
  from: number,
  into: ColumnValues,
  check: () => void = () => undefined,
): void {
  withFile(path, 'r', 'read', (fd) => readBytes(fd, asBytes(into), at + TYPE_BYTES[type] * from, check));
}

/** Throws when the file is shorter. */
export function readBytes(fd: number, bytes: Uint8Array, at: number, check: () => void = () => undefined): void {
  for (let done = 0; done < bytes.length;) {
    check();
    const read = readSync(fd, bytes, done, Math.min(SLICE_BYTES, bytes.length - done), at + done);
    if (read === 0) throw new Error('a file of the engine is cut short');
    done += read;
  }
}

/** At the place `at`, or where the file ends. */
export function writeBytes(fd: number, bytes: Uint8Array, at: number | null = null): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(fd, bytes, done, bytes.length - done, at === null ? null : at + done);
}

/** Throws E_DISK_FULL and its like. */
export function withFile<T>(path: string, flags: string, action: 'read' | 'written', work: (fd: number) => T): T {
  let fd: number | null = null;
  try {
    fd = openSync(path, flags, 0o600);
    return work(fd);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === undefined) throw thrown;
    throw fileError(thrown, action, path);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

export const asBytes = (values: ColumnValues): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
