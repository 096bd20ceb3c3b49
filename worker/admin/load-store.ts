import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { finished } from 'node:stream/promises';
import { sqlState } from '../connection/map-error.ts';
import { inTransaction } from './admin-client.ts';
import type { CopyWriter } from './copy-writer.ts';

/** Sends rows as one COPY. */
export async function sendCopy(client: Client, sql: string, bytes: Buffer): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${sql} FROM STDIN (FORMAT binary)`));
  stream.end(bytes);
  await finished(stream);
}

/** Whether the server refused what a row says, not how it was asked. */
export const isBadRow = (thrown: unknown): boolean => /^(22|23)/.test(sqlState(thrown) ?? '');

/**
 * Runs `send` on rows in one transaction; when the server refuses what one of them says, on halves, until the bad ones
 * are alone. What is good is kept whatever is beside it.
 */
export async function sendGoodRows<R>(
  client: Client,
  rows: readonly R[],
  send: (rows: readonly R[]) => Promise<void>,
  onBad: (row: R, reason: string) => void,
): Promise<void> {
  try {
    await inTransaction(client, () => send(rows));
  } catch (thrown) {
    const [first] = rows;
    if (!isBadRow(thrown) || first === undefined) throw thrown;
    if (rows.length === 1) return onBad(first, `is refused by the server: ${(thrown as Error).message}`);
    const middle = rows.length >> 1;
    await sendGoodRows(client, rows.slice(0, middle), send, onBad);
    await sendGoodRows(client, rows.slice(middle), send, onBad);
  }
}

/** An event as the staging table takes it. */
export interface StagedEvent {
  readonly line: number;
  readonly hour: string;
  readonly uuid: string;
  readonly time: number;
  readonly type: string;
  readonly metadata: string;
  readonly recordedAt: number | null;
  /** The file had it under another hour. */
  readonly rekeyed: boolean;
  readonly raw: () => string;
}

/** Empties itself with each transaction. */
export const STAGING = `CREATE TEMP TABLE load_events (line bigint, ts text COLLATE "C", event_id uuid, event_time timestamptz(3),
  event_type event_type, metadata jsonb, recorded_at timestamptz(3)) ON COMMIT DELETE ROWS`;

/** Columns of an event as `writeColumns` writes them. */
export const EVENT_COLUMNS = 'ts, event_id, event_time, event_type, metadata, recorded_at';
const WIDTH = 6;

/** After a first column of one's own. */
export function writeColumns(writer: CopyWriter, event: StagedEvent): void {
  writer.text(event.hour);
  writer.uuid(event.uuid);
  writer.time(event.time);
  writer.text(event.type);
  writer.jsonb(event.metadata);
  if (event.recordedAt === null) writer.null();
  else writer.time(event.recordedAt);
}

/** As a row of the staging table. */
export function writeStaged(writer: CopyWriter, event: StagedEvent): void {
  writer.begin(WIDTH + 1);
  writer.integer(event.line);
  writeColumns(writer, event);
}

/** As a row of `global_events`, or of a table like it. Answers where its `seq` goes. */
export function writeNumbered(writer: CopyWriter, event: StagedEvent): number {
  writer.begin(WIDTH + 1);
  const at = writer.length;
  writer.integer(0);
  writeColumns(writer, event);
  return at;
}

/** The next numbers of arrival, ascending. Other sessions may take some between them. */
export async function takeSeqs(client: Client, count: number): Promise<Float64Array> {
  // The sequence is looked up once, not for each number.
  const { rows } = await client.query<{ readonly first: string; readonly others: readonly string[] | null }>(
    `WITH s AS MATERIALIZED (SELECT pg_get_serial_sequence('global_events', 'seq')::regclass AS id),
       taken AS (SELECT nextval(s.id) AS n FROM s, generate_series(1, $1))
     SELECT min(n) AS first, CASE WHEN max(n) - min(n) >= count(*) THEN array_agg(n) END AS others FROM taken`,
    [count],
  );
  const { first = '0', others = null } = rows[0] ?? {};
  return Float64Array.from({ length: count }, (_, i) => Number(others?.[i] ?? Number(first) + i));
}

/** null = no rollup is complete. Held as it is until the transaction ends. */
export async function readWatermark(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ readonly hour: string }>(
    "SELECT complete_through AS hour FROM rollup_watermarks WHERE rollup = 'hourly' FOR SHARE",
  );
  return rows[0]?.hour ?? null;
}

/** Events of hours that were complete: their rollups count them too. Answers how many they are. */
export async function addLate(client: Client, rows: readonly StagedEvent[]): Promise<number> {
  const watermark = await readWatermark(client);
  const late = watermark === null ? [] : rows.filter(({ hour }) => hour <= watermark);
  if (late.length === 0) return 0;
  await client.query(
    `INSERT INTO rollup_hourly (ts, event_type, events)
     SELECT ts, event_type, count(*) FROM unnest($1::text[], $2::event_type[]) AS late (ts, event_type) GROUP BY 1, 2
     ON CONFLICT (ts, event_type) DO UPDATE SET events = rollup_hourly.events + excluded.events`,
    [late.map(({ hour }) => hour), late.map(({ type }) => type)],
  );
  return late.length;
}

export interface Known {
  readonly line: number;
  /** The same event is there; else another one with this id in this hour. */
  readonly same: boolean;
}
type KnownRow = { readonly line: string; readonly same: boolean };
const toKnown = ({ line, same }: KnownRow): Known => ({ line: Number(line), same });

/** Takes out of the staging table what the store has; the range lets it look at few partitions and few rows of them. */
export async function takeKnown(client: Client, rows: readonly StagedEvent[]): Promise<readonly Known[]> {
  let [from, to] = [rows[0]?.hour ?? '', ''];
  for (const { hour } of rows) {
    if (hour < from) from = hour;
    if (hour > to) to = hour;
  }
  await client.query('ANALYZE load_events');
  const { rows: known } = await client.query<KnownRow>(
    `DELETE FROM load_events r USING global_events e
     WHERE e.ts = r.ts AND e.event_id = r.event_id AND e.ts >= $1 AND e.ts <= $2
     RETURNING r.line, e.event_time = r.event_time AS same`,
    [from, to],
  );
  return known.map(toKnown);
}

/** Takes out of the staging table what it has twice: the first in the file stays. */
export async function takeRepeated(client: Client): Promise<readonly Known[]> {
  const { rows } = await client.query<KnownRow>(
    `DELETE FROM load_events r USING (
       SELECT line, first_value(event_time) OVER file AS first_time, row_number() OVER file AS nth
       FROM load_events WINDOW file AS (PARTITION BY ts, event_id ORDER BY line)) seen
     WHERE r.line = seen.line AND nth > 1 RETURNING r.line, first_time = r.event_time AS same`,
  );
  return rows.map(toKnown);
}

/** In the order of the file, so that seq is. */
export async function addStaged(client: Client): Promise<void> {
  await client.query(
    `INSERT INTO global_events (${EVENT_COLUMNS}) SELECT ${EVENT_COLUMNS} FROM load_events ORDER BY line`,
  );
}

/** Events that lie in the store outside their hour, as `id|ms`: they are there, although not under their key. */
export async function readMisKeyed(client: Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ readonly key: string }>(
    `SELECT event_id || '|' || (extract(epoch FROM event_time) * 1000)::bigint AS key
     FROM global_events WHERE ts <> hour_key(event_time)`,
  );
  return new Set(rows.map(({ key }) => key));
}

export async function readEventTypes(client: Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ readonly type: string }>(
    "SELECT enumlabel AS type FROM pg_enum WHERE enumtypid = to_regtype('event_type')",
  );
  return new Set(rows.map(({ type }) => type));
}

/** Counts the closed hours up to `through` that were not complete, and says that they are. */
export async function completeRollups(client: Client, through: string): Promise<void> {
  await client.query("SELECT FROM rollup_watermarks WHERE rollup = 'hourly' FOR UPDATE");
  const range = `ts > coalesce((SELECT complete_through FROM rollup_watermarks WHERE rollup = 'hourly'), '') AND ts <= $1`;
  await client.query(
    `INSERT INTO rollup_hourly (ts, event_type, events)
     SELECT ts, event_type, count(*) FROM global_events WHERE ${range} GROUP BY ts, event_type
     ON CONFLICT (ts, event_type) DO UPDATE SET events = excluded.events`,
    [through],
  );
  await client.query(
    `INSERT INTO rollup_watermarks (rollup, complete_through) VALUES ('hourly', $1)
     ON CONFLICT (rollup) DO UPDATE SET complete_through = excluded.complete_through, updated_at = now()
     WHERE rollup_watermarks.complete_through < excluded.complete_through`,
    [through],
  );
}
