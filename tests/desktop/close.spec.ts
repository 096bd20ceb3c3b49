import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  askedDialogs,
  clickMenu,
  expect,
  openSample,
  stubDialogs,
  test,
  windowTitle,
  type Desktop,
} from './fixture.ts';

const SAVE = 0;
const CANCEL = 1;
const DISCARD = 2;

/** Opens the sample and makes a change that is not in a file. */
async function makeUnsavedWork(desktop: Desktop): Promise<void> {
  await openSample(desktop.page);
  await desktop.page.getByRole('slider', { name: 'Start of the range' }).press('ArrowRight');
  await clickMenu(desktop, 'view.funnel');
  await expect.poll(() => windowTitle(desktop)).toMatch(/^● /);
}

const closeWindow = (desktop: Desktop): Promise<void> =>
  desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
const ended = (desktop: Desktop): Promise<unknown> => desktop.app.waitForEvent('close', { timeout: 15_000 });

test('without unsaved work the window closes at once and the program ends', async ({ desktop }) => {
  await stubDialogs(desktop, {});
  const end = ended(desktop);
  await closeWindow(desktop).catch(() => undefined);
  await end;
});

test('with unsaved work it asks; cancel keeps everything', async ({ desktop }) => {
  await makeUnsavedWork(desktop);
  await stubDialogs(desktop, { button: CANCEL });
  await closeWindow(desktop);
  await expect.poll(() => askedDialogs(desktop)).toEqual(['message']);
  await expect.poll(() => windowTitle(desktop)).toMatch(/^● /);
});

test('discard closes and offers nothing at the next start', async ({ desktop, launch }) => {
  await makeUnsavedWork(desktop);
  await stubDialogs(desktop, { button: DISCARD });
  const end = ended(desktop);
  await closeWindow(desktop).catch(() => undefined);
  await end;
  const next = await launch();
  await expect(next.page.getByText('Explore the sample')).toBeVisible();
  const boot = await next.page.evaluate(() =>
    (
      globalThis as unknown as {
        tributary: { call(method: string, argument: null): Promise<{ value: { recovery: unknown } }> };
      }
    ).tributary.call('boot', null),
  );
  expect(boot.value.recovery).toBeNull();
});

test('save writes the workspace first, then closes', async ({ folder, desktop }) => {
  await makeUnsavedWork(desktop);
  const savePath = join(folder, 'kept.tributary.json');
  await stubDialogs(desktop, { button: SAVE, savePath });
  const end = ended(desktop);
  await closeWindow(desktop).catch(() => undefined);
  await end;
  expect(JSON.parse(await readFile(savePath, 'utf8'))).toMatchObject({ kind: 'tributary-workspace', view: 'funnel' });
  if (process.platform !== 'win32') expect((await stat(savePath)).mode & 0o777).toBe(0o600);
});

test('unsaved work of a program that was killed is offered again', async ({ folder, desktop, launch }) => {
  await makeUnsavedWork(desktop);
  // On the disk: what the program has in memory is not there yet.
  const kept = join(folder, 'data', 'recovery.json');
  await expect.poll(() => readFile(kept, 'utf8').catch(() => ''), { timeout: 15_000 }).toContain('tributary-workspace');
  const end = ended(desktop);
  desktop.app.process().kill('SIGKILL');
  await end;
  const next = await launch();
  await expect(next.page.getByText('Tributary did not end cleanly last time.')).toBeVisible();
  await expect(next.page.getByRole('button', { name: /recover|restore|continue/i }).first()).toBeVisible();
});

test('the window comes back where it was', async ({ desktop, launch }) => {
  await desktop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 60, y: 40, width: 1010, height: 700 }),
  );
  await desktop.close();
  const next = await launch();
  expect(await next.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())).toMatchObject({
    width: 1010,
    height: 700,
    x: 60,
    y: 40,
  });
});
