import { createReadStream } from 'node:fs';
import { parse, type Parser } from 'csv-parse';
import { EngineError } from '../../protocol/errors.ts';
import type { ImportReader, ImportRecord } from './import-record.ts';

const CHUNK_BYTES = 1 << 20;
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
export function readCsv(path: string, options: CsvOptions): ImportReader {
  const columns: string[] = [];
  const reader = { columns, header: null as string | null, batches };
  return reader;

  async function* batches(): AsyncGenerator<{ records: readonly ImportRecord[]; bytes: number }> {
    const input = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    const skipped: ImportRecord[] = [];
    const parser = newParser(options, skipped);
    let failure: Error | null = null;
    parser.on('error', (error) => (failure = error));
    // Written to and read from by hand: a promise for each row would cost more than its parsing.
    for await (const chunk of input as AsyncIterable<Buffer>) {
      parser.write(chunk);
      yield { records: [...skipped.splice(0), ...drain(parser)], bytes: input.bytesRead };
    }
    parser.end();
    yield { records: [...drain(parser), ...skipped.splice(0)], bytes: input.bytesRead };
    if (failure !== null) throw failure;
    if (reader.header === null)
      throw new EngineError('E_BAD_ROWS', 'This file has no rows.', { hint: 'The first line must name the columns.' });
  }

  function drain(parser: Parser): readonly ImportRecord[] {
    const records: ImportRecord[] = [];
    for (let parsed = parser.read() as Parsed | null; parsed !== null; parsed = parser.read() as Parsed | null) {
      const raw = trimLineEnds(parsed.raw);
      if (reader.header !== null) records.push(toRecord(parsed, raw, columns.length));
      else {
        reader.header = raw.replace(/^\uFEFF/, '');
        columns.push(...nameColumns(parsed.record));
      }
    }
    return records;
  }
}

function newParser({ delimiter, encoding }: CsvOptions, skipped: ImportRecord[]): Parser {
  return parse({
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
      const text = trimLineEnds(raw ?? '');
      const line = firstLine(Number((error as { lines?: number } | undefined)?.lines ?? 1), text);
      const problem = `cannot be read as CSV (${error?.code ?? 'unknown'})`;
      skipped.push({ line, raw: text, cells: null, problem });
      return undefined;
    },
  });
}

/** Empty lines before a row count to its raw text, as does its own line end. */
function trimLineEnds(raw: string): string {
  const isEnd = (at: number): boolean => raw.charCodeAt(at) === 10 || raw.charCodeAt(at) === 13;
  let from = 0;
  let to = raw.length;
  while (from < to && isEnd(from)) from++;
  while (to > from && isEnd(to - 1)) to--;
  return from === 0 && to === raw.length ? raw : raw.slice(from, to);
}

/** csv-parse tells the line where a row ends. */
const firstLine = (last: number, raw: string): number => last - (raw.includes('\n') ? raw.split('\n').length - 1 : 0);

function toRecord({ record, info }: Parsed, raw: string, columns: number): ImportRecord {
  const line = firstLine(info.lines, raw);
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
