import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../protocol/errors.ts';
import { fileError } from '../files/file-error.ts';
import type { ScanOrder } from '../segment/scan-order.ts';

export type ScanOrderFile = Extract<ScanOrder, { readonly kind: 'file' }>;
let made = 0;

/** An empty file for the scan rows of `length` events, in a private folder. Throws E_DISK_FULL and its like. */
export function createScanOrderFile(folder: string, length: number): ScanOrderFile {
  const file = path.join(folder, `scan-order-${process.pid}-${made++}`);
  try {
    mkdirSync(folder, { recursive: true });
    closeSync(openSync(file, 'wx', 0o600));
  } catch (thrown) {
    throw fileError(thrown, 'written', file);
  }
  return { kind: 'file', path: file, at: 0, length };
}

/** Runs `work` with a function that puts scan rows at the place of event `event`. Throws E_DISK_FULL and its like. */
export function writeScanRows<T>(
  file: ScanOrderFile,
  work: (keep: (event: number, scanRows: Uint32Array) => void) => T,
): T {
  const fd = open(file, 'r+');
  try {
    return work((event, scanRows) => {
      try {
        writeAll(fd, asBytes(scanRows), file.at + 4 * event);
      } catch (thrown) {
        throw fileError(thrown, 'written', file.path);
      }
    });
  } finally {
    closeSync(fd);
  }
}

/** Scan rows of events `from` to `to` (exclusive); `into` has room for them. */
export function readScanRows(
  order: ScanOrder,
  from: number,
  to: number,
  into: Uint32Array = new Uint32Array(to - from),
): Uint32Array {
  if (order.kind === 'memory') {
    into.set(order.rows.subarray(from, to));
    return into;
  }
  const fd = open(order, 'r');
  try {
    const bytes = asBytes(into);
    for (let done = 0; done < bytes.length;) {
      const read = readSync(fd, bytes, done, bytes.length - done, order.at + 4 * from + done);
      if (read === 0) throw lost(order, undefined);
      done += read;
    }
    return into;
  } finally {
    closeSync(fd);
  }
}

export function removeScanOrder(order: ScanOrder): void {
  if (order.kind === 'file') rmSync(order.path, { force: true });
}

function open(file: ScanOrderFile, flags: string): number {
  try {
    return openSync(file.path, flags);
  } catch (thrown) {
    throw lost(file, thrown);
  }
}

const lost = (file: ScanOrderFile, cause: unknown): EngineError =>
  new EngineError('E_UNREADABLE', `${file.path}, which the engine made, is gone or damaged.`, {
    hint: 'Close the source and open it again.',
    cause,
  });

const asBytes = (rows: Uint32Array): Uint8Array => new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);

function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
}
