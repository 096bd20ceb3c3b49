import { createReadStream } from 'node:fs';
import type { ImportCell, ImportReader, ImportRecord } from './import-record.ts';

const CHUNK_BYTES = 1 << 20;

/** JSON Lines: one object a line. Objects inside become columns by dotted names: `{"properties":{"plan":1}}` → `properties.plan`. */
export function readJsonLines(path: string, encoding: BufferEncoding): ImportReader {
  const columns: string[] = [];
  const indexOf = new Map<string, number>();
  return { columns, header: null, batches };

  async function* batches(): AsyncGenerator<{ records: readonly ImportRecord[]; bytes: number }> {
    const input = createReadStream(path, { highWaterMark: CHUNK_BYTES, encoding });
    let rest = '';
    let line = 0;
    for await (const chunk of input as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      const records = lines.flatMap((text) => toRecord(text, ++line));
      if (records.length > 0) yield { records, bytes: input.bytesRead };
    }
    yield { records: toRecord(rest, line + 1), bytes: input.bytesRead };
  }

  function toRecord(text: string, line: number): readonly ImportRecord[] {
    const raw = (line === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '');
    if (raw.trim() === '') return [];
    try {
      const value: unknown = JSON.parse(raw);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return [{ line, raw, cells: null, problem: 'is no JSON object' }];
      const cells: ImportCell[] = [];
      flatten(value, '', cells);
      return [{ line, raw, cells, problem: null }];
    } catch {
      return [{ line, raw, cells: null, problem: 'is no valid JSON' }];
    }
  }

  function flatten(object: object, prefix: string, cells: ImportCell[]): void {
    for (const [key, value] of Object.entries(object) as [string, ImportCell][]) {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        flatten(value, `${prefix}${key}.`, cells);
        continue;
      }
      const name = prefix + key;
      let index = indexOf.get(name);
      if (index === undefined) indexOf.set(name, (index = columns.push(name) - 1));
      cells[index] = value;
    }
  }
}
