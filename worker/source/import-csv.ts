import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { EngineError } from '../../protocol/index.ts';
import type { ImportReader, ImportRecord } from './import-record.ts';

const CHUNK_BYTES = 1 << 20;
const BATCH_ROWS = 2_000;
/** A row longer than this is a quote that was never closed. */
const MAX_RECORD = 4_000_000;

export interface CsvOptions {
  readonly delimiter: string;
  readonly encoding: BufferEncoding;
}

/** The delimiter is the one the first line has most of. */
export function guessDelimiter(firstLine: string): string {
  const outside = firstLine.replaceAll(/"(?:[^"]|"")*"/g, '');
  const count = (d: string): number => outside.split(d).length;
  return [',', ';', '\t', '|'].toSorted((a, b) => count(b) - count(a))[0] ?? ',';
}

interface Parsed {
  readonly record: readonly string[];
  readonly raw: string;
  readonly info: { readonly lines: number };
}

/** RFC 4180 with what files really have: a byte order mark, LF or CRLF, stray quotes inside a cell. */
export function readCsv(path: string, { delimiter, encoding }: CsvOptions): ImportReader {
  const columns: string[] = [];
  const reader = { columns, header: null as string | null, batches };
  return reader;

  async function* batches(): AsyncGenerator<{ records: readonly ImportRecord[]; bytes: number }> {
    const input = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    const skipped: ImportRecord[] = [];
    const parser = parse({
      delimiter,
      encoding,
      bom: true,
      info: true,
      raw: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: MAX_RECORD,
      on_skip: (error, raw) => {
        skipped.push({ line: 0, raw: raw ?? '', cells: null, problem: error?.message ?? 'cannot be read as CSV' });
        return undefined;
      },
    });
    input.on('error', (error) => parser.destroy(error));
    let lines = 1;
    let records: ImportRecord[] = [];
    for await (const parsed of input.pipe(parser) as AsyncIterable<Parsed>) {
      const raw = parsed.raw.replace(/^(?:\r?\n)+|\r?\n$/g, '');
      if (reader.header === null) {
        reader.header = raw;
        columns.push(...nameColumns(parsed.record));
      } else records.push(toRecord(parsed, raw, columns.length));
      lines = parsed.info.lines;
      if (records.length < BATCH_ROWS) continue;
      yield { records: [...skipped.splice(0), ...records], bytes: input.bytesRead };
      records = [];
    }
    yield {
      records: [...records, ...skipped.splice(0).map((r) => ({ ...r, line: lines + 1 }))],
      bytes: input.bytesRead,
    };
    if (reader.header === null)
      throw new EngineError('E_BAD_ROWS', 'This file has no rows.', { hint: 'The first line must name the columns.' });
  }
}

/** csv-parse tells the line where a row ends. */
function toRecord({ record, info }: Parsed, raw: string, columns: number): ImportRecord {
  const line = info.lines - (raw.includes('\n') ? raw.split('\n').length - 1 : 0);
  if (record.length === columns) return { line, raw, cells: record, problem: null };
  return { line, raw, cells: null, problem: `has ${record.length} cells, the header has ${columns}` };
}

/** Every column gets a name of its own: `column_3` for an empty one, `name_2` for a repeated one. */
export function nameColumns(header: readonly string[]): string[] {
  const names: string[] = [];
  header.forEach((cell, i) => {
    const base = cell.trim() === '' ? `column_${i + 1}` : cell.trim();
    let name = base;
    for (let n = 2; names.includes(name); n++) name = `${base}_${n}`;
    names.push(name);
  });
  return names;
}
