import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { untilStill } from '../journey/journey.ts';
import * as journey from '../journey/server.ts';
import { PASSWORD } from '../support/postgres.ts';
import { expect, findViolations, test } from './fixture.ts';

/** A team's store on a real server, from the form to the workbench. */
let store: journey.Store;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  store = await journey.startStore();
});
test.afterAll(() => store.stop());
const password = journey.passwordOf;
async function seriousOf(page: Page): Promise<string[]> {
  await untilStill(page);
  return (await findViolations(page))
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`);
}

test('a connection is tested, saved and opened; production is unmistakable', async ({ harness: { page, dataDir } }) => {
  const form = await journey.fillForm(page, store);
  await password(form).fill('wrong');
  await form.getByRole('button', { name: 'Test connection' }).click();
  await expect(form.getByRole('alert')).toContainText('The password was not accepted.');
  await password(form).fill(PASSWORD);
  await form.getByRole('button', { name: 'Test connection' }).click();
  const findings = form.getByRole('list', { name: 'What was found' });
  await expect(findings.getByRole('listitem').first()).toContainText('postgres is a superuser');
  await expect(findings).toContainText('Events are read from public.global_events.');
  expect(await seriousOf(page)).toEqual([]);

  await form.getByRole('button', { name: 'Save and connect' }).click();
  await expect(page.getByRole('banner')).toHaveAttribute('data-environment', 'production');
  await expect(page.getByRole('button', { name: /Source and workspace: Team store/ })).toContainText('Production');
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).map((name) => path.join(dataDir, name));
  const leaks = files.filter((file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes(PASSWORD));
  expect(leaks).toEqual([]);
});

test('a saved connection asks for its password until it is right, and then no more in this run', async ({
  harness: { page },
}) => {
  const form = await journey.fillForm(page, store);
  await form.getByRole('button', { name: 'Save without opening' }).click();
  await page.getByRole('button', { name: 'Connect to Team store' }).click();
  const question = page.getByRole('dialog', { name: 'Password for Team store' });
  await expect(question).toContainText('The server asks for a password.');
  await password(question).fill('wrong');
  await password(question).press('Enter');
  await expect(question).toContainText('The password was not accepted.');
  expect(await seriousOf(page)).toEqual([]);
  await password(question).fill(PASSWORD);
  await password(question).press('Enter');
  await expect(page.getByRole('banner')).toBeVisible();

  await page.reload();
  await page.getByRole('button', { name: 'Connect to Team store' }).click();
  await expect(page.getByRole('banner')).toBeVisible();
});

test('a funnel is the same computed there or here; a new row is seen live; a restart of the server is survived', async ({
  harness: { page },
}) => {
  test.setTimeout(180_000);
  await journey.expectTeamwork(page, store);
});

test('partitions are seen with rows and sizes, and a range prunes them', async ({ harness: { page } }) => {
  await journey.connect(page, store);
  await page.keyboard.press('ControlOrMeta+2');
  await page.keyboard.press('ControlOrMeta+K');
  await page.getByRole('textbox', { name: 'Find a command' }).fill('which are read');
  await expect(page.getByRole('button', { name: /which are read/ })).toBeVisible();
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: 'Partitions' });
  const tables = await store.server.query(
    `SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'global_events'::regclass`,
    'shop',
  );
  const all = Number(tables[0]?.['n']);
  const read = sheet.getByRole('region', { name: 'What is read' });
  await expect(read).toContainText(`${all} of ${all}`);
  const june = sheet.getByRole('row', { name: /^global_events_2026_06/ });
  const july = sheet.getByRole('row', { name: /^global_events_2026_07/ });
  await expect(june).toContainText(/KB.*read/);

  await july.getByRole('button', { name: 'Use global_events_2026_07 as range' }).click();
  await expect(read).toContainText(`1 of ${all}`);
  await expect(june).toContainText('pruned');
  await expect(july).not.toContainText('pruned');
  await july.getByRole('button', { name: 'global_events_2026_07', exact: true }).press('ArrowRight');
  await expect(sheet.getByRole('row', { name: /^2026-07-\d\d/ }).first()).toContainText('read');
  expect(await seriousOf(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});

test('a store that is behind says which migrations it lacks, and applies none', async ({ harness: { page } }) => {
  const url = store.server.url(await store.server.createDatabase('behind'));
  journey.tributary(['migrate', url, 'up', '--to', '1']);
  const old = { address: store.address.replace(/shop$/, 'behind') };
  await journey.connect(page, old, 'Old store');
  const banner = page.getByRole('status').filter({ hasText: 'This store lacks 1 migration.' });
  const steps = banner.getByRole('list', { name: 'Pending migrations' });
  await expect(steps.getByRole('listitem')).toHaveText([/^0002-live-and-snapshot-info Listeners /]);
  await expect(banner).toContainText("tributary migrate 'Old store' up");
  expect(await seriousOf(page)).toEqual([]);
  await banner.getByRole('button', { name: 'Dismiss pending migrations' }).click();
  await expect(banner).toBeHidden();
  const applied = await store.server.query('SELECT number FROM schema_migrations', 'behind');
  expect(applied).toEqual([{ number: 1 }]);

  // In another window it is said again, until somebody has applied it.
  await page.reload();
  await page.getByRole('button', { name: 'Connect to Old store' }).click();
  await expect(banner).toBeVisible();
  journey.tributary(['migrate', url, 'up']);
  await page.reload();
  await page.getByRole('button', { name: 'Connect to Old store' }).click();
  await expect(page.getByRole('banner')).toBeVisible();
  await expect(journey.status(page)).toContainText('0 events');
  await expect(banner).toBeHidden();
});

test('the second source may be a server, which asks for its password', async ({ harness: { page } }) => {
  await store.server.query(`CREATE ROLE analyst LOGIN PASSWORD 'of their own'`, 'shop');
  await store.server.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO analyst', 'shop');
  const form = await journey.fillForm(page, { address: store.address.replace('postgres@', 'analyst@') }, 'Read only');
  await form.getByRole('button', { name: 'Save without opening' }).click();
  await journey.connect(page, store);
  await page.getByRole('navigation').getByRole('button', { name: 'Compare' }).click();
  const view = page.getByRole('region', { name: 'Compare', exact: true });
  await view.getByRole('button', { name: 'Second source' }).click();
  await page.getByRole('menuitem', { name: 'Read only Production' }).click();
  const question = page.getByRole('dialog', { name: 'Password for Read only' });
  await password(question).fill('of their own');
  await password(question).press('Enter');
  await expect(
    view.getByRole('region', { name: 'Table: Stages' }).getByRole('row', { name: /^Lead .*±0$/ }),
  ).toBeVisible();
  await expect(view.getByText('Production')).toHaveCount(2);
});
