import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Client } from 'pg';
import type { AnalysisDocument } from '../../protocol/index.ts';
import { randomOf } from './random-log.ts';

/** A row of our own model; times in ms. */
export interface ModelRow {
  readonly ts: string;
  readonly id: string;
  readonly time: number;
  readonly type: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly recordedAt: number | null;
}
export interface ModelShop {
  readonly shop: string;
  readonly user: string;
}

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 28);
const TYPES = ['account_created', 'shop_created', 'shop_created', 'payment_succeeded', 'shop_deleted'];
const hourOf = (time: number): string => new Date(time).toISOString().slice(0, 13);
export const SHOPS: readonly ModelShop[] = [1, 2, 3].map((n) => ({ shop: `s${n}`, user: `u${n}` }));

/** Equal times, mis-keyed rows, copies under two hours, late ones, shops instead of users, and neither. Same for a seed. */
export function randomRows(seed: number, count: number, before: readonly ModelRow[] = []): ModelRow[] {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const rows: ModelRow[] = [];
  const known = new Set(before.map(({ ts, id }) => `${ts} ${id}`));
  for (let i = 0; rows.length < count; i++) {
    const chance = random();
    const old = pick(rows.length > 0 ? rows : before.length > 0 ? before : [null]);
    const row = chance < 0.04 && old !== null ? copyOf(old, pick([1, -1, 5])) : newRow(random, pick, `${seed}-${i}`);
    if (known.has(`${row.ts} ${row.id}`)) continue;
    known.add(`${row.ts} ${row.id}`);
    rows.push(row);
  }
  return rows;
}

/** The same event under another hour, and sometimes under its own when it was not. */
const copyOf = (row: ModelRow, hours: number): ModelRow => ({
  ...row,
  ts: row.ts === hourOf(row.time) ? hourOf(row.time + hours * HOUR) : hourOf(row.time),
});

function newRow(random: () => number, pick: <T>(list: readonly T[]) => T, name: string): ModelRow {
  const time = START + Math.floor(random() * 40 * 24) * HOUR + pick([0, 0, 1, 999, 60_000]);
  const plan = pick(['basic', 'pro', '', null]);
  const chance = random();
  const actor =
    chance < 0.05 ? { shop_id: pick(['s1', 's2', 's3', 'nobody']) } : chance < 0.08 ? {} : { user_id: pick(USERS) };
  return {
    ts: hourOf(random() < 0.03 ? time + pick([1, 2, -3]) * HOUR : time),
    id: uuidOf(name),
    time,
    type: pick(TYPES),
    metadata: {
      ...actor,
      ...(plan === null ? {} : { plan, country: pick(['DE', 'FR', null]), amount: pick([1, 1.5, 2e9, true, -3]) }),
      ...(random() < 0.1 ? { note: pick(['zoë', 'tab\t"quoted"', '日本', '']) } : {}),
    },
    recordedAt: random() < 0.1 ? null : time + pick([0, 5, HOUR, HOUR + 1, 5 * HOUR]),
  };
}
const USERS = Array.from({ length: 40 }, (_, i) => `${['u', 'é', '😀', '\uFB00'][i % 4]}${i}`);

const uuidOf = (name: string): string => {
  const hex = Buffer.from(name.padEnd(16, '.')).toString('hex').slice(0, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

const readMigration = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../migrations/postgres/${name}`, import.meta.url)), 'utf8');

/** An empty event store with partitions for the rows of `randomRows`. */
export async function makeModel(client: Client): Promise<void> {
  await client.query(readMigration('0001-event-store.up.sql'));
  for (const [month, next] of [
    ['2024-01', '2024-02'],
    ['2024-02', '2024-03'],
    ['2024-03', '2024-04'],
  ] as const)
    await client.query(
      `CREATE TABLE "events_${month}" PARTITION OF global_events FOR VALUES FROM ('${month}-01T00') TO ('${next}-01T00')`,
    );
  await client.query(`INSERT INTO plans VALUES ('p', 'P', 1, 'month')`);
  for (const { shop, user } of SHOPS) {
    await client.query('INSERT INTO users VALUES ($1, NULL, now())', [user]);
    await client.query(`INSERT INTO shops VALUES ($1, $2, 'p', now())`, [shop, user]);
  }
}

export async function addModelRows(client: Client, rows: readonly ModelRow[]): Promise<void> {
  await client.query(
    `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at)
      SELECT ts, id::uuid, timestamptz 'epoch' + at * interval '1 ms', type::event_type, metadata,
        timestamptz 'epoch' + recorded * interval '1 ms'
      FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[], $5::jsonb[], $6::int8[]) WITH ORDINALITY
        AS log (ts, id, at, type, metadata, recorded, nr) ORDER BY nr`,
    [
      rows.map(({ ts }) => ts),
      rows.map(({ id }) => id),
      rows.map(({ time }) => time),
      rows.map(({ type }) => type),
      rows.map(({ metadata }) => JSON.stringify(metadata)),
      rows.map(({ recordedAt }) => recordedAt),
    ],
  );
  // What the server counts of added rows is part of a state: told now, not up to 10 s later in the midst of a test.
  await client.query('SELECT pg_stat_force_next_flush()');
}

/** The same rows in the same order as a snapshot. */
export function writeModelSnapshot(file: string, rows: readonly ModelRow[]): void {
  const db = new Database(file);
  db.exec(`CREATE TABLE global_events (ts TEXT, event_id TEXT, event_time INTEGER, event_type TEXT, metadata TEXT, recorded_at INTEGER);
    CREATE UNIQUE INDEX by_hour ON global_events (ts, event_id);
    CREATE TABLE shops (shop_id TEXT PRIMARY KEY, user_id TEXT) WITHOUT ROWID;`);
  const shop = db.prepare('INSERT INTO shops VALUES (?, ?)');
  for (const { shop: id, user } of SHOPS) shop.run(id, user);
  const insert = db.prepare('INSERT INTO global_events VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const { ts, id, time, type, metadata, recordedAt } of rows)
      insert.run(ts, id, time, type, JSON.stringify(metadata), recordedAt);
  })();
  db.close();
}

const NAMES: Readonly<Record<string, string>> = {
  open: 'account_created',
  view: 'shop_created',
  buy: 'payment_succeeded',
  leave: 'shop_deleted',
};
/** A sample document in the words of our own model. */
export const inOurWords = (document: AnalysisDocument): AnalysisDocument =>
  JSON.parse(
    JSON.stringify(document).replaceAll(/"(open|view|buy|leave)"/g, (_, name: string) => `"${NAMES[name] ?? ''}"`),
  ) as AnalysisDocument;
