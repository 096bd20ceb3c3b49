import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, type Harness } from '../journey/harness.ts';

/** Browser mode as a user starts it: the built server in a process of its own, with an empty data folder. */
interface Program {
  readonly url: string;
  readonly dataDir: string;
}

async function start(
  dataDir: string,
  env: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [path.join(root, 'out/main/server.js'), '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const found = /http:\S+/.exec(String(chunk));
      if (found !== null) resolve(found[0]);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { child, url };
}

/** Work that kept the window from answering for more than 50 ms: printed, never asserted (it depends on the machine). */
/** Scans of axe are not the window's tasks. */
const [SCAN_BEGINS, SCAN_ENDS] = ['scan begins', 'scan ends'];

/** What axe finds in the page, or the part of it that `within` selects. */
export async function findViolations(
  page: Page,
  within?: string,
): Promise<Awaited<ReturnType<AxeBuilder['analyze']>>['violations']> {
  const builder = new AxeBuilder({ page });
  await page.evaluate((name) => performance.mark(name), SCAN_BEGINS);
  const { violations } = await (within === undefined ? builder : builder.include(within)).analyze();
  await page.evaluate((name) => performance.mark(name), SCAN_ENDS);
  return violations;
}

async function watchLongTasks(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.exposeFunction('__longTask', (where: string, ms: number) => found.push(`${where} ${Math.round(ms)} ms`));
  await page.addInitScript(
    ([begins = '', ends = '']) => {
      const tell = (globalThis as unknown as { __longTask: (where: string, ms: number) => void }).__longTask;
      const lastOf = (name: string, before: number): number =>
        performance.getEntriesByName(name).findLast((mark) => mark.startTime <= before)?.startTime ?? -1;
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) {
          const isScan = lastOf(begins, startTime) > lastOf(ends, startTime);
          const where = document.querySelector('section[aria-label]')?.getAttribute('aria-label') ?? 'start';
          if (!isScan) tell(where, duration);
        }
      }).observe({ type: 'longtask', buffered: true });
    },
    [SCAN_BEGINS, SCAN_ENDS],
  );
  return found;
}

/** A page that is being loaded hears no keys before the frame behind its first picture. */
export async function untilHeard(page: Page): Promise<void> {
  await page.locator('#root button').first().waitFor();
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 100)))),
  );
}

export const test = base.extend<{
  env: Readonly<Record<string, string>>;
  program: Program;
  harness: Harness;
  complaints: string[];
  longTasks: string[];
}>({
  /** Of the program, beside the tests' own. */
  env: [{}, { option: true }],

  program: async ({ env }, provide) => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'tributary-e2e-'));
    const { child, url } = await start(dataDir, env);
    await provide({ url, dataDir });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  },

  /** Errors and warnings of the page; the test fails when there are any (CSP violations show up here). */
  complaints: [
    async ({ page, program: _before }, provide) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await provide(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],

  longTasks: [
    async ({ page }, provide, info) => {
      const found = await watchLongTasks(page);
      await provide(found);
      if (found.length > 0) console.log(`${info.title}: ${found.length} long tasks: ${found.join(', ')}`);
    },
    { auto: true },
  ],

  harness: async ({ page, program }, provide) => {
    await page.goto(program.url);
    await untilHeard(page);
    await provide({
      page,
      dataDir: program.dataDir,
      exported: async (action) => {
        const download = page.waitForEvent('download');
        await action();
        const file = await download;
        return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
      },
      saveWorkspaceAs: async (file) => {
        await page.keyboard.press('ControlOrMeta+Shift+S');
        const dialog = page.getByRole('dialog', { name: 'Save the workspace' });
        await dialog.getByLabel('Folder or file').fill(path.dirname(file));
        await dialog.getByLabel('Folder or file').press('Enter');
        await dialog.getByLabel('File name').fill(path.basename(file));
        await dialog.getByRole('button', { name: 'Save' }).click();
        await expect(dialog).toBeHidden();
      },
      openWorkspace: async (file) => {
        const dialog = page.getByRole('dialog', { name: 'Open a workspace' });
        await untilHeard(page);
        await page.keyboard.press('ControlOrMeta+Shift+O');
        await dialog.getByLabel('Folder or file').fill(file);
        await dialog.getByLabel('Folder or file').press('Enter');
        await expect(dialog).toBeHidden();
      },
      // The engine lives in the server's process here: it is started anew under the window, and every line is cut.
      breakEngine: async () => {
        const status = await page.evaluate(async () => {
          const answer = await fetch('/api/shell/restartEngine', {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-tributary': '1' },
            body: 'null',
          });
          return answer.status;
        });
        expect(status).toBe(200);
      },
    });
  },
});
export { expect };
