import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import * as journey from '../journey/server.ts';
import { PASSWORD } from '../support/postgres.ts';
import { expect, test } from './fixture.ts';

let store: journey.Store;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  store = await journey.startStore();
});
test.afterAll(() => store.stop());

test('a funnel is the same computed there or here; a new row is seen live; a restart of the server is survived', async ({
  desktop: { page },
}) => {
  test.setTimeout(180_000);
  await journey.expectTeamwork(page, store);
});

/** Machines for tests have no secret service: there Electron would hide passwords behind one that everybody knows. */
test('a server is tested through the engine; without a keychain no password is written', async ({
  desktop,
  folder,
}) => {
  const { page } = desktop;
  const dataDir = path.join(folder, 'data');
  const form = await journey.fillForm(page, store, 'Server');
  await journey.passwordOf(form).fill(PASSWORD);
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
