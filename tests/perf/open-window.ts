import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumArgs, chromiumEnv, chromiumPath } from '../../scripts/chromium.ts';
import { root } from '../../scripts/run-tool.ts';
import { stageApp } from '../../scripts/stage-app.ts';

export type Mode = 'browser' | 'electron';

/** A running window under test. */
export interface OpenWindow {
  readonly page: Page;
  /** From the start of the program's process (browser mode: of the navigation) to the first contentful paint, ms. */
  readonly firstPaintMs: number;
  close(): Promise<void>;
}
const SIZE = { width: 1280, height: 800 };

/** Opens the built window on a data folder that stays between calls, so that the second start is a warm one. */
export interface Opener {
  open(files: readonly string[]): Promise<OpenWindow>;
  end(): Promise<void>;
}

export function getOpener(mode: Mode): Promise<Opener> {
  return mode === 'browser' ? openBrowser() : Promise.resolve(stageElectron());
}

async function openBrowser(): Promise<Opener> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tributary-perf-'));
  const executablePath = await chromiumPath();
  const browser = await chromium.launch({
    executablePath,
    args: chromiumArgs,
    // As people have it: the grid's is dragged.
    ignoreDefaultArgs: ['--hide-scrollbars'],
    env: { ...process.env, ...chromiumEnv(executablePath) } as Record<string, string>,
  });
  const context = await browser.newContext({ viewport: SIZE });
  return {
    open: async (files) => {
      const child = spawn(process.execPath, [path.join(root, 'out/main/server.js'), '--data-dir', dataDir, ...files], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      endWithUs(child);
      const url = await findInOutput(child.stdout, /http:\S+/);
      const page = await context.newPage();
      await page.goto(url);
      const { origin, paint } = await getFirstPaint(page);
      return {
        page,
        firstPaintMs: paint - origin,
        close: async () => {
          await page.close();
          await endProcess(child);
        },
      };
    },
    end: async () => {
      await browser.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Without a debugger on Electron's main process: it would slow the start. Chromium's own port costs nothing measurable. */
function stageElectron(): Opener {
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-perf-'));
  const app = path.join(folder, 'app');
  stageApp(app);
  const executable = process.env['TRIBUTARY_ELECTRON'];
  if (executable === undefined) throw new Error('Set TRIBUTARY_ELECTRON to an Electron executable.');
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    open: async (files) => {
      const startedAt = Date.now();
      const child = spawn(
        executable,
        [...sandbox, '--disable-gpu', '--remote-debugging-port=0', app, `--data-dir=${folder}/data`, ...files],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
          // The Electron of tests has no SQLite of its own; SQL runs in this Node, as in tests/desktop.
          env: { ...process.env, TRIBUTARY_QUERY_NODE: process.execPath },
        },
      );
      endWithUs(child);
      const endpoint = await findInOutput(child.stderr, /ws:\S+/);
      const browser = await chromium.connectOverCDP(endpoint);
      const page = await findPage(browser);
      const { paint } = await getFirstPaint(page);
      return {
        page,
        firstPaintMs: paint - startedAt,
        close: async () => {
          await browser.close();
          await endProcess(child);
        },
      };
    },
    end: () => Promise.resolve(rmSync(folder, { recursive: true, force: true, maxRetries: 5 })),
  };
}

function endWithUs(child: ChildProcess): void {
  const end = (): unknown => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}

async function findPage(browser: Browser): Promise<Page> {
  for (;;) {
    const page = browser.contexts().flatMap((context) => context.pages())[0];
    if (page !== undefined) return page;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Instants in ms since the epoch. */
async function getFirstPaint(page: Page): Promise<{ readonly origin: number; readonly paint: number }> {
  const after = await page.waitForFunction(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
  );
  const origin = await page.evaluate(() => performance.timeOrigin);
  return { origin, paint: origin + ((await after.jsonValue()) ?? 0) };
}

function findInOutput(stream: ChildProcess['stdout'], pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream?.on('data', (chunk: Buffer) => {
      text += String(chunk);
      const found = pattern.exec(text);
      if (found !== null) resolve(found[0]);
    });
    stream?.once('end', () => reject(new Error(`the program ended:\n${text}`)));
  });
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(late);
}
