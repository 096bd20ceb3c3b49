import { streamOf } from './path-oracle.ts';
import type { LogEvent } from './timelines.ts';

/** The default journey, written as the sentences of design.md section 5 and sharing no code with the engine. */
export interface OracleMove {
  readonly actor: string;
  readonly from: string;
  readonly to: string;
  readonly time: number;
  readonly enteredFromAt: number;
}
export interface OraclePoint {
  readonly asOf: number;
  readonly knownAt: number;
  /** Last event of the whole log. */
  readonly lastEvent: number;
}
const DAY = 86_400_000;
const timeOf = (e: LogEvent): number => Number(e.time);
const text = (e: LogEvent, prop: string): string | null => {
  const value = e.props?.[prop];
  return typeof value === 'string' ? value : null;
};

export function existing(log: readonly LogEvent[], point: OraclePoint): readonly LogEvent[] {
  return log.filter((e) => timeOf(e) <= point.asOf && !((e.recordedAt ?? Number.NaN) > point.knownAt));
}

export const endOf = (point: OraclePoint): number =>
  Math.min(Number.isFinite(point.asOf) ? point.asOf : point.lastEvent, point.knownAt);

/** All moves of one actor, in order. */
export function listMoves(log: readonly LogEvent[], actor: string, point: OraclePoint): readonly OracleMove[] {
  const events = streamOf(existing(log, point), actor);
  const absences = events
    .filter((e) => e.event === 'invoice_issued' && text(e, 'invoice_id') !== null)
    .map((e) => ({ at: deadlineOf(e), invoice: text(e, 'invoice_id') }))
    .filter(
      ({ at, invoice }) =>
        at <= endOf(point) &&
        !events.some((p) => p.event === 'payment_succeeded' && text(p, 'invoice_id') === invoice && timeOf(p) <= at),
    );
  // An event comes before a deadline of the same time.
  const agenda = [
    ...events.map((e, i) => ({ at: timeOf(e), rank: i, to: (state: string) => stateAfter(events, i, state) })),
    ...absences.map(({ at }) => ({ at, rank: Infinity, to: () => 'Churn' })),
  ];
  const moves: OracleMove[] = [];
  let [state, since] = ['start', 0];
  for (const { at, to } of agenda.toSorted((a, b) => a.at - b.at || a.rank - b.rank || 0)) {
    const next = to(state);
    if (next === state) continue;
    moves.push({ actor, from: state, to: next, time: at, enteredFromAt: since });
    [state, since] = [next, at];
  }
  return moves;
}

function deadlineOf(invoice: LogEvent): number {
  const due = text(invoice, 'due_at');
  return due === null ? timeOf(invoice) + 14 * DAY : Math.max(timeOf(invoice), Date.parse(due) + 14 * DAY);
}

function stateAfter(events: readonly LogEvent[], i: number, state: string): string {
  const e = events[i];
  if (e?.event === 'account_created') return state === 'start' ? 'Lead' : state;
  if (e?.event === 'shop_created') return state === 'start' || state === 'Lead' ? 'Prospect' : state;
  if (e?.event === 'payment_succeeded') return 'Customer';
  if (e?.event === 'account_deleted') return 'Churn';
  if (e?.event === 'shop_deleted') return openShops(events.slice(0, i + 1)).size === 0 ? 'Churn' : state;
  return state;
}

function openShops(events: readonly LogEvent[]): Set<string> {
  const open = new Set<string>();
  for (const e of events) {
    const shop = text(e, 'shop_id');
    if (shop === null) continue;
    if (e.event === 'shop_created') open.add(shop);
    if (e.event === 'shop_deleted') open.delete(shop);
  }
  return open;
}

export function stateAt(moves: readonly OracleMove[], time: number): string {
  return moves.findLast((m) => m.time <= time)?.to ?? 'none';
}
