import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as journey from '../journey/server.ts';
import * as sql from '../journey/sql.ts';
import { expect, test } from './fixture.ts';

/** The SQL view on a team's store in a real Postgres. */
let store: journey.Store;
let folder = '';
test.beforeAll(async () => {
  test.setTimeout(120_000);
  folder = mkdtempSync(path.join(tmpdir(), 'tributary-sql-'));
  store = await journey.startStore();
});
test.afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});
test.beforeEach(async ({ harness: { page } }) => {
  test.setTimeout(240_000);
  await journey.connect(page, store);
  await sql.openEditor(page);
});

test('typed with completion, run, sorted, drawn and exported', async ({ harness: { page } }) => {
  const counted = await store.server.query(
    'SELECT event_type::text AS type, count(*)::int AS n FROM global_events GROUP BY 1 ORDER BY n DESC',
    'shop',
  );
  const expected = counted.map(({ type, n }) => [String(type), Number(n)] as const);
  await sql.expectTypesCounted(sql.inBrowser(page, folder), expected);
});

test('a plan says which partitions are read; the parser of Postgres says where an error is', async ({
  harness: { page },
}) => {
  const [first] = await store.server.query('SELECT min(ts) AS ts FROM global_events', 'shop');
  await sql.write(page, `SELECT count(*) FROM global_events WHERE ts = '${String(first?.['ts'])}'`);
  await page.keyboard.press('ControlOrMeta+E');
  await expect(page.getByRole('region', { name: 'Plan', exact: true })).toContainText(
    /Reads 1 of \d+ partitions of (?:public\.)?global_events/,
    { timeout: 30_000 },
  );
  await sql.write(page, 'SELECT nonsense FROM users;\nDELETE FROM users');
  await expect(sql.view(page).locator('.squiggly-error')).not.toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByRole('region', { name: 'Result', exact: true }).getByRole('alert')).toContainText('E_REFUSED');
});
