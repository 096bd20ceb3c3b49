import { EngineError } from '../../../protocol/errors.ts';
import { hourOf } from '../parse-time.ts';
import type { MisKeyed } from './row-counts.ts';
import { orderOf } from './scan-sql.ts';
import { quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import type { SyncSession } from './sync-session.ts';

const AT_ONCE = 2_000;
/** Beyond this a table is not keyed by the hour at all. */
const MOST = 1_000_000;

export interface FoundTwin {
  readonly event: MisKeyed;
  readonly id: string;
  readonly hasTwin: boolean;
}

/** Of mis-keyed events: their identity, and whether the same event is there under its own hour. By the key of our model. */
export function findTwins(
  session: SyncSession,
  events: ServerEvents,
  misKeyed: readonly MisKeyed[],
  check: () => void,
): readonly FoundTwin[] {
  if (misKeyed.length > MOST)
    throw new EngineError('E_LIMIT', `More than ${MOST} rows have a ts that is not the hour of their event.`, {
      hint: 'Read the table through a mapping, which needs no ts.',
    });
  const found: FoundTwin[] = [];
  for (let from = 0; from < misKeyed.length; from += AT_ONCE) {
    const some = misKeyed.slice(from, from + AT_ONCE);
    const ids = readIds(session, events, some, check);
    const known = some.map((event) => ({ event, id: ids.get(keyOf(event)) ?? '' }));
    const twins = readTwins(
      session,
      events,
      known.map(({ event, id }) => ({ time: event.time, id })),
      check,
    );
    for (const { event, id } of known) found.push({ event, id, hasTwin: twins.has(`${event.time} ${id}`) });
  }
  return found;
}

const MS = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)::int8`;

/** By arrival number, or without one by hour and time: of several that are equal there, one after the other. */
function readIds(
  session: SyncSession,
  events: ServerEvents,
  misKeyed: readonly MisKeyed[],
  check: () => void,
): ReadonlyMap<string, string> {
  const table = quoteTable(events.table);
  const number = events.seq !== null ? seqOf(events) : MS('e.event_time');
  const rows = session.query(
    `SELECT ${number}::int8, e.ts::text, left(e.event_id::text, 1000) FROM ${table} e
      WHERE e.ts = ANY ($1::text[]) AND ${number} = ANY ($2::int8[])${orderOf(events)}`,
    [[...new Set(misKeyed.map(({ hour }) => hour))], misKeyed.map((event) => numberOf(events, event))],
    check,
  );
  const placeOf = (key: number, hour: string): string => (events.seq !== null ? `${key}` : `${key} ${hour}`);
  const byPlace = new Map<string, string[]>();
  for (const [key, hour, id] of rows) {
    const place = placeOf(Number(key), String(hour));
    const ids = byPlace.get(place);
    if (ids === undefined) byPlace.set(place, [String(id)]);
    else ids.push(String(id));
  }
  return new Map(
    misKeyed.map((event) => [keyOf(event), byPlace.get(placeOf(numberOf(events, event), event.hour))?.shift() ?? '']),
  );
}

const keyOf = ({ seq }: MisKeyed): string => String(seq);
const numberOf = (events: ServerEvents, { seq, time }: MisKeyed): number => (events.seq !== null ? seq : time);

/** Which of these events are there under their own hour: `time id`. */
export function readTwins(
  session: SyncSession,
  events: ServerEvents,
  wanted: readonly { readonly time: number; readonly id: string }[],
  check: () => void,
): ReadonlySet<string> {
  const type = events.table.columns.find(({ name }) => name === 'event_id')?.type ?? 'text';
  const rows = session.query(
    `SELECT ${MS('e.event_time')}, e.event_id::text FROM ${quoteTable(events.table)} e
      JOIN unnest($1::text[], $2::text[]) AS w (ts, id) ON e.ts = w.ts AND e.event_id = w.id::${type}
      WHERE ${MS('e.event_time')} = ANY ($3::int8[])`,
    [wanted.map(({ time }) => hourOf(time)), wanted.map(({ id }) => id), wanted.map(({ time }) => time)],
    check,
  );
  return new Set(rows.map(([time, id]) => `${String(time)} ${String(id)}`));
}
