import { hourStart } from '../parse-time.ts';
import { readText } from './cells.ts';
import type { Tuple } from './copy-rows.ts';
import { quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import type { Check, SyncSession } from './sync-session.ts';

const HOUR = 3_600_000;
const MOST = 1_000_000;

/** Which rows are under another hour than their own: by arrival number. */
export type MisKeyedHours = ReadonlyMap<number, string>;

/**
 * Looked up in the index that our migrations make for it, in the present transaction: then no row has to send its hour.
 * null = there is no such index, or it names more rows than are few.
 */
export function readMisKeyedHours(session: SyncSession, events: ServerEvents, check: Check): MisKeyedHours | null {
  const { table, isModel, seq } = events;
  if (!isModel || seq === null || table.isForeign || !hasIndex(session, events)) return null;
  // The planner takes most rows for mis-keyed, as it knows nothing of the function.
  session.query('SET LOCAL enable_seqscan = off');
  const rows = session.query(
    `SELECT ${seqOf(events)}::int8, left(e.ts::text, 64) FROM ${quoteTable(table)} e
      WHERE e.ts <> ${quoteTable({ schema: table.schema, name: 'hour_key' })}(e.event_time) LIMIT ${MOST + 1}`,
    [],
    check,
  );
  session.query('SET LOCAL enable_seqscan = on');
  return rows.length > MOST ? null : new Map(rows.map(([number, hour]) => [Number(number), String(hour)]));
}

const hasIndex = (session: SyncSession, { table }: ServerEvents): boolean =>
  session.query(
    `SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1::int8::oid AND i.indisvalid
      AND pg_get_expr(i.indpred, i.indrelid) = format('(ts <> %I.hour_key(event_time))', $2::text))`,
    [table.oid, table.schema],
  )[0]?.[0] === true;

/** The hours that rows send; those of one hour mostly follow one another. */
export class HourCells {
  readonly #bytes = new Uint8Array(64);
  #length = -1;
  #hour = '';
  #from = Number.NaN;

  /** The hour in column `at` where `time` is not of it, else null. */
  getOther({ bytes, starts, lengths }: Tuple, at: number, time: number): string | null {
    const start = starts[at] ?? 0;
    const length = lengths[at] ?? 0;
    let isSame = length === this.#length;
    for (let i = length - 1; isSame && i >= 0; i--) isSame = bytes[start + i] === this.#bytes[i];
    if (!isSame) {
      this.#hour = readText({ bytes, starts, lengths }, at);
      this.#from = hourStart(this.#hour);
      this.#length = length <= this.#bytes.length ? length : -1;
      if (this.#length > 0) this.#bytes.set(bytes.subarray(start, start + length));
    }
    return time >= this.#from && time < this.#from + HOUR ? null : this.#hour;
  }
}
