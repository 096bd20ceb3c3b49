import { copyRows, type RowSink, type Tuple } from './copy-rows.ts';
import { readInt64, readMicros, readText } from './cells.ts';
import { RECENT } from './find-gaps.ts';
import type { ServerPart } from './row-counts.ts';
import { scanInSnapshot } from './run-scan.ts';
import { quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import { WHOLE } from './slice-detail.ts';
import type { SyncSession } from './sync-session.ts';
import { hourOf } from '../parse-time.ts';

const HAS_USER = `coalesce(e.metadata ->> 'user_id', '') <> ''`;
const OWN_HOUR = `e.ts = to_char(e.event_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`;

/**
 * What a scan of all rows would count, counted by the server: only rows that are odd come over the line. For questions
 * about a few hours, which are known then.
 */
export function countOnServer(
  session: SyncSession,
  events: ServerEvents,
  check: (rowsRead: number) => void,
): ServerPart {
  return session.inSnapshot(
    null,
    () => check(0),
    () => {
      const hours = new PlainHours(check);
      copyRows(session, plainSql(events), 5, hours, () => hours.check());
      const slice = { index: 0, estimatedRows: 0, detail: WHOLE };
      const kept = { events: true, recordedAt: false, properties: [] };
      const request = { kept, actorProperty: null, counting: true };
      const only = `(NOT (${HAS_USER}) OR NOT (${OWN_HOUR}) OR NOT isfinite(e.event_time))`;
      const { counted } = scanInSnapshot({ session, events, slice, request, memory: null, check, only });
      if (counted === null) throw new Error('a scan that counts says what it counted');
      return {
        ...counted,
        partitions: [...counted.partitions, ...hours.partitions],
        issues: [...counted.issues, ['late_rows', hours.late]],
        copies: [],
        recent: readRecent(session, events),
        hash: '',
      };
    },
  );
}

function plainSql(events: ServerEvents): string {
  const late = events.recordedAt === null ? 'false' : "e.recorded_at > e.event_time + interval '1 hour'";
  return `COPY (SELECT e.ts::text, count(*), min(e.event_time), max(e.event_time), count(*) FILTER (WHERE ${late})
    FROM ${quoteTable(events.table)} e WHERE ${HAS_USER} AND ${OWN_HOUR} AND isfinite(e.event_time) GROUP BY e.ts)
    TO STDOUT (FORMAT binary)`;
}

class PlainHours implements RowSink {
  readonly partitions: ServerPart['partitions'][number][] = [];
  late = 0;
  #rows = 0;
  readonly #check: (rowsRead: number) => void;

  constructor(check: (rowsRead: number) => void) {
    this.#check = check;
  }

  take(tuple: Tuple): void {
    const rows = readInt64(tuple, 1);
    const [firstTime, lastTime] = [readMicros(tuple, 2), readMicros(tuple, 3)];
    this.partitions.push({ hour: hourOf(firstTime), rows, firstTime, lastTime });
    this.late += readInt64(tuple, 4);
    this.#rows += rows;
    if (readText(tuple, 0) !== hourOf(firstTime)) throw new Error('an hour is not what it is called');
  }

  skip(): void {
    throw new Error('a count is not that long');
  }

  check(): void {
    this.#check(this.#rows);
  }
}

function readRecent(session: SyncSession, events: ServerEvents): readonly number[] {
  if (events.seq === null) return [];
  const rows = session.query(
    `SELECT ${seqOf(events)}::int8 FROM ${quoteTable(events.table)} e ORDER BY ${seqOf(events)} DESC LIMIT ${RECENT}`,
  );
  return rows.map(([seq]) => Number(seq)).toSorted((a, b) => a - b);
}
