import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PagesUnusable } from './pages-unusable.ts';

/** A SQLite file as numbered pages. */
export interface PageFile {
  readonly fd: number;
  readonly pageSize: number;
  /** Bytes of a page that SQLite itself uses. */
  readonly usable: number;
  readonly pages: number;
  /** As `CheckedFile.fingerprint` begins: device, inode, size, time of the last change. */
  readonly identity: string;
}

const ROLLBACK_JOURNAL = 1;
const UTF8 = 1;

/** Opens a file that was checked before. Throws PagesUnusable. The caller closes `fd`. */
export function openPageFile(path: string): PageFile {
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd, { bigint: true });
    const header = Buffer.alloc(100);
    if (readSync(fd, header, 0, 100, 0) < 100) throw new PagesUnusable('the file has no whole header');
    const identity = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:`;
    return { fd, ...readHeader(header, Number(stat.size)), identity };
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

function readHeader(header: Buffer, size: number): Pick<PageFile, 'pageSize' | 'usable' | 'pages'> {
  const raw = header.readUInt16BE(16);
  const pageSize = raw === 1 ? 65_536 : raw;
  if (header[18] !== ROLLBACK_JOURNAL || header[19] !== ROLLBACK_JOURNAL)
    throw new PagesUnusable('the file keeps a write-ahead log');
  if (header.readUInt32BE(56) !== UTF8) throw new PagesUnusable('the text is not UTF-8');
  const usable = pageSize - header.readUInt8(20);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usable < 480)
    throw new PagesUnusable('the page size is unusual');
  // The count is only kept by writers that also stamp it with the change counter.
  const counted = header.readUInt32BE(24) === header.readUInt32BE(92) ? header.readUInt32BE(28) : 0;
  const there = Math.floor(size / pageSize);
  return { pageSize, usable, pages: counted > 0 ? Math.min(counted, there) : there };
}

/** Fills `into` from page `page` on (1 = the first). Throws PagesUnusable when the file ends before. */
export function readPages(file: PageFile, page: number, into: Uint8Array): void {
  let done = 0;
  while (done < into.length) {
    const read = readSync(file.fd, into, done, into.length - done, (page - 1) * file.pageSize + done);
    if (read === 0) throw new PagesUnusable('the file ends within a page');
    done += read;
  }
}
