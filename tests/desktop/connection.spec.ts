import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { expect, test } from './fixture.ts';

let server: TestPostgres;
test.beforeAll(async () => {
  server = await startPostgres();
});
test.afterAll(() => server.stop());

/** Machines for tests have no secret service: there Electron would hide passwords behind one that everybody knows. */
test('a server is tested through the engine; without a keychain no password is written', async ({
  desktop,
  folder,
}) => {
  const { page } = desktop;
  const dataDir = path.join(folder, 'data');
  await page.getByRole('button', { name: 'Connect to Postgres…' }).click();
  const form = page.getByRole('dialog', { name: 'Connect to Postgres' });
  await form.getByLabel('Paste an address').fill(`postgres://postgres@127.0.0.1:${server.port}/postgres`);
  await form.getByLabel('Paste an address').press('Enter');
  await expect(form.getByLabel('Database')).toHaveValue('postgres');
  await form.getByLabel('Name', { exact: true }).fill('Server');
  await form.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await form.getByRole('button', { name: 'Test connection' }).click();
  await expect(form.getByRole('list', { name: 'What was found' })).toContainText('postgres is a superuser');
  await form.getByRole('button', { name: 'Save without opening' }).click();
  await expect(page.getByRole('button', { name: 'Connect to Server' })).toBeVisible();

  const remembers = await page.evaluate(async () => {
    const bridge = (
      globalThis as unknown as {
        tributary: { call(method: string, argument: null): Promise<{ value: { whyNotRemember: string | null } }> };
      }
    ).tributary;
    return (await bridge.call('listConnections', null)).value.whyNotRemember === null;
  });
  expect(await readdir(dataDir)).not.toContain('passwords.json');
  expect(await readFile(path.join(dataDir, 'connections.json'), 'utf8')).not.toContain(PASSWORD);
  const mayRemember = process.platform !== 'linux' || process.env['DBUS_SESSION_BUS_ADDRESS'] !== undefined;
  expect(remembers && !mayRemember).toBe(false);
});
