import type { ServerEvents } from './server-events.ts';
import type { SyncSession } from './sync-session.ts';

/**
 * Labels of an enum of event types by a number that the server makes of each without looking it up: as text they are looked
 * up row by row. null = no enum, or two labels have the same number.
 */
export function readEventCodes(session: SyncSession, { event }: ServerEvents): ReadonlyMap<number, string> | null {
  if (!('column' in event) || event.column.category !== 'E') return null;
  const rows = session.query(`SELECT hashenum(v)::int4, v::text FROM unnest(enum_range(NULL::${event.column.type})) v`);
  const codes = new Map(rows.map(([code, label]) => [Number(code), String(label)]));
  return codes.size === rows.length ? codes : null;
}
