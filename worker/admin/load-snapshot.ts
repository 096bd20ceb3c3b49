import { readModelTime, type Cell } from '../source/parse-time.ts';
import { guardRead } from '../source/sqlite-errors.ts';
import type { OpenDatabase } from '../source/open-database.ts';
import { EngineError } from '../../protocol/errors.ts';
import { newHourKey } from './hour-key.ts';
import type { IncomingBatch, IncomingEvent, LoadSource } from './load-source.ts';
import { MODEL_TABLES } from './model-tables.ts';

type Row = readonly [number, string, Cell, Cell, string, string | null, Cell];

/** A snapshot of our model, in its order of arrival. Throws E_UNSUPPORTED for other databases. */
export function loadFromSnapshot({ db }: OpenDatabase, batchRows: number): LoadSource {
  const tables = new Set(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all());
  if (!tables.has('global_events'))
    throw new EngineError('E_UNSUPPORTED', 'This database has no global_events: it is no snapshot of our model.', {
      hint: 'Export the table as CSV and load that, with --actor, --event and --time.',
    });
  const total = guardRead(() => Number(db.prepare('SELECT count(*) FROM global_events').pluck().get()));
  return { format: 'jsonl', total, unit: 'rows', header: () => '', batches, tableRows, close: () => db.close() };

  function* batches(): Generator<IncomingBatch> {
    const rightCopy = db.prepare('SELECT 1 FROM global_events WHERE ts = ? AND event_id = ? AND event_time = ?');
    let after = Number.MIN_SAFE_INTEGER;
    const page = db
      .prepare(
        `SELECT rowid, ts, event_id, event_time, event_type, metadata, recorded_at FROM global_events
         WHERE rowid > ? ORDER BY rowid LIMIT ${batchRows}`,
      )
      .raw();
    for (let done = 0; ;) {
      const found = guardRead(() => page.all(after) as Row[]);
      if (found.length === 0) return;
      done += found.length;
      after = found.at(-1)?.[0] ?? after;
      yield toBatch(found, done, (ts, id, time) => rightCopy.get(ts, id, time) !== undefined);
    }
  }

  function* tableRows(name: string): Generator<readonly (string | number | null)[]> {
    const table = MODEL_TABLES.find((one) => one.name === name);
    if (table === undefined || !tables.has(name)) return;
    const columns = table.columns.map(([column]) => column);
    const isTime = table.columns.map(([, kind]) => kind === 'time');
    const rows = db
      .prepare(`SELECT ${columns.join(', ')} FROM ${name}`)
      .raw()
      .iterate() as Iterable<Cell[]>;
    for (const row of rows) yield row.map((cell, i) => (isTime[i] === true ? timeOf(cell) : (cell as string | number)));
  }
}

function toBatch(
  rows: readonly Row[],
  done: number,
  hasRightCopy: (ts: string, id: Cell, time: Cell) => boolean,
): IncomingBatch {
  const events: IncomingEvent[] = [];
  const hourKey = newHourKey();
  let duplicates = 0;
  for (const row of rows) {
    const event = toEvent(row);
    const hour = Number.isNaN(event.time) ? event.ts : hourKey(event.time);
    if (hour !== null && hour !== event.ts && hasRightCopy(hour, row[2], row[3])) duplicates++;
    else events.push(event);
  }
  return { events, rejected: [], duplicates, done };
}

function toEvent(row: Row): IncomingEvent {
  const [line, ts, id, time, type, metadata, recordedAt] = row;
  return {
    line,
    ts,
    eventId: String(id),
    time: readModelTime(time),
    type,
    metadata: metadata ?? '{}',
    recordedAt: timeOf(recordedAt),
    raw: () =>
      JSON.stringify({ ts, event_id: id, event_time: time, event_type: type, metadata, recorded_at: recordedAt }),
  };
}

function timeOf(cell: Cell): number | null {
  const ms = cell === null ? Number.NaN : readModelTime(cell);
  return Number.isNaN(ms) ? null : ms;
}
