import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { EngineError } from '../../protocol/errors.ts';
import { resolveImportColumns, type ImportColumns, type ImportMapping } from '../source/import-columns.ts';
import { guessDelimiter, readCsv } from '../source/import-csv.ts';
import { eventMaker } from '../source/import-event.ts';
import { readJsonLines } from '../source/import-jsonl.ts';
import { importText, type ImportCell, type ImportReader, type ImportRecord } from '../source/import-record.ts';
import { readModelTime, TIME_READERS, type Cell } from '../source/parse-time.ts';
import { deriveUuid } from './check-event.ts';
import type { IncomingBatch, IncomingEvent, LoadSource, RejectedRow } from './load-source.ts';

export interface LoadFileOptions {
  readonly format?: 'csv' | 'jsonl' | undefined;
  readonly delimiter?: string | undefined;
  /** Of a file that is not of our model. */
  readonly mapping: ImportMapping;
}
/** An event of this row, or why it is none. */
type Maker = (record: ImportRecord, line: number) => IncomingEvent | string;

const MODEL_COLUMNS = ['event_id', 'event_time', 'event_type'];
const SAMPLE_ROWS = 1_000;

/**
 * A CSV or JSON Lines file: of our model when it has the columns event_id, event_time and event_type, else by the
 * columns that `import` would take. Throws E_BAD_MAPPING, E_NO_SUCH_COLUMN while reading.
 */
export function loadFromFile(path: string, options: LoadFileOptions): LoadSource {
  const head = readHead(path);
  const format = options.format ?? (/\.(jsonl|ndjson)$/i.test(path) || head.startsWith('{') ? 'jsonl' : 'csv');
  const delimiter = options.delimiter ?? guessDelimiter(head.split(/\r?\n/, 1)[0] ?? '');
  const reader = format === 'csv' ? readCsv(path, { delimiter, encoding: 'utf8' }) : readJsonLines(path, 'utf8');
  const users = new Map<string, number>();
  return {
    format,
    total: statSync(path).size,
    unit: 'bytes',
    header: () => reader.header ?? '',
    batches: () => readBatches(reader, format, options.mapping, users),
    tableRows: (table) => (table === 'users' ? userRows(users) : []),
    close: () => undefined,
  };
}

function readHead(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(65_536);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0)).replace(/^\uFEFF/, '');
  } finally {
    closeSync(fd);
  }
}

function* userRows(users: ReadonlyMap<string, number>): Generator<readonly (string | number | null)[]> {
  for (const [user, first] of users) yield [user, null, first, null];
}

async function* readBatches(
  reader: ImportReader,
  format: 'csv' | 'jsonl',
  mapping: ImportMapping,
  users: Map<string, number>,
): AsyncGenerator<IncomingBatch> {
  let held: ImportRecord[] = [];
  let make: Maker | null = null;
  let done = 0;
  for await (const { records, bytes } of reader.batches()) {
    done = bytes;
    held.push(...records);
    if (make === null && held.length < SAMPLE_ROWS) continue;
    make ??= chooseMaker(reader, held, format, mapping, users);
    yield toBatch(held, make, done);
    held = [];
  }
  if (held.length === 0 && make !== null) return;
  if (held.length === 0)
    throw new EngineError('E_BAD_ROWS', 'This file has no rows.', { hint: 'Choose another file.' });
  yield toBatch(held, make ?? chooseMaker(reader, held, format, mapping, users), done);
}

function toBatch(records: readonly ImportRecord[], make: Maker, done: number): IncomingBatch {
  const events: IncomingEvent[] = [];
  const rejected: RejectedRow[] = [];
  for (const record of records) {
    const { line, raw } = record;
    const made = record.cells === null ? (record.problem ?? 'cannot be read') : make(record, line);
    if (typeof made === 'string') rejected.push({ line, raw, reason: made });
    else events.push(made);
  }
  return { events, rejected, duplicates: 0, done };
}

function chooseMaker(
  reader: ImportReader,
  sample: readonly ImportRecord[],
  format: 'csv' | 'jsonl',
  mapping: ImportMapping,
  users: Map<string, number>,
): Maker {
  const ofModel = MODEL_COLUMNS.every((name) => reader.columns.includes(name));
  if (ofModel && mapping.actor === undefined) return format === 'csv' ? modelCsv(reader.columns) : modelJson;
  return mapped(reader, resolveImportColumns(reader.columns, sample.slice(0, SAMPLE_ROWS), mapping), users);
}

const asCell = (value: unknown): Cell => (typeof value === 'string' || typeof value === 'number' ? value : null);
/** CSV has no numbers: integer milliseconds come as digits. */
function modelTime(value: unknown): number {
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return TIME_READERS.milliseconds(Number(value));
  const cell = asCell(value);
  return cell === null ? Number.NaN : readModelTime(cell);
}
const orNull = (ms: number): number | null => (Number.isNaN(ms) ? null : ms);

function modelCsv(columns: readonly string[]): Maker {
  const at = Object.fromEntries(columns.map((name, i) => [name, i]));
  return ({ cells, raw }, line) => {
    const text = (name: string): string | null => importText(cells?.[at[name] ?? -1]);
    return {
      line,
      ts: text('ts'),
      eventId: text('event_id') ?? '',
      time: modelTime(text('event_time')),
      type: text('event_type') ?? '',
      metadata: text('metadata') ?? '{}',
      recordedAt: orNull(modelTime(text('recorded_at'))),
      raw: () => raw,
    };
  };
}

/** The reader takes objects apart into columns; metadata is wanted as one. */
const modelJson: Maker = ({ raw }, line) => {
  const row = JSON.parse(raw) as Record<string, unknown>;
  const text = (name: string): string | null => importText(row[name] as ImportCell);
  const { metadata = {} } = row;
  return {
    line,
    ts: text('ts'),
    eventId: text('event_id') ?? '',
    time: modelTime(row['event_time']),
    type: text('event_type') ?? '',
    metadata: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
    recordedAt: orNull(modelTime(row['recorded_at'])),
    raw: () => raw,
  };
};

/**
 * Rows without ids get one from what they say, so that the same row in any file is the same event; the second of two
 * equal rows of one file is another event, in every run.
 */
function mapped(reader: ImportReader, columns: ImportColumns, users: Map<string, number>): Maker {
  const maker = eventMaker(reader.columns, columns);
  const seen = new Map<number, number>();
  return ({ cells, raw }, line) => {
    const made = maker.make(cells ?? [], line);
    if (typeof made === 'string') return made;
    const { actor, event, time, metadata, recordedAt } = made;
    const content = `${actor}\0${event}\0${time}\0${metadata}`;
    const mark = createHash('sha1').update(content).digest().readUIntBE(0, 6);
    const before = seen.get(mark) ?? 0;
    seen.set(mark, before + 1);
    const first = users.get(actor);
    if (first === undefined || time < first) users.set(actor, time);
    return {
      line,
      ts: null,
      eventId: deriveUuid(`${content}\0${before}`),
      time,
      type: event,
      metadata,
      recordedAt,
      raw: () => raw,
    };
  };
}
