import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import { sqlState } from '../connection/map-error.ts';
import { inTransaction } from './admin-client.ts';
import { readWatermark } from './load-store.ts';
import { bounds, type NamedRange } from './partitions.ts';
import { quoteName } from './read-partitions.ts';
import { SeenIds } from './seen-ids.ts';

/** A partition that is filled before it is one: without indexes, which are made when all its rows are there. */
export interface FreshPartition extends NamedRange {
  /** Quoted. */
  readonly table: string;
  /** Of all rows it was given. */
  readonly ids: SeenIds;
  /** The last parcel with a row of it. */
  lastParcel: number;
}

/** Tells tables that a killed load has left; nothing of them is in the store. */
const MARK = 'tributary: being loaded';
const LIKE = 'LIKE global_events INCLUDING ALL EXCLUDING IDENTITY EXCLUDING COMMENTS';
/** For a file in no order of time, which goes on with all of them to its end. */
const MOST_OPEN = 36;
const TABLE_TAKEN = /^42(?:P07|P17)$/;

/**
 * Partitions being loaded. An index made at once takes less of the server's time than one that grows row by row, and it is
 * made by a second session while the first takes in more rows. Only one load of a store at a time does this.
 */
export class FreshPartitions {
  /** Of the rows that are in the store: those of hours whose rollups were complete. */
  late = 0;
  readonly #client: Client;
  readonly #openBuilder: () => Promise<Client>;
  /** Resolves to null where the budget has no second connection: then all is built at the end, in the first. */
  #builder: Promise<Client | null> | null = null;
  readonly #open = new Set<FreshPartition>();
  readonly #full: FreshPartition[] = [];
  /** Closed and no partitions yet. */
  readonly #pending = new Set<FreshPartition>();
  #building: Promise<void> = Promise.resolve();
  #attaching: Promise<unknown> = Promise.resolve();
  #isAlone = false;

  constructor(client: Client, openBuilder: () => Promise<Client>) {
    this.#client = client;
    this.#openBuilder = openBuilder;
  }

  async begin(): Promise<void> {
    const { rows } = await this.#client.query<{ readonly alone: boolean }>(
      "SELECT pg_try_advisory_lock(hashtext('tributary load'), hashtext(current_schema())) AS alone",
    );
    this.#isAlone = rows[0]?.alone === true;
    if (this.#isAlone) await this.#dropLeft();
  }

  get canTake(): boolean {
    return this.#isAlone && this.#open.size < MOST_OPEN;
  }

  async make(range: NamedRange): Promise<FreshPartition> {
    const table = quoteName(`loading_${range.name}`);
    await this.#client.query(
      `CREATE TABLE ${table} (${LIKE} EXCLUDING INDEXES, CONSTRAINT loading CHECK (ts >= '${range.from}' AND ts < '${range.to}'));
       COMMENT ON TABLE ${table} IS '${MARK}'`,
    );
    const made = { ...range, table, ids: new SeenIds(), lastParcel: 0 };
    this.#open.add(made);
    return made;
  }

  /** Those that got no row since this parcel take no more from now on; they become partitions while loading goes on. */
  closeIdle(parcel: number): readonly FreshPartition[] {
    const idle = [...this.#open].filter(({ lastParcel }) => lastParcel < parcel);
    if (idle.length === 0) return idle;
    for (const partition of idle) {
      this.#open.delete(partition);
      this.#pending.add(partition);
    }
    this.#full.push(...idle);
    this.#builder ??= this.#openBuilder().catch(nullIfBusy);
    const opening = this.#builder;
    this.#building = this.#building.then(async () => {
      const builder = await opening;
      if (builder !== null) await this.#build(builder, 1);
    });
    this.#building.catch(() => undefined);
    return idle;
  }

  /** Whether the rows of this hour are on their way into the store. */
  isPending(hour: string): boolean {
    for (const { from, to } of this.#pending) if (from <= hour && hour < to) return true;
    return false;
  }

  /** Until all that were closed are partitions. Throws E_BUSY where somebody else has made one of them meanwhile. */
  async closed(): Promise<void> {
    if (this.#full.length > 0) await Promise.all([this.#building, this.#build(this.#client, 2)]);
    await this.#building;
  }

  async #build(client: Client, session: number): Promise<void> {
    for (let partition = this.#full.shift(); partition !== undefined; partition = this.#full.shift()) {
      await makeIndexes(client, partition, `loading_events_${session}`);
      await this.#attach(client, partition);
      this.#pending.delete(partition);
    }
  }

  /** One at a time: each waits for locks that the other would hold. */
  async #attach(client: Client, partition: FreshPartition): Promise<void> {
    const before = this.#attaching;
    const attaching = before.then(() => inTransaction(client, () => attach(client, partition)));
    this.#attaching = attaching.catch(() => undefined);
    try {
      this.late += await attaching;
    } catch (thrown) {
      if (!TABLE_TAKEN.test(sqlState(thrown) ?? '')) throw thrown;
      throw new EngineError('E_BUSY', `Somebody else has made the partition ${partition.name} meanwhile.`, {
        hint: 'Run the same command again: it loads the rest.',
        cause: thrown,
      });
    }
  }

  /** Leaves nothing behind but partitions. */
  async end(close: (client: Client) => Promise<void>): Promise<void> {
    this.#full.length = 0;
    await this.#building.catch(() => undefined);
    const builder = await this.#builder?.catch(() => undefined);
    if (builder !== undefined && builder !== null) await close(builder);
    if (this.#isAlone) await this.#dropLeft();
  }

  async #dropLeft(): Promise<void> {
    const { rows } = await this.#client.query<{ readonly name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
        AND obj_description(oid, 'pg_class') = '${MARK}'`,
    );
    for (const { name } of rows) await this.#client.query(`DROP TABLE IF EXISTS ${quoteName(name)} CASCADE`);
  }
}

function nullIfBusy(thrown: unknown): null {
  if (thrown instanceof EngineError && thrown.code === 'E_SERVER_BUSY') return null;
  throw thrown;
}

/** All that `global_events` has, whatever they are; beside the store, so that nobody waits for them. */
async function makeIndexes(client: Client, partition: FreshPartition, parent: string): Promise<void> {
  const { table } = partition;
  await client.query(
    `SET maintenance_work_mem = '128MB'; SET max_parallel_maintenance_workers = 0; SET client_min_messages = warning;
     CREATE TABLE IF NOT EXISTS ${parent} (${LIKE}) PARTITION BY RANGE (ts); COMMENT ON TABLE ${parent} IS '${MARK}'`,
  );
  await client.query(`ALTER TABLE ${parent} ATTACH PARTITION ${table} ${bounds(partition)}`);
  await client.query(`ALTER TABLE ${parent} DETACH PARTITION ${table}`);
}

/** In a transaction; answers how many of its events are late. Whoever waits for new events hears of them. */
async function attach(client: Client, partition: FreshPartition): Promise<number> {
  const { table } = partition;
  const name = quoteName(partition.name);
  const late = await countLate(client, partition);
  await client.query(
    `ALTER TABLE ${table} RENAME TO ${name};
     ALTER TABLE global_events ATTACH PARTITION ${name} ${bounds(partition)};
     ALTER TABLE ${name} DROP CONSTRAINT loading;
     COMMENT ON TABLE ${name} IS NULL;
     SELECT pg_notify('tributary_events', current_schema()) FROM pg_trigger
       WHERE tgname = 'tributary_notify' AND tgrelid = to_regclass('global_events') AND tgenabled <> 'D'`,
  );
  return late;
}

async function countLate(client: Client, { table, from }: FreshPartition): Promise<number> {
  const watermark = await readWatermark(client);
  if (watermark === null || watermark < from) return 0;
  const { rows } = await client.query<{ readonly n: string }>(
    `WITH late AS (
       SELECT ts, event_type, count(*) AS events FROM ${table} WHERE ts <= $1 GROUP BY 1, 2
     ), counted AS (
       INSERT INTO rollup_hourly (ts, event_type, events) SELECT ts, event_type, events FROM late
       ON CONFLICT (ts, event_type) DO UPDATE SET events = rollup_hourly.events + excluded.events)
     SELECT coalesce(sum(events), 0) AS n FROM late`,
    [watermark],
  );
  return Number(rows[0]?.n ?? 0);
}
