import { Zip, ZipDeflate } from 'fflate';
import type { ExportFile } from './export-file.ts';

/** The earliest a zip can say, local time: the same rows give the same bytes. */
const DATE = new Date(1980, 0, 1);

/** A zip of parts (name, content), written from front to back: no part is held whole. Up to 4 GB. */
export function writeZip(file: ExportFile, parts: Iterable<readonly [string, Iterable<string>]>): void {
  const zip = new Zip((error, bytes) => {
    if (error !== null) throw error;
    file.write(bytes);
  });
  for (const [name, texts] of parts) {
    const entry = new ZipDeflate(name, { level: 6 });
    entry.mtime = DATE;
    zip.add(entry);
    for (const text of texts) entry.push(Buffer.from(text));
    entry.push(new Uint8Array(), true);
  }
  zip.end();
}
