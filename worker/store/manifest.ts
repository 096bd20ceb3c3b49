import { crc32 } from 'node:zlib';
import { FORMAT_VERSION, type ColumnEntry } from './column-file.ts';

/** Which source, as who opens it knows it. The store compares, and understands nothing of it. */
export interface SourceKey {
  /** For people: a path, an address. */
  readonly name: string;
  /** What stays when the source grows: address, mapping, actor. One entry is kept for each. */
  readonly slot: string;
  /** Changes whenever the source does: size, times, counters, schema. */
  readonly state: string;
}

/** What is kept of one source in one state. Written last and at once: columns that no manifest names do not exist. */
export interface Manifest {
  readonly format: number;
  /** Made by one writing; columns added later belong to it too. */
  readonly generation: string;
  readonly source: SourceKey;
  readonly events: number;
  /** Whatever the caller wants back, JSON-safe. */
  readonly facts: unknown;
  readonly columns: readonly ColumnEntry[];
}

/** First line: CRC-32 of the rest, in hex. */
export function encodeManifest(manifest: Manifest): string {
  const json = JSON.stringify(manifest);
  return `${crc32(json).toString(16).padStart(8, '0')}\n${json}`;
}

/** null = damaged, or of another format. */
export function decodeManifest(bytes: Buffer): Manifest | null {
  const crc = Number.parseInt(bytes.toString('latin1', 0, 8), 16);
  if (bytes[8] !== 10 || crc32(bytes.subarray(9)) !== crc) return null;
  const manifest = parse(bytes.toString('utf8', 9));
  return manifest?.format === FORMAT_VERSION ? manifest : null;
}

function parse(json: string): Manifest | null {
  try {
    return JSON.parse(json) as Manifest;
  } catch {
    return null;
  }
}
