import { createHash } from 'node:crypto';
import { readTwins } from './twins.ts';
import type { ScanSlice, SourceMark } from '../event-source.ts';
import { findGaps, RECENT } from './find-gaps.ts';
import type { ServerPart } from './row-counts.ts';
import { quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import { splitSeqs, WHOLE } from './slice-detail.ts';
import type { SyncSession } from './sync-session.ts';

/** Where the rows of one state of a server's table end. */
export type ServerMark = SourceMark & {
  readonly detail: {
    readonly schema: string;
    /** Where the first block begins. */
    readonly firstSeq: number;
    readonly lastSeq: number;
    /** Numbers up to `lastSeq` that were not there: transactions that were open may fill them. `seq,seq,…` */
    readonly gaps: string;
  };
};

/** Numbers of a block: the same for all marks of a table, so that blocks that were full stay what they are. */
const WIDTH = 1 << 16;
/** Looked up one by one when a source has grown. */
const MAX_OWNERS = 50_000;

export const hashSchema = ({ table }: ServerEvents): string =>
  createHash('sha256')
    .update(JSON.stringify([table.oid, table.columns.map(({ name, type, number }) => [name, type, number])]))
    .digest('base64');

/** null = its rows have no numbers, or lie on other servers, whose transactions are not ours. */
export function markRows(session: SyncSession, events: ServerEvents, whole: ServerPart): ServerMark | null {
  const lastSeq = whole.recent.at(-1);
  if (events.seq === null || events.table.isForeign || lastSeq === undefined) return null;
  const [row] = session.query(`SELECT min(${seqOf(events)})::int8 FROM ${quoteTable(events.table)} e`);
  const firstSeq = Math.floor(Number(row?.[0] ?? lastSeq) / WIDTH) * WIDTH;
  // What gaps may still be filled is in the last block, which nobody takes for complete.
  const full = Math.max(0, Math.floor((lastSeq - RECENT - firstSeq) / WIDTH));
  return {
    blocks: full + 1,
    detail: { schema: hashSchema(events), firstSeq, lastSeq, gaps: findGaps(whole).join(',') },
  };
}

/** Numbers of transactions modulo 2^32, from their distance to the first one: `xmin` itself has no numbers to add up. */
const XMIN = `((age(e.xmin)::int8 - age('3'::xid)::int8) & 4294967295)`;

/** Rows, their numbers and the transactions that wrote them: an update, a removal or a row in a gap shows. */
export function digestRows(
  session: SyncSession,
  events: ServerEvents,
  { detail, blocks }: ServerMark,
  from: number,
  to: number,
): Uint32Array {
  const { firstSeq, lastSeq, gaps } = detail;
  const seq = seqOf(events);
  const start = firstSeq + from * WIDTH;
  const end = to >= blocks ? lastSeq : firstSeq + to * WIDTH - 1;
  const except = gaps === '' ? '' : ` AND ${seq} <> ALL ('{${gaps}}'::int8[])`;
  const rows = session.query(
    `SELECT least((${seq} - ${firstSeq}) / ${WIDTH}, ${blocks - 1})::int4, count(*)::text, sum(hashint8(${seq})::int8)::text,
      sum(${XMIN})::text
      FROM ${quoteTable(events.table)} e WHERE ${seq} BETWEEN ${start} AND ${end}${except} GROUP BY 1`,
  );
  const digests = new Uint32Array(to - from);
  for (const [block, ...sums] of rows) {
    const hash = createHash('sha256').update(sums.join(' ')).digest();
    digests[Number(block) - from] = hash.readUInt32LE(0);
  }
  return digests;
}

/** null = more has changed than that rows were added, or may have. */
export function findNewRows(
  session: SyncSession,
  events: ServerEvents,
  { detail }: ServerMark,
  counted: ServerPart,
): ScanSlice | null {
  const { firstSeq, lastSeq, gaps, schema } = detail;
  if (hashSchema(events) !== schema || hasOtherOwner(session, events, counted)) return null;
  const { strays } = counted;
  if (strays.length > 0 && readTwins(session, events, strays, () => undefined).size > 0) return null;
  const table = quoteTable(events.table);
  const seq = seqOf(events);
  const [row] = session.query(
    `SELECT (SELECT max(${seq}) FROM ${table} e WHERE ${seq} > ${lastSeq})::int8,
      (SELECT string_agg(${seq}::text, ',') FROM ${table} e WHERE ${seq} = ANY ($1::int8[])),
      (SELECT min(${seq}) FROM ${table} e)::int8`,
    [splitSeqs(gaps)],
  );
  // Before the first block: somebody chose the number.
  if (Number(row?.[2] ?? firstSeq) < firstSeq) return null;
  const [last, filled] = [row?.[0] ?? null, String(row?.[1] ?? '')];
  const toSeq = last === null ? lastSeq : Number(last);
  const estimatedRows = (last === null ? 0 : toSeq - lastSeq) + splitSeqs(filled).length;
  return { index: 0, estimatedRows, detail: { ...WHOLE, fromSeq: lastSeq + 1, toSeq, extra: filled } };
}

/** Whether a shop that stood for an actor, or for none, belongs to another user now. */
function hasOtherOwner(session: SyncSession, { table }: ServerEvents, { owners }: ServerPart): boolean {
  if (owners.length === 0) return false;
  if (owners.length > MAX_OWNERS) return true;
  const rows = session.query(
    `SELECT s.shop_id::text, s.user_id::text FROM ${quoteTable({ schema: table.schema, name: 'shops' })} s
      WHERE s.shop_id::text = ANY ($1::text[])`,
    [owners.map(([shop]) => shop)],
  );
  const now = new Map(rows.map(([shop, user]) => [String(shop), user === null ? null : String(user)]));
  return owners.some(([shop, user]) => (now.get(shop) ?? null) !== user);
}
