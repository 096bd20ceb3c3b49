// How fast the window is, in a real Chromium and a real Electron. Prints figures, asserts nothing.
// Without FILE: only the starts.
//   node tests/perf/window.ts [FILE] [--mode browser|electron] [--steps 200] [--view funnel|flow]
// Electron needs a display (xvfb-run) and TRIBUTARY_ELECTRON. The window must be built (npm run build).
import { parseArgs } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { getOpener, type Mode } from './open-window.ts';
import { startRecording, stopRecording, type DragRecord } from './recorder.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string', default: 'browser' },
    steps: { type: 'string', default: '200' },
    starts: { type: 'string', default: '5' },
    view: { type: 'string', multiple: true, default: ['funnel', 'flow'] },
  },
});
const [file] = positionals;
const steps = Number(values.steps);
const VIEW_KEYS: Readonly<Record<string, string>> = { funnel: '2', flow: '3', journey: '4' };
/** What is there when a view shows its answer. */
const DRAWN: Readonly<Record<string, string>> = {
  funnel: '[aria-label^="Funnel. Arrow keys"]',
  flow: '[data-sankey] svg',
  journey: '[data-sankey] svg',
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
const round = (ms: number): number => Math.round(ms * 10) / 10;
const summarize = (all: readonly number[]): string => {
  const sorted = all.toSorted((a, b) => a - b);
  return `p50 ${round(percentile(sorted, 0.5))} ms, p95 ${round(percentile(sorted, 0.95))} ms, most ${round(sorted.at(-1) ?? Number.NaN)} ms`;
};
function report(label: string, record: DragRecord): void {
  const { latencies, longTasks } = record;
  console.log(
    `${label}: pointer to drawn answer ${summarize(latencies)} (${latencies.length} moves, ${record.draws} draws, ${record.unanswered} unanswered)`,
  );
  console.log(
    `  frames ${summarize(record.frames)}; long tasks ${longTasks.length}${longTasks.length === 0 ? '' : `: ${longTasks.map((t) => Math.round(t.duration)).join(', ')} ms`}`,
  );
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const FRAME_MS = 1000 / 60;
/** Processor time of the main thread, s: unlike the clock it does not depend on what else the machine does. */
async function openCpuClock(page: Page): Promise<() => Promise<Record<string, number>>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name: string): number => metrics.find((m) => m.name === name)?.value ?? 0;
    return {
      task: of('TaskDuration'),
      script: of('ScriptDuration'),
      style: of('RecalcStyleDuration'),
      layout: of('LayoutDuration'),
    };
  };
}

/** Moves the pressed pointer along a line, one step a frame as a hand does, there and back. */
async function drag(page: Page, from: { x: number; y: number }, distance: number): Promise<DragRecord> {
  const getCpu = await openCpuClock(page);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await startRecording(page);
  const before = await getCpu();
  for (let i = 1; i <= steps; i++) {
    const begun = performance.now();
    const way = i <= steps / 2 ? i / (steps / 2) : 2 - i / (steps / 2);
    await page.mouse.move(from.x + way * distance, from.y);
    await pause(Math.max(0, FRAME_MS - (performance.now() - begun)));
  }
  const after = await getCpu();
  await pause(1_500);
  const record = await stopRecording(page);
  console.log(
    `  CPU of the page's main thread a step: ${Object.entries(after)
      .map(([name, seconds]) => `${name} ${round(((seconds - (before[name] ?? 0)) * 1000) / steps)} ms`)
      .join(', ')}`,
  );
  await page.mouse.up();
  await pause(500);
  return record;
}

async function measureView(page: Page, view: string): Promise<void> {
  await page.keyboard.press(`Control+${VIEW_KEYS[view] ?? '2'}`);
  await page
    .locator(DRAWN[view] ?? 'main')
    .first()
    .waitFor({ timeout: 120_000 });
  await pause(1_000);
  const strip = await page.locator('fieldset fieldset').boundingBox();
  const handle = await page.getByRole('slider', { name: 'As of' }).boundingBox();
  if (strip === null || handle === null) throw new Error('no strip');
  const middle = strip.y + strip.height / 2;
  // Its flag: below it, the edge of the range is nearer.
  report(`${view}, as of`, await drag(page, { x: handle.x + handle.width / 2, y: handle.y + 3 }, -strip.width * 0.8));
  await page
    .getByRole('button', { name: 'Now', exact: true })
    .click({ force: true })
    .catch(() => undefined);
  await pause(1_000);
  report(`${view}, range`, await drag(page, { x: strip.x + strip.width * 0.3, y: middle }, strip.width * 0.5));
  await page.mouse.dblclick(strip.x + strip.width / 2, middle);
  await pause(500);
}

const mode = values.mode as Mode;
const opener = await getOpener(mode);
try {
  const paints: number[] = [];
  for (let i = 0; i <= Number(values.starts); i++) {
    const window = await opener.open([]);
    if (i > 0) paints.push(window.firstPaintMs); // the first start is a cold one
    await window.page.getByRole('button', { name: /Explore the sample/ }).waitFor();
    await window.close();
  }
  console.log(`${mode}: start to first paint, warm: ${summarize(paints)}`);

  if (file !== undefined) await measureFile(file);
} finally {
  await opener.end();
}

async function measureFile(source: string): Promise<void> {
  const opened = Date.now();
  const first = await opener.open([path.resolve(source)]);
  await first.page.getByRole('navigation', { name: 'Views' }).waitFor({ timeout: 300_000 });
  console.log(`${mode}: process start to workbench, first open: ${Date.now() - opened} ms`);
  // The latest rows alone are another, smaller source: what is dragged is all of them.
  await first.page.getByLabel('Partial answers').waitFor({ state: 'hidden', timeout: 600_000 });
  console.log(`${mode}: to all rows: ${Date.now() - opened} ms`);
  for (const view of values.view) await measureView(first.page, view);
  await first.close();
  // Known now: how fast does it come back?
  await reportReopen(source);
  await reportRecent(source);
}

/** From the start of the program to the funnel of a source that it has seen before. */
async function reportReopen(source: string): Promise<void> {
  const begun = Date.now();
  const window = await opener.open([path.resolve(source)]);
  await window.page.getByRole('navigation', { name: 'Views' }).waitFor({ timeout: 300_000 });
  const opened = Date.now();
  await window.page.keyboard.press('Control+2');
  await window.page
    .locator(DRAWN['funnel'] ?? '')
    .first()
    .waitFor({ timeout: 120_000 });
  console.log(
    `${mode}: known source: process start to workbench ${opened - begun} ms, then to the funnel ${Date.now() - opened} ms`,
  );
  await window.close();
}

/** From the click on a recent workspace, whose source was seen before, to its funnel painted: nothing else is open. */
async function reportRecent(source: string): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-perf-recent-'));
  const file = path.join(folder, 'recent.tributary.json');
  const [timezone, none] = ['UTC', { from: null, to: null }];
  const layout = { rightPanelOpen: true, rightPanelWidth: 320 };
  const ref = { kind: 'sqlite', path: path.resolve(source) };
  const fixed = { kind: 'tributary-workspace', version: 1, asOf: null, knownAt: null, analyses: {}, saved: [] };
  writeFileSync(file, JSON.stringify({ ...fixed, source: ref, timezone, range: none, view: 'funnel', layout }));
  const drawn = DRAWN['funnel'] ?? '';
  const taken: number[] = [];
  try {
    const first = await opener.open([file]);
    await first.page.locator(drawn).first().waitFor({ timeout: 120_000 });
    await first.close();
    for (let i = 0; i < Number(values.starts); i++) {
      const window = await opener.open([]);
      const recent = window.page.getByRole('button', { name: /^Open recent\.tributary/ }).first();
      await recent.waitFor();
      await pause(1_500); // what is fetched at rest is here
      const click = recent.evaluate(
        (button, selector) =>
          new Promise<number>((resolve) => {
            const begun = performance.now();
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.now() - begun);
            const look = (): void => {
              if (document.querySelector(selector) === null) requestAnimationFrame(look);
              else port2.postMessage(null); // delivered after this frame was painted
            };
            (button as HTMLElement).click();
            requestAnimationFrame(look);
          }),
        drawn,
      );
      taken.push(await click);
      await window.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${mode}: click on a recent workspace to its funnel: ${summarize(taken)} (${taken.length} times)`);
}
