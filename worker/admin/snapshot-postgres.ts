import type { Client } from 'pg';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { formatTarget } from '../../protocol/source-names.ts';
import { closeClient } from '../connection/close-client.ts';
import { hourOf } from '../source/parse-time.ts';
import { openAdminClient, type Credentials } from './admin-client.ts';
import { copyRows, type CopyRow } from './copy-reader.ts';
import type { ColumnKind, ModelTable } from './model-tables.ts';
import { quoteName, readPartitions } from './read-partitions.ts';
import { guardServer, toServerError } from './server-errors.ts';
import type { SnapshotPart, SnapshotSource, TimeRange } from './snapshot-source.ts';

/** The store behind this address as it is at this moment: all is read in one transaction that can write nothing. */
export async function snapshotPostgres(
  target: PostgresTarget,
  credentials: Credentials,
  range: TimeRange,
): Promise<SnapshotSource> {
  const client = await openAdminClient(target, credentials, 'read');
  try {
    await guardServer(async () => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // Pins the snapshot before anything else can be asked.
      await client.query('SELECT 1');
    });
    return new PostgresSnapshot(client, formatTarget(target), range);
  } catch (thrown) {
    await closeClient(client);
    throw thrown;
  }
}

const millis = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;
const EVENT = `seq, ts, event_id::text, ${millis('event_time')}, event_type::text, metadata::text, ${millis('recorded_at')}`;
const EVENT_KINDS = ['integer', 'text', 'text', 'time', 'text', 'text', 'time'] as const;

class PostgresSnapshot implements SnapshotSource {
  readonly address: string;
  readonly #client: Client;
  readonly #range: TimeRange;
  #foreign = new Set<string>();

  constructor(client: Client, address: string, range: TimeRange) {
    this.#client = client;
    this.address = address;
    this.#range = range;
  }

  async parts(): Promise<readonly SnapshotPart[]> {
    const list = await guardServer(() => readPartitions(this.#client));
    this.#foreign = new Set(list.partitions.filter(({ foreign }) => foreign).map(({ name }) => name));
    const parts = list.partitions.map(({ name, from, to, rows }) => ({
      name,
      hours: { from, to },
      rows: Math.max(0, rows),
    }));
    const home = list.default;
    return home === null || home.rows === 0 ? parts : [...parts, { name: home.name, hours: null, rows: home.rows }];
  }

  /** Rows of a part that lie in the range; outside its hours only those that are under an hour that is not theirs. */
  #where({ hours }: SnapshotPart): string {
    const { from, to } = this.#range;
    const conditions = [
      ...(from === null ? [] : [`event_time >= '${new Date(from).toISOString()}'`]),
      ...(to === null ? [] : [`event_time < '${new Date(to).toISOString()}'`]),
    ];
    const outside =
      hours !== null && ((from !== null && hours.to <= hourOf(from)) || (to !== null && hours.from > hourOf(to)));
    if (outside) conditions.push('ts <> hour_key(event_time)');
    return conditions.length === 0 ? 'true' : conditions.join(' AND ');
  }

  /** Every version of a row has a place and a transaction of its own. Vacuum that moves rows only makes us fetch again. */
  async fingerprint(part: SnapshotPart): Promise<string | null> {
    if (this.#foreign.has(part.name)) return null;
    const { rows } = await guardServer(() =>
      this.#client.query<{ readonly mark: string }>(
        `SELECT count(*) || ':' || coalesce(sum(hashtextextended(ctid::text || ' ' || xmin::text, 0)), 0) AS mark
         FROM ${quoteName(part.name)} WHERE ${this.#where(part)}`,
      ),
    );
    return rows[0]?.mark ?? null;
  }

  events(part: SnapshotPart): AsyncIterable<readonly CopyRow[]> {
    const sql = `SELECT ${EVENT} FROM ${quoteName(part.name)} WHERE ${this.#where(part)} ORDER BY seq`;
    return this.#copy(sql, EVENT_KINDS);
  }

  rows({ name, columns, since, key }: ModelTable): AsyncIterable<readonly CopyRow[]> {
    const list = columns.map(([column, kind]) =>
      kind === 'time' ? millis(column) : kind === 'integer' ? `${column}::bigint` : `${column}::text`,
    );
    const sql = `SELECT ${list.join(', ')} FROM ${name} WHERE ${this.#whereTable(name, since)} ORDER BY ${key}`;
    return this.#copy(
      sql,
      columns.map(([, kind]) => kind),
    );
  }

  #whereTable(name: string, since: string | null): string {
    const { from, to } = this.#range;
    if (since !== null) return to === null ? 'true' : `${since} < '${new Date(to).toISOString()}'`;
    if (name !== 'rollup_hourly') return 'true';
    // Whole hours only: an hour that is cut is not what its rollup counts.
    const least = from === null ? '' : hourOf(from + 3_599_999);
    return `ts >= '${least}'${to === null ? '' : ` AND ts < '${hourOf(to)}'`}`;
  }

  async *#copy(sql: string, kinds: readonly ColumnKind[]): AsyncGenerator<readonly CopyRow[]> {
    try {
      yield* copyRows(this.#client, sql, kinds);
    } catch (thrown) {
      throw toServerError(thrown);
    }
  }

  async close(): Promise<void> {
    await closeClient(this.#client);
  }
}
