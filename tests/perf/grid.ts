// How a result of ten million rows scrolls in a real Chromium and a real Electron, and what the renderer takes meanwhile.
// Prints figures, asserts nothing.
//   node tests/perf/grid.ts [FILE] [--mode browser|electron] [--rows 10000000] [--seconds 8] [--profile OUT.cpuprofile]
// With FILE the rows are those of its `global_events`, else numbers and texts that a recursive statement makes.
// Electron needs a display (xvfb-run) and TRIBUTARY_ELECTRON. The window must be built (npm run build).
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Locator, Page } from '@playwright/test';
import { getOpener, type Mode } from './open-window.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string', default: 'browser' },
    rows: { type: 'string', default: '10000000' },
    seconds: { type: 'string', default: '8' },
    profile: { type: 'string' },
  },
});
const rows = Number(values.rows);
const [file] = positionals;
const SQL =
  file === undefined
    ? `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, (i * 7919) % 1000003 AS mixed, 'row ' || i AS name, i / 7.0 AS part, date(i * 60, 'unixepoch') AS day, '{"n":' || i || '}' AS json FROM n`
    : `SELECT * FROM global_events LIMIT ${rows}`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const round = (value: number): number => Math.round(value * 10) / 10;
const FRAME_MS = 1000 / 60;

/** Processor seconds and resident memory by the type of the program's processes. */
interface Usage {
  readonly seconds: Readonly<Record<string, number>>;
  /** Of the renderer: resident in whole, and its share of what it has in common with others; MB. */
  readonly rss: number;
  readonly pss: number;
  readonly heap: number;
}
interface Sessions {
  readonly page: CDPSession;
  readonly browser: CDPSession;
}

async function openSessions(page: Page): Promise<Sessions> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const browser = page.context().browser();
  if (browser === null) throw new Error('no browser');
  return { page: session, browser: await browser.newBrowserCDPSession() };
}

async function getUsage(sessions: Sessions): Promise<Usage> {
  const { processInfo } = await sessions.browser.send('SystemInfo.getProcessInfo');
  const seconds: Record<string, number> = {};
  let [rss, pss] = [0, 0];
  for (const { type, id, cpuTime } of processInfo) {
    seconds[type] = (seconds[type] ?? 0) + cpuTime;
    if (type !== 'renderer') continue;
    const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
    rss = Math.max(rss, Number(/Rss:\s+(\d+)/.exec(text)?.[1]) / 1000);
    pss = Math.max(pss, Number(/Pss:\s+(\d+)/.exec(text)?.[1]) / 1000);
  }
  const { metrics } = await sessions.page.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((m) => m.name === name)?.value ?? 0;
  for (const name of ['TaskDuration', 'ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'])
    seconds[name] = of(name);
  return { seconds, rss, pss, heap: of('JSHeapUsedSize') / 1e6 };
}

/** Counts frames, and those in which a row on the screen had no cells yet. */
const startFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const state = { frames: [] as number[], empty: 0, way: 0, running: true };
    const grid = document.querySelector('.ag-grid-viewport');
    let top = grid?.scrollTop ?? 0;
    (globalThis as { __frames?: typeof state }).__frames = state;
    let last = performance.now();
    const frame = (now: number): void => {
      state.frames.push(now - last);
      last = now;
      if (document.querySelector('.ag-row-loading') !== null) state.empty++;
      state.way += Math.abs((grid?.scrollTop ?? 0) - top);
      top = grid?.scrollTop ?? 0;
      if (state.running) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
const stopFrames = (page: Page): Promise<{ readonly frames: number[]; readonly empty: number; readonly way: number }> =>
  page.evaluate(() => {
    interface State {
      frames: number[];
      empty: number;
      way: number;
      running: boolean;
    }
    const state = (globalThis as unknown as { __frames: State }).__frames;
    state.running = false;
    return { frames: state.frames.slice(1), empty: state.empty, way: state.way };
  });

async function measure(page: Page, sessions: Sessions, label: string, gesture: () => Promise<void>): Promise<void> {
  const before = await getUsage(sessions);
  await startFrames(page);
  await gesture();
  const { frames, empty, way } = await stopFrames(page);
  const after = await getUsage(sessions);
  const sorted = frames.toSorted((a, b) => a - b);
  const total = frames.reduce((sum, ms) => sum + ms, 0);
  const late = frames.filter((ms) => ms > 34).length;
  console.log(
    `${label}: ${round((frames.length * 1000) / total)} frames/s over ${round(total / 1000)} s; p50 ${round(sorted[sorted.length >> 1] ?? 0)} ms, p95 ${round(sorted[Math.floor(sorted.length * 0.95)] ?? 0)} ms, most ${round(sorted.at(-1) ?? 0)} ms; ${late} over 34 ms; ${empty} with rows still empty; ${Math.round(way).toLocaleString('en')} px`,
  );
  const perFrame = Object.entries(after.seconds).map(
    ([name, seconds]) => `${name} ${round(((seconds - (before.seconds[name] ?? 0)) * 1000) / frames.length)}`,
  );
  console.log(`  processor ms a frame: ${perFrame.join(', ')}`);
  console.log(`  renderer: RSS ${round(after.rss)} MB, PSS ${round(after.pss)} MB, JS heap ${round(after.heap)} MB`);
}

const everyFrame = async (step: (share: number) => Promise<void>): Promise<void> => {
  const begun = performance.now();
  const length = Number(values.seconds) * 1000;
  for (let now = begun; now - begun < length; now = performance.now()) {
    await step((now - begun) / length);
    await pause(Math.max(0, FRAME_MS - (performance.now() - now)));
  }
};

const mode = values.mode as Mode;
const opener = await getOpener(mode);
try {
  const window = await opener.open(file === undefined ? [] : [path.resolve(file)]);
  const { page } = window;
  if (file === undefined) await page.getByRole('button', { name: /Explore the sample/ }).click();
  await page.getByRole('navigation', { name: 'Views' }).waitFor({ timeout: 300_000 });
  await page.keyboard.press('Control+Shift+L');
  const view = page.getByRole('region', { name: 'SQL', exact: true });
  await view.getByText('read-only: proved').waitFor({ timeout: 60_000 });
  await view.locator('.monaco-editor .view-lines').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(SQL);
  await page.keyboard.press('Control+Enter');
  await view.getByText(rows.toLocaleString('en'), { exact: true }).waitFor({ timeout: 600_000 });
  await page.getByText('Cancel').waitFor({ state: 'hidden', timeout: 600_000 });
  await measureScrolling(page, view);
  await window.close();
} finally {
  await opener.end();
}

async function measureScrolling(page: Page, view: Locator): Promise<void> {
  const sessions = await openSessions(page);
  await pause(2_000);
  const grid = view.locator('.ag-grid-viewport');
  const box = await grid.boundingBox();
  if (box === null) throw new Error('no grid');
  if (values.profile !== undefined) {
    await sessions.page.send('Profiler.enable');
    await sessions.page.send('Profiler.start');
  }
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await measure(page, sessions, `${mode}, wheel, a notch a frame`, () => everyFrame(() => page.mouse.wheel(0, 120)));
  await measure(page, sessions, `${mode}, wheel, fast`, () => everyFrame(() => page.mouse.wheel(0, 1_200)));
  // A bar that is an overlay cannot be pressed by a test: what pulling it does to the grid is done to it.
  await measure(page, sessions, `${mode}, thumb, to the end and back`, () =>
    everyFrame((share) =>
      grid.evaluate(
        (e, at) => void (e.scrollTop = at * (e.scrollHeight - e.clientHeight)),
        1 - Math.abs(1 - 2 * share),
      ),
    ),
  );
  const text = await view.locator('.ag-row .ag-cell[col-id="#"]').first().innerText();
  console.log(`  at row ${text} at the end`);
  if (values.profile === undefined) return;
  const { profile } = await sessions.page.send('Profiler.stop');
  writeFileSync(values.profile, JSON.stringify(profile));
}
