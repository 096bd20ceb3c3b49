import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../protocol/errors.ts';
import { fileError, resolveRegularFile } from './check-file.ts';
import { resolveImportColumns, type ImportColumns, type ImportMapping } from './import-columns.ts';
import { guessDelimiter, readCsv } from './import-csv.ts';
import { readJsonLines } from './import-jsonl.ts';
import type { ImportReader, ImportRecord } from './import-record.ts';
import { RejectedRows } from './import-rejected.ts';
import { eventMaker, type EventMaker } from './import-event.ts';
import { ImportWriter } from './import-writer.ts';
import { guardRead } from './sqlite-errors.ts';

export type ImportFormat = 'csv' | 'jsonl';

export interface ImportOptions {
  readonly input: string;
  readonly out: string;
  /** Default: by the file's name, else by its first character. */
  readonly format?: ImportFormat | undefined;
  /** CSV only; default: what the first line has most of. */
  readonly delimiter?: string | undefined;
  readonly mapping: ImportMapping;
  /** Replace an existing `out`. */
  readonly force?: boolean | undefined;
}
/** Answer true to stop: E_CANCELLED, nothing is left behind. */
export type ImportProgress = (bytes: number, totalBytes: number, rows: number) => boolean;

export interface ImportSummary {
  readonly out: string;
  readonly format: ImportFormat;
  readonly columns: ImportColumns;
  /** Rows of the file, without the header: events + rejected. */
  readonly rows: number;
  readonly events: number;
  readonly actors: number;
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  readonly rejected: number;
  /** Where the rejected rows are kept; null when there are none. */
  readonly rejectedFile: string | null;
  /** The first ones, with the line where the row begins. */
  readonly rejectedRows: readonly { readonly line: number; readonly reason: string }[];
  /** Columns that had to take another name as a property. */
  readonly renamed: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly rowsPerSecond: number;
}

/**
 * Brings a CSV or JSON Lines file into a snapshot of our model. Every row becomes an event or is kept aside with its
 * line number and reason. The snapshot appears complete or not at all. Throws E_EXISTS, E_BAD_ROWS (not one readable
 * row), E_BAD_MAPPING, E_NO_SUCH_COLUMN, E_CANCELLED and the errors of files.
 */
export async function importFile(
  options: ImportOptions,
  onProgress: ImportProgress = () => false,
): Promise<ImportSummary> {
  const startedAt = performance.now();
  const input = resolveRegularFile(options.input);
  if (!existsSync(path.dirname(options.out)))
    throw new EngineError('E_NOT_FOUND', `There is no folder ${path.dirname(options.out)}.`, {
      hint: 'Make it first, or choose another place.',
    });
  const head = readHead(input);
  const format = options.format ?? guessFormat(input, head.text);
  const rejected = new RejectedRows(options.out, format);
  if (options.force !== true) [options.out, rejected.path].forEach(refuseExisting);
  const reader =
    format === 'csv'
      ? readCsv(input, {
          delimiter: options.delimiter ?? guessDelimiter(head.text.split(/\r?\n/, 1)[0] ?? ''),
          encoding: head.encoding,
        })
      : readJsonLines(input, head.encoding);
  const partial = path.join(path.dirname(options.out), `.${path.basename(options.out)}.${process.pid}.partial`);
  const run = new ImportRun(reader, partial, rejected, options.mapping);
  try {
    const total = statSync(input).size;
    for await (const { records, bytes } of reader.batches()) {
      run.take(records);
      if (onProgress(bytes, total, run.rows))
        throw new EngineError('E_CANCELLED', 'The import was cancelled.', { hint: 'Nothing was left behind.' });
    }
    const columns = run.finish();
    publish(partial, options.out);
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      out: options.out,
      format,
      columns,
      ...run.summary(),
      seconds,
      rowsPerSecond: Math.round(run.rows / seconds),
    };
  } catch (thrown) {
    run.abandon();
    rmSync(partial, { force: true });
    throw guardRead(() => fileError(thrown, options.input));
  }
}

const SAMPLE_ROWS = 1_000;

/** Holds the first rows back until the columns are decided, then turns row after row into events. */
class ImportRun {
  rows = 0;
  readonly #reader: ImportReader;
  readonly #rejected: RejectedRows;
  readonly #writer: ImportWriter;
  readonly #mapping: ImportMapping;
  #held: ImportRecord[] = [];
  #columns: ImportColumns | null = null;
  #maker: EventMaker | null = null;

  constructor(reader: ImportReader, partial: string, rejected: RejectedRows, mapping: ImportMapping) {
    this.#reader = reader;
    this.#rejected = rejected;
    this.#mapping = mapping;
    this.#writer = guardRead(() => new ImportWriter(partial));
  }

  take(records: readonly ImportRecord[]): void {
    if (this.#maker === null) {
      this.#held.push(...records);
      if (this.#held.length < SAMPLE_ROWS) return;
      this.#decide();
      return;
    }
    for (const record of records) this.#takeOne(record, this.#maker);
  }

  finish(): ImportColumns {
    this.#decide();
    if (this.#writer.events === 0) throw this.#rejected.nothingReadable(this.rows);
    this.#writer.finish();
    this.#rejected.finish();
    if (this.#columns === null) throw new Error('columns are decided before the end');
    return this.#columns;
  }

  abandon(): void {
    this.#writer.abandon();
    this.#rejected.abandon();
  }

  summary(): Pick<
    ImportSummary,
    'rows' | 'events' | 'actors' | 'firstTime' | 'lastTime' | 'rejected' | 'rejectedFile' | 'rejectedRows' | 'renamed'
  > {
    const { events, actors, firstTime, lastTime } = this.#writer;
    const iso = (ms: number): string => new Date(ms).toISOString();
    return {
      rows: this.rows,
      events,
      actors,
      firstTime: iso(firstTime),
      lastTime: iso(lastTime),
      ...this.#rejected.summary(),
      renamed: this.#maker?.renamed ?? {},
    };
  }

  #decide(): void {
    if (this.#maker !== null) return;
    this.#columns = resolveImportColumns(this.#reader.columns, this.#held.slice(0, SAMPLE_ROWS), this.#mapping);
    this.#rejected.header = this.#reader.header;
    this.#maker = eventMaker(this.#reader.columns, this.#columns);
    for (const record of this.#held.splice(0)) this.#takeOne(record, this.#maker);
  }

  #takeOne(record: ImportRecord, maker: EventMaker): void {
    this.rows++;
    const made = record.cells === null ? (record.problem ?? 'cannot be read') : maker.make(record.cells, this.rows);
    if (typeof made === 'string') this.#rejected.add(record, made);
    else this.#writer.add(made);
  }
}

function readHead(input: string): { readonly text: string; readonly encoding: BufferEncoding } {
  const bytes = Buffer.alloc(65_536);
  const fd = openSync(input, 'r');
  try {
    const head = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
    if (head.length === 0)
      throw new EngineError('E_BAD_ROWS', 'This file is empty.', { hint: 'The first line must name the columns.' });
    if (head[0] === 0xfe && head[1] === 0xff)
      throw new EngineError('E_UNSUPPORTED', 'This file is UTF-16 with the high byte first.', {
        hint: 'Save it as UTF-8.',
      });
    const encoding = head[0] === 0xff && head[1] === 0xfe ? 'utf16le' : 'utf8';
    return { text: head.toString(encoding).replace(/^\uFEFF/, ''), encoding };
  } finally {
    closeSync(fd);
  }
}

function guessFormat(input: string, head: string): ImportFormat {
  if (/\.(jsonl|ndjson)$/i.test(input)) return 'jsonl';
  const first = head.trimStart().charAt(0);
  if (first === '[')
    throw new EngineError('E_UNSUPPORTED', 'This file is one JSON list.', {
      hint: 'Write one object a line (JSON Lines), for example with `jq -c .[]`.',
    });
  return first === '{' && !/\.(csv|tsv)$/i.test(input) ? 'jsonl' : 'csv';
}

function refuseExisting(file: string): void {
  if (existsSync(file))
    throw new EngineError('E_EXISTS', `${file} is already there.`, {
      hint: 'Choose another name, or allow replacing it with --force.',
    });
}

/** On the disk first, then under its name. */
function publish(partial: string, out: string): void {
  const fd = openSync(partial, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(partial, out);
}
