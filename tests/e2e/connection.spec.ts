import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { root } from '../journey/harness.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { expect, test } from './fixture.ts';

/** A team's store on a real server, from the form to the workbench. */
let server: TestPostgres;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await startPostgres();
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-e2e-store-'));
  const sample = path.join(folder, 'sample.db');
  const database = await server.createDatabase('shop');
  for (const args of [
    ['sample', '--out', sample, '--users', '200'],
    ['migrate', server.url(database), 'up'],
    ['load', server.url(database), sample],
  ])
    expect(tributary(args)).toBe(0);
  rmSync(folder, { recursive: true });
});
test.afterAll(() => server.stop());
const tributary = (args: readonly string[]): number | null =>
  spawnSync(process.execPath, [path.join(root, 'out/main/tributary.js'), ...args]).status;
const address = (): string => `postgres://postgres@127.0.0.1:${server.port}/shop`;

async function fillForm(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Connect to Postgres…' }).click();
  const form = page.getByRole('dialog', { name: 'Connect to Postgres' });
  await form.getByLabel('Paste an address').fill(address());
  await form.getByLabel('Paste an address').press('Enter');
  await expect(form.getByLabel('Database')).toHaveValue('shop');
  await form.getByLabel('Name', { exact: true }).fill('Team store');
  await form.locator('label', { hasText: 'Production' }).click();
  return form;
}
const password = (form: Locator): Locator => form.getByLabel('Password', { exact: true });
const seriousOf = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`);

test('a connection is tested, saved and opened; production is unmistakable', async ({ harness: { page, dataDir } }) => {
  const form = await fillForm(page);
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
  const form = await fillForm(page);
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

test('what is open survives a restart of the server', async ({ harness: { page } }) => {
  const form = await fillForm(page);
  await password(form).fill(PASSWORD);
  await form.getByRole('button', { name: 'Save and connect' }).click();
  await expect(page.getByRole('banner')).toBeVisible();
  await server.halt('SIGINT');
  await server.start();
  await page.getByRole('button', { name: /Source and workspace/ }).click();
  await page.getByRole('menuitem', { name: 'Read the source again' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText('events');
});
