import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import { inTransaction } from './admin-client.ts';
import {
  DEFAULT_AHEAD,
  fromKey,
  partitionName,
  planRanges,
  startOf,
  subtractRanges,
  unitOf,
  type HourRange,
  type PartitionUnit,
} from './partition-plan.ts';
import { boundComment, quoteName, readPartitions, type PartitionInfo, type PartitionList } from './read-partitions.ts';
import { guardServer } from './server-errors.ts';

export interface EnsureOptions {
  /** Default: that of the newest partition, else months. */
  readonly unit?: PartitionUnit | undefined;
  /** ms since the epoch, UTC, both included. Default: from now to `ahead` units on. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Units after the present one. */
  readonly ahead?: number | undefined;
  readonly dryRun?: boolean | undefined;
}
export type NamedRange = HourRange & { readonly name: string };

/** Statements sent together: each waits for its locks alone. */
const BATCH = 50;

const named = (range: HourRange): NamedRange => ({ name: partitionName(range), ...range });
export const bounds = ({ from, to }: HourRange): string => `FOR VALUES FROM ('${from}') TO ('${to}')`;

/**
 * Makes the partitions that are missing. Throws E_REFUSED where the default partition holds rows of theirs: `repair` puts
 * them right.
 */
export function ensurePartitions(client: Client, options: EnsureOptions): Promise<{ created: readonly NamedRange[] }> {
  return guardServer(async () => {
    const list = await readPartitions(client);
    const unit = options.unit ?? currentUnit(list);
    const now = await serverTime(client);
    const from = options.from ?? now;
    const to = options.to ?? startOf(unit, Math.max(now, from), options.ahead ?? DEFAULT_AHEAD[unit]);
    const created = subtractRanges(planRanges(unit, from, to), list.partitions).map(named);
    if (options.dryRun === true || created.length === 0) return { created };
    await refuseFullDefault(client, list, created);
    await createPartitions(client, created);
    return { created };
  });
}

/** What no partition covers of these ranges, ascending. Throws as `ensurePartitions`. */
export async function planMissing(client: Client, ranges: readonly HourRange[]): Promise<readonly NamedRange[]> {
  const list = await readPartitions(client);
  const missing = subtractRanges(ranges, list.partitions).map(named);
  await refuseFullDefault(client, list, missing);
  return missing;
}

export async function createPartitions(client: Client, ranges: readonly NamedRange[]): Promise<void> {
  for (let at = 0; at < ranges.length; at += BATCH)
    await client.query(
      ranges
        .slice(at, at + BATCH)
        .map(createStatement)
        .join(';\n'),
    );
}

const createStatement = (range: NamedRange): string =>
  `CREATE TABLE IF NOT EXISTS ${quoteName(range.name)} PARTITION OF global_events ${bounds(range)}`;

export const currentUnit = ({ partitions }: PartitionList): PartitionUnit =>
  partitions.map(unitOf).findLast((unit) => unit !== null) ?? 'month';

async function serverTime(client: Client): Promise<number> {
  const { rows } = await client.query<{ readonly now: Date }>('SELECT now()');
  return rows[0]?.now.getTime() ?? Date.now();
}

async function refuseFullDefault(client: Client, list: PartitionList, ranges: readonly HourRange[]): Promise<void> {
  if (list.default === null || list.default.rows === 0 || ranges.length === 0) return;
  const { rows } = await client.query<{ readonly n: string }>(
    `SELECT count(*) AS n FROM ${quoteName(list.default.name)} WHERE ts >= $1 AND ts < $2`,
    [ranges[0]?.from, ranges.at(-1)?.to],
  );
  if (Number(rows[0]?.n ?? 0) === 0) return;
  throw new EngineError('E_REFUSED', `The default partition holds ${rows[0]?.n} events of these hours.`, {
    hint: 'Move them to partitions of their own with `tributary partitions SOURCE repair`, then do this again.',
  });
}

export interface RepairSummary {
  /** Partitions made for rows of the default partition, with the rows moved to each. */
  readonly moved: readonly (NamedRange & { readonly events: number })[];
  /** Rows that stay: their `ts` is no hour at all. */
  readonly left: number;
}

/** Moves the rows of the default partition to partitions of their own, a transaction each; seq stays as it was. */
export function repairDefault(client: Client, options: Pick<EnsureOptions, 'unit' | 'dryRun'>): Promise<RepairSummary> {
  return guardServer(async () => {
    const list = await readPartitions(client);
    const home = list.default;
    if (home === null) return { moved: [], left: 0 };
    const { rows } = await client.query<{ readonly ts: string; readonly n: string }>(
      `SELECT ts, count(*) AS n FROM ${quoteName(home.name)} GROUP BY ts ORDER BY ts`,
    );
    const hours = rows.filter(({ ts }) => !Number.isNaN(fromKey(ts)));
    const unit = options.unit ?? currentUnit(list);
    const wanted = hours.flatMap(({ ts }) => planRanges(unit, fromKey(ts), fromKey(ts)));
    const distinct = wanted.filter((range, i) => range.from !== wanted[i - 1]?.from);
    const needed = subtractRanges(distinct, list.partitions).map((range) => ({
      ...named(range),
      events: sum(hours.filter(({ ts }) => ts >= range.from && ts < range.to)),
    }));
    const moved = needed.filter(({ events }) => events > 0);
    if (options.dryRun !== true)
      for (const range of moved) await inTransaction(client, () => moveRows(client, home.name, range));
    return { moved, left: sum(rows) - sum(hours) };
  });
}

const sum = (rows: readonly { readonly n: string }[]): number => rows.reduce((total, { n }) => total + Number(n), 0);

/** A partition can only be made where the default one has no row of it: so first the rows, then the partition. */
async function moveRows(client: Client, home: string, range: NamedRange): Promise<void> {
  const table = quoteName(range.name);
  await client.query(`LOCK TABLE ${quoteName(home)} IN ACCESS EXCLUSIVE MODE`);
  await client.query(`CREATE TABLE ${table} (LIKE global_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await client.query(
    `WITH moved AS (DELETE FROM ${quoteName(home)} WHERE ts >= $1 AND ts < $2 RETURNING *)
     INSERT INTO ${table} SELECT * FROM moved`,
    [range.from, range.to],
  );
  await client.query(`ALTER TABLE global_events ATTACH PARTITION ${table} ${bounds(range)}`);
}

/** Takes partitions out of the store; their tables stay, readable by name, and can be attached again. */
export function detachPartitions(client: Client, partitions: readonly PartitionInfo[]): Promise<void> {
  return eachInTransaction(client, partitions, async (partition) => {
    const table = quoteName(partition.name);
    await client.query(`ALTER TABLE global_events DETACH PARTITION ${table}`);
    await client.query(`COMMENT ON TABLE ${table} IS '${boundComment(partition).replaceAll("'", "''")}'`);
  });
}

/** Puts detached tables back. Throws E_REFUSED where rows would lie in two partitions. */
export function attachPartitions(client: Client, partitions: readonly PartitionInfo[]): Promise<void> {
  return eachInTransaction(client, partitions, async (partition) => {
    const table = quoteName(partition.name);
    await client.query(`ALTER TABLE global_events ATTACH PARTITION ${table} ${bounds(partition)}`);
    await client.query(`COMMENT ON TABLE ${table} IS NULL`);
  });
}

/** Removes the tables, attached or not, with their events, for ever. Rollups of their hours stay. */
export const dropPartitions = (client: Client, partitions: readonly PartitionInfo[]): Promise<void> =>
  eachInTransaction(client, partitions, async ({ name, foreign }) => {
    await client.query(`DROP ${foreign ? 'FOREIGN ' : ''}TABLE ${quoteName(name)}`);
  });

/** A transaction each: readers wait for one partition, not for all. */
function eachInTransaction(
  client: Client,
  partitions: readonly PartitionInfo[],
  work: (partition: PartitionInfo) => Promise<void>,
): Promise<void> {
  return guardServer(async () => {
    for (const partition of partitions) await inTransaction(client, () => work(partition));
  });
}
