import path from 'node:path';
import Database from 'better-sqlite3';
import { writeSnapshot } from '../support/snapshot-file.ts';
import { expect, findViolations, test } from './fixture.ts';

const START = Date.UTC(2024, 0, 1);
const TYPES = ['account_created', 'shop_created', 'payment_succeeded'] as const;
const eventOf = (n: number) => ({
  id: `e${n}`,
  time: START + n * 60_000,
  type: TYPES[n % 3] as string,
  metadata: { user_id: `u${Math.floor(n / 3)}`, shop_id: `s${Math.floor(n / 3)}` },
});

/** Three events of one more actor, as another program commits them. */
function append(file: string, from: number): void {
  const db = new Database(file);
  const insert = db.prepare(
    'INSERT INTO global_events (ts, event_id, event_time, event_type, metadata) VALUES (?, ?, ?, ?, ?)',
  );
  db.transaction(() => {
    for (const { id, time, type, metadata } of [0, 1, 2].map((i) => eventOf(from + i)))
      insert.run(new Date(time).toISOString().slice(0, 13), id, time, type, JSON.stringify(metadata));
  })();
  db.close();
}

test('a file that grows is followed: events, stages and pictures move with it; paused it waits, and catches up', async ({
  page,
  program,
  harness: _harness,
}) => {
  test.setTimeout(120_000);
  const file = writeSnapshot(
    path.join(program.dataDir, 'growing.db'),
    Array.from({ length: 300 }, (_, n) => eventOf(n)),
  );
  await page.keyboard.press('ControlOrMeta+O');
  const dialog = page.getByRole('dialog', { name: 'Open a snapshot' });
  await dialog.getByLabel('Folder or file').fill(file);
  await dialog.getByLabel('Folder or file').press('Enter');
  await expect(page.getByText('300 events')).toBeVisible();
  await page.getByRole('navigation').getByRole('button', { name: 'Live' }).click();
  const live = page.getByRole('region', { name: 'Live', exact: true });
  await expect(live.getByText('Not following')).toBeVisible();
  const table = live.getByRole('table');
  await expect(table.getByRole('row').nth(1)).toContainText('u99');

  await live.getByRole('button', { name: 'Follow' }).click();
  await expect(live.getByText('Following')).toBeVisible();
  append(file, 300);
  await expect(page.getByText('303 events')).toBeVisible({ timeout: 15_000 });
  await expect(table.getByRole('row').nth(1)).toContainText('u100');
  await expect(table.getByRole('row').nth(1)).toContainText('Prospect → Customer');
  await expect(live.getByRole('button', { name: /account_created/ }).filter({ hasText: '101' })).toBeVisible();

  await live.getByRole('button', { name: 'Pause' }).click();
  append(file, 303);
  await expect(live.getByText('Paused, there is more')).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText('303 events')).toBeVisible();
  await live.getByRole('button', { name: 'Catch up' }).click();
  await expect(page.getByText('306 events')).toBeVisible({ timeout: 15_000 });
  const violations = await findViolations(page, 'section[aria-label="Live"]');
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  // A file that lost rows is another file: following ends with a code, nothing is added up.
  const db = new Database(file);
  db.exec('DELETE FROM global_events WHERE rowid > 100');
  db.close();
  await expect(live.getByText('Following ended')).toBeVisible({ timeout: 15_000 });
  await expect(live.getByText('E_SOURCE_CHANGED').first()).toBeVisible();
});
