import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeClient } from '../../worker/connection/close-client.ts';
import { openAdminClient } from '../../worker/admin/admin-client.ts';
import { FreshPartitions } from '../../worker/admin/load-fresh.ts';
import { loadFile } from '../../worker/admin/load-any.ts';
import { CREDENTIALS } from '../support/store-target.ts';
import { describeStores } from '../support/store-tests.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-load-fresh-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const idOf = (nth: number): string => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;
const rowOf = (nth: number, time: number): string => `${idOf(nth)},${time},account_created,"{""user_id"":""u${nth}""}"`;

function fileOf(rows: readonly string[]): string {
  const file = path.join(folder, `${files++}.csv`);
  writeFileSync(file, ['event_id,event_time,event_type,metadata', ...rows, ''].join('\n'));
  return file;
}

/** Partitions that a load makes are filled first and become partitions behind that. */
describeStores('partitions being loaded', (given) => {
  const load = (rows: readonly string[], target = given.store.target) =>
    loadFile(target, CREDENTIALS, fileOf(rows), { rejected: path.join(folder, `r${files++}`), mapping: {} });
  const tables = async () =>
    (await given.store.rows("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname LIKE '%loading%'"))
      .length;

  test('are made by one session where the budget has no second', async () => {
    const rows = [0, 40, 70].flatMap((day) =>
      Array.from({ length: 27_000 }, (_, i) => rowOf(day * 1_000 + i, START + day * 24 * HOUR + i)),
    );
    const done = await load(rows, { ...given.store.target, connections: 1 });
    expect(done).toMatchObject({ loaded: rows.length, rejected: 0 });
    expect(done.partitions).toHaveLength(3);
    expect(await tables()).toBe(0);
  });

  test('are closed while loading goes on; what comes late or twice is still found, in the order of the file', async () => {
    const days = [0, 40, 70];
    const rows = days.flatMap((day, month) =>
      Array.from({ length: 27_000 }, (_, i) => rowOf(month * 27_000 + i, START + day * 24 * HOUR + i)),
    );
    const late = [rowOf(90_000, START + 1), rowOf(5, START + 5), rowOf(7, START + 8)];
    const done = await load([...rows, ...late, rowOf(80_999, START + 70 * 24 * HOUR + 26_999)]);
    expect(done).toMatchObject({ rows: 81_004, loaded: 81_001, duplicate: 2, rejected: 1 });
    expect(done.rejectedRows).toEqual([{ line: 81_004, reason: 'has the id of another event of that hour' }]);
    expect(done.partitions).toEqual(['global_events_2026_01', 'global_events_2026_02', 'global_events_2026_03']);
    const ids = (await given.store.rows('SELECT event_id FROM global_events ORDER BY seq')).map(
      (row) => row['event_id'],
    );
    expect(ids).toEqual([...rows.keys(), 90_000].map(idOf));
    expect(await tables()).toBe(0);
    expect((await load([...rows, ...late])).loaded).toBe(0);
  }, 120_000);

  test('have all that the others have: indexes, the key, numbers of arrival, rollups', async () => {
    await load([rowOf(1, START + 90 * 24 * HOUR)]);
    const second = await load([rowOf(2, START), rowOf(3, START + 1)]);
    expect(second).toMatchObject({ loaded: 2, late: 2, partitions: ['global_events_2026_01'] });
    await given.store.rows("CREATE TABLE plain PARTITION OF global_events FOR VALUES FROM ('2030-01') TO ('2030-02')");
    const describeTable = (name: string) =>
      given.store.rows(
        `SELECT regexp_replace(pg_get_indexdef(indexrelid), ' INDEX .* USING', ' INDEX USING') AS is, indisprimary, indisvalid,
           EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid) AS attached
         FROM pg_index WHERE indrelid = $1::regclass
         UNION ALL SELECT pg_get_constraintdef(oid), false, convalidated, conislocal FROM pg_constraint
           WHERE conrelid = $1::regclass AND contype = 'c' ORDER BY 1`,
        [name],
      );
    expect(await describeTable('global_events_2026_01')).toEqual(await describeTable('plain'));
    await given.store.rows(
      `INSERT INTO global_events (ts, event_id, event_time, event_type)
       VALUES ('2026-01-01T00', '${idOf(4)}', '2026-01-01T00:00:02Z', 'account_created')`,
    );
    const seqs = await given.store.rows("SELECT seq FROM global_events WHERE ts < '2026-02' ORDER BY event_time");
    expect(seqs.map((row) => Number(row['seq']))).toEqual([2, 3, 4]);
    expect(await given.store.rows("SELECT events FROM rollup_hourly WHERE ts = '2026-01-01T00'")).toEqual([
      { events: '2' },
    ]);
  });

  test('of a load that was killed are removed by the next one', async () => {
    await given.store.rows(
      `CREATE TABLE "loading_global_events_2026_01" (LIKE global_events);
       COMMENT ON TABLE "loading_global_events_2026_01" IS 'tributary: being loaded'`,
    );
    expect((await load([rowOf(1, START)])).loaded).toBe(1);
    expect(await tables()).toBe(0);
  });

  test('are left to one load at a time: another one adds to the store row by row', async () => {
    const lock = "(hashtext('tributary load'), hashtext('public'))";
    await given.store.rows(`SELECT pg_advisory_lock${lock}`);
    await given.store.rows(
      "CREATE TABLE loading_other (LIKE global_events); COMMENT ON TABLE loading_other IS 'tributary: being loaded'",
    );
    const done = await load([rowOf(1, START), rowOf(2, START), rowOf(2, START)]);
    expect(done).toMatchObject({ loaded: 2, duplicate: 1, partitions: ['global_events_2026_01'] });
    expect(await tables()).toBe(1);
  });

  test('that somebody else makes meanwhile are told; the same command loads the rest', async () => {
    const rows = [rowOf(1, START), rowOf(2, START + 40 * 24 * HOUR)];
    const fresh = new FreshPartitions(given.store.client, () => openAdminClient(given.store.target, CREDENTIALS));
    await fresh.begin();
    await fresh.make({ name: 'global_events_2026_01', from: '2026-01-01T00', to: '2026-02-01T00' });
    await given.store.rows(
      "CREATE TABLE other PARTITION OF global_events FOR VALUES FROM ('2026-01-31T00') TO ('2026-02-01T00')",
    );
    fresh.closeIdle(1);
    await expect(fresh.closed()).rejects.toMatchObject({ code: 'E_BUSY' });
    await fresh.end(closeClient);
    expect(await tables()).toBe(0);
    await given.store.rows('SELECT pg_advisory_unlock_all()');
    expect((await load(rows)).loaded).toBe(2);
  });
});
