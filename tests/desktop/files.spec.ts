import { spawn } from 'node:child_process';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  askedDialogs,
  clickMenu,
  electronExecutable,
  expect,
  launchArguments,
  openSample,
  stubDialogs,
  test,
  windowTitle,
  type Desktop,
  type LaunchOptions,
} from './fixture.ts';

/** A snapshot of our own model: a copy of the sample that a first launch makes. */
async function makeSnapshot(folder: string, launch: (options: LaunchOptions) => Promise<Desktop>): Promise<string> {
  const dataDir = join(folder, 'maker');
  const maker = await launch({ dataDir });
  await openSample(maker.page);
  await maker.close();
  const sample = (await readdir(dataDir, { recursive: true })).find((name) => /sample[^/]*\.(db|sqlite)$/.test(name));
  if (sample === undefined) throw new Error('no sample was made');
  const path = join(folder, 'orders.db');
  await copyFile(join(dataDir, sample), path);
  return path;
}

const isOpen = async ({ page }: Desktop, name: string): Promise<void> => {
  await expect(page.getByText(name).first()).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(/^[\d,]+ events$/).first()).toBeVisible({ timeout: 20_000 });
};

test('a file on the command line is opened', async ({ folder, launch }) => {
  const snapshot = await makeSnapshot(folder, launch);
  await isOpen(await launch({ files: [snapshot] }), 'orders.db');
});

test('a second instance hands its file over to the first window and ends', async ({ folder, launch }) => {
  const snapshot = await makeSnapshot(folder, launch);
  const first = await launch();
  const second = spawn(electronExecutable(), launchArguments(join(folder, 'data'), [snapshot]), { stdio: 'ignore' });
  const code = await new Promise((resolve) => second.once('exit', resolve));
  expect(code).toBe(0);
  await isOpen(first, 'orders.db');
  expect(await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('open, save, save as and open again through the dialogs', async ({ folder, launch }) => {
  const snapshot = await makeSnapshot(folder, launch);
  const workspace = join(folder, 'orders.tributary.json');
  const desktop = await launch();
  await stubDialogs(desktop, { openPath: snapshot, savePath: workspace });
  await clickMenu(desktop, 'file.open');
  await isOpen(desktop, 'orders.db');
  await clickMenu(desktop, 'view.funnel');
  await clickMenu(desktop, 'file.save');
  await expect.poll(() => readFile(workspace, 'utf8').catch(() => '')).toContain('tributary-workspace');
  await expect.poll(() => windowTitle(desktop)).toBe('orders.tributary.json · Tributary');
  expect(await askedDialogs(desktop)).toEqual(['open', 'save']);
  const written = JSON.parse(await readFile(workspace, 'utf8')) as { source: { path: string }; view: string };
  expect([written.source.path, written.view]).toEqual(['orders.db', 'funnel']);

  const again = await launch({ dataDir: join(folder, 'other'), files: [workspace] });
  await isOpen(again, 'orders.db');
  expect(await windowTitle(again)).toBe('orders.tributary.json · Tributary');
});

test('what was opened is in the recent files of the menu and of the next start', async ({ folder, launch }) => {
  const snapshot = await makeSnapshot(folder, launch);
  const first = await launch({ files: [snapshot] });
  await isOpen(first, 'orders.db');
  const firstRecent = (): Promise<string | undefined> =>
    first.app.evaluate(({ Menu }) => {
      const file = Menu.getApplicationMenu()?.items.find((item) => item.label === '&File')?.submenu?.items;
      return file?.find((item) => item.label === 'Open recent')?.submenu?.items[0]?.label;
    });
  await expect.poll(firstRecent).toBe(snapshot);
  await first.close();
  const second = await launch();
  await second.page.getByText('orders.db').first().click();
  await isOpen(second, 'orders.db');
});

test('the path of a dropped file is known to the window', async ({ folder, desktop: { page } }) => {
  const path = join(folder, 'dropped.db');
  await writeFile(path, 'x');
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.id = 'drop-test';
    document.body.append(input);
  });
  await page.setInputFiles('#drop-test', path);
  const seen = await page.evaluate(() => {
    const input = document.querySelector('#drop-test') as HTMLInputElement;
    return (globalThis as unknown as { tributary: { pathOf(file: unknown): string } }).tributary.pathOf(
      input.files?.[0],
    );
  });
  expect(seen).toBe(path);
});

test('a file that is no database says so, with a code', async ({ folder, launch }) => {
  const path = join(folder, 'notes.db');
  await writeFile(path, 'these are notes');
  const { page, problems } = await launch({ files: [path] });
  await expect(page.getByText('E_NOT_A_DB').first()).toBeVisible({ timeout: 20_000 });
  problems.splice(0);
});
