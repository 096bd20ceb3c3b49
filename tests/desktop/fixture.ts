import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, test as base, expect, type ElectronApplication, type Page } from '@playwright/test';

export interface Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Console errors and warnings, page errors, CSP violations. A test fails when some are left in it at the end. */
  readonly problems: string[];
  /** Ends it as a user would, answering "don't save" if asked. */
  close(): Promise<void>;
}
export interface LaunchOptions {
  readonly files?: readonly string[];
  /** Default: the test's own, the same for every launch. */
  readonly dataDir?: string;
}
interface Fixtures {
  /** Empty at the start of the test, removed at its end. */
  readonly folder: string;
  readonly launch: (options?: LaunchOptions) => Promise<Desktop>;
  /** One running window on a fresh data folder. */
  readonly desktop: Desktop;
}

export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern
  folder: async ({}, provide) => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-test-'));
    await provide(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
  launch: async ({ folder }, provide) => {
    const all: Desktop[] = [];
    await provide(async (options = {}) => {
      const desktop = await launchDesktop(options.dataDir ?? join(folder, 'data'), options.files ?? []);
      all.push(desktop);
      return desktop;
    });
    for (const desktop of all) await desktop.close();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
  },
  desktop: async ({ launch }, provide) => {
    await provide(await launch());
  },
});
export { expect };

/** Command line of the app under test. As root, Chromium only starts without its sandbox; that is the test's word. */
export function launchArguments(dataDir: string, files: readonly string[]): string[] {
  const app = process.env['TRIBUTARY_TEST_APP'];
  if (app === undefined) throw new Error('run `npm run test:desktop`');
  return [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu',
    app,
    `--data-dir=${dataDir}`,
    ...files,
  ];
}

export function electronExecutable(): string {
  return process.env['TRIBUTARY_ELECTRON'] ?? '';
}

async function launchDesktop(dataDir: string, files: readonly string[]): Promise<Desktop> {
  const app = await _electron.launch({
    executablePath: electronExecutable(),
    args: launchArguments(dataDir, files),
    // The Electron for tests has no SQLite of its own: its queries run on this Node.
    env: { ...(process.env as Record<string, string>), TRIBUTARY_QUERY_NODE: process.execPath },
  });
  const problems: string[] = [];
  const page = await app.firstWindow();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  // Booted: from now on the window hears its menu.
  await page.locator('#root button').first().waitFor();
  const child = app.process();
  const ended = new Promise<void>((resolve) => app.once('close', () => resolve()));
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    await app
      .evaluate(({ app: electronApp, dialog }) => {
        dialog.showMessageBox = () => Promise.resolve({ response: 2, checkboxChecked: false });
        electronApp.quit();
      })
      .catch(() => undefined);
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  };
  return { app, page, problems, close };
}

/** Opens the bundled sample from the welcome page and waits for the workbench. */
export async function openSample(page: Page): Promise<void> {
  await page.getByText('Explore the sample').click();
  await expect(page.getByText(/[\d,]+ events/).first()).toBeVisible({ timeout: 30_000 });
}

/** Runs an item of the native menu by its command id. */
export async function clickMenu({ app }: Desktop, command: string): Promise<void> {
  await app.evaluate(({ Menu }, id) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(id);
    if (!item) throw new Error(`no menu item ${id}`);
    item.click();
  }, command);
}

/** Process id of the engine. */
export function enginePid({ app }: Desktop): Promise<number | undefined> {
  return app.evaluate(
    ({ app: electronApp }) =>
      electronApp
        .getAppMetrics()
        .find((metric) => metric.name === 'Tributary engine' || metric.serviceName === 'Tributary engine')?.pid,
  );
}

/** The next save dialog answers this path, the next question this button. */
export async function stubDialogs(
  { app }: Desktop,
  answers: { readonly savePath?: string; readonly openPath?: string; readonly button?: number },
): Promise<void> {
  await app.evaluate(({ dialog }, { savePath, openPath, button }) => {
    const asked: string[] = ((globalThis as { asked?: string[] }).asked ??= []);
    dialog.showSaveDialog = () => {
      asked.push('save');
      return Promise.resolve({ canceled: savePath === undefined, filePath: savePath ?? '' });
    };
    dialog.showOpenDialog = () => {
      asked.push('open');
      return Promise.resolve({ canceled: openPath === undefined, filePaths: openPath === undefined ? [] : [openPath] });
    };
    dialog.showMessageBox = () => {
      asked.push('message');
      return Promise.resolve({ response: button ?? 1, checkboxChecked: false });
    };
  }, answers);
}

/** Which dialogs were asked since `stubDialogs`, in order. */
export function askedDialogs({ app }: Desktop): Promise<readonly string[]> {
  return app.evaluate(() => (globalThis as { asked?: string[] }).asked ?? []);
}

/** Whether the window says it has unsaved work, and its title. */
export function windowTitle({ app }: Desktop): Promise<string> {
  return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle() ?? '');
}
