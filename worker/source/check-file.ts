import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  type BigIntStats,
} from 'node:fs';
import { EngineError } from '../../protocol/errors.ts';

/** What is known of a file before SQLite touches it (security.md facts 6 to 8). */
export interface CheckedFile {
  /** Symbolic links resolved. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Header says write-ahead log: SQLite would make files beside it. */
  readonly walFlagged: boolean;
  /** A `-wal` or `-journal` with content lies beside it. */
  readonly companion: '-wal' | '-journal' | null;
  /** Device, inode, size, mtime (ns) and first 100 bytes, of the file and of its companion. */
  readonly fingerprint: string;
  /** The same without device and inode, which a copy, a restored backup or another mount has anew. */
  readonly state: string;
}

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;

/** Refuses everything but a regular file with a sane SQLite header. Opens nothing that could block. */
export function checkFile(path: string): CheckedFile {
  const real = resolveRegularFile(path);
  const { stat, header } = readHeader(real);
  checkHeader(header, Number(stat.size));
  const walFlagged = header[18] === 2 || header[19] === 2;
  const companion = findCompanion(real, walFlagged);
  const beside = companion === null ? null : readHeader(real + companion);
  const heads = beside === null ? [{ stat, header }] : [{ stat, header }, beside];
  return {
    path: real,
    sizeBytes: Number(stat.size),
    walFlagged,
    companion,
    fingerprint: heads.map((head) => `${head.stat.dev}:${head.stat.ino}:${stateOf(head)}`).join('+'),
    state: heads.map(stateOf).join('+'),
  };
}

/** Follows links, then insists on a regular file: a FIFO would hang the open for ever, /dev/zero opens as an empty database. */
export function resolveRegularFile(path: string): string {
  try {
    // It is looked at before every answer: the other one asks for each folder on the way.
    const real = realpathSync.native(path);
    const stat = statSync(real);
    if (stat.isFile()) return real;
    throw new EngineError('E_NOT_A_FILE', `This is ${kindOf(stat)}, not a file.`, {
      hint: 'Choose a regular file.',
      details: path,
    });
  } catch (thrown) {
    throw fileError(thrown, path);
  }
}

/** Errors of the file system as codes. */
export function fileError(thrown: unknown, path: string): unknown {
  if (thrown instanceof EngineError || !(thrown instanceof Error)) return thrown;
  const code = (thrown as NodeJS.ErrnoException).code;
  const details = `${path}: ${thrown.message}`;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new EngineError('E_NOT_FOUND', 'There is no file at this place.', {
      hint: 'Check the path; the file may have been moved or its disk removed.',
      details,
      cause: thrown,
    });
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new EngineError('E_DISK_FULL', 'The disk is full.', {
      hint: 'Free some space, then try again.',
      details,
      cause: thrown,
    });
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return thrown;
  return new EngineError('E_UNREADABLE', `This file cannot be read (${code}).`, {
    hint: 'Check that you may read the file and its folder.',
    details,
    cause: thrown,
  });
}

interface Head {
  readonly stat: BigIntStats;
  readonly header: Uint8Array;
}

function readHeader(path: string): Head {
  try {
    const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const header = new Uint8Array(HEADER_BYTES);
      const stat = fstatSync(fd, { bigint: true });
      const length = stat.isFile() ? readSync(fd, header, 0, HEADER_BYTES, 0) : 0;
      return { stat, header: header.subarray(0, length) };
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    throw fileError(thrown, path);
  }
}

function checkHeader(header: Uint8Array, size: number): void {
  if (size === 0) throw notADatabase('This file is empty.');
  if (header.length < HEADER_BYTES || Buffer.from(header.subarray(0, 16)).toString('latin1') !== MAGIC)
    throw notADatabase('This file is not a SQLite database.');
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const raw = view.getUint16(16);
  const pageSize = raw === 1 ? 65_536 : raw;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0)
    throw notADatabase('This file has the mark of a SQLite database but an impossible page size.');
  if (size % pageSize !== 0) throw truncated(`${size} bytes are no whole number of ${pageSize}-byte pages`);
  // The page count is only kept by writers that also stamp it with the change counter.
  const counted = view.getUint32(24) === view.getUint32(92) ? view.getUint32(28) : 0;
  if (counted * pageSize > size && header[18] !== 2)
    throw truncated(`the header counts ${counted} pages, the file has ${size / pageSize}`);
}

const notADatabase = (message: string): EngineError =>
  new EngineError('E_NOT_A_DB', message, {
    hint: 'Choose a SQLite database file. CSV and JSON Lines files are brought in with `tributary import`.',
  });
const truncated = (details: string): EngineError =>
  new EngineError('E_CORRUPT', 'This database is cut short.', {
    hint: 'It was probably copied while it was written to. Get a fresh copy, then open that.',
    details,
  });

/** A `-wal` counts when it has frames, a `-journal` when its first byte is not zeroed (a zeroed one is finished). */
function findCompanion(path: string, walFlagged: boolean): '-wal' | '-journal' | null {
  if (walFlagged && existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0) return '-wal';
  if (!existsSync(`${path}-journal`) || !statSync(`${path}-journal`).isFile()) return null;
  const { header } = readHeader(`${path}-journal`);
  return header.length > 0 && header[0] !== 0 ? '-journal' : null;
}

function stateOf({ stat, header }: Head): string {
  return `${stat.size}:${stat.mtimeNs}:${Buffer.from(header).toString('base64')}`;
}

function kindOf(stat: { isDirectory(): boolean; isFIFO(): boolean; isSocket(): boolean }): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a pipe';
  return stat.isSocket() ? 'a socket' : 'a device';
}
