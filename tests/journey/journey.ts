import { expect, type Locator, type Page } from '@playwright/test';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { AnalysisDocument, FunnelResult } from '../../protocol/index.ts';
import { askCommandLine, readCsv, type Harness } from './harness.ts';

/** Steps of the analyst's journey, each by what a user sees and touches. */
export const mod = 'ControlOrMeta';

export async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Explore the sample/ }).click();
  await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible({ timeout: 20_000 });
}

export async function goTo(page: Page, view: string, digit: number): Promise<void> {
  await page.keyboard.press(`${mod}+${digit}`);
  await expect(page.getByRole('region', { name: view, exact: true })).toBeVisible();
}

/** Nothing moves: a colour on its way to another is neither. */
export async function untilStill(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(
        () => document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).length,
      ),
    )
    .toBe(0);
}

export const bars = (page: Page): Locator =>
  page.getByRole('group', { name: /^Funnel\. Arrow keys/ }).getByRole('button', { name: /^Step \d/ });
export const drops = (page: Page): Locator =>
  page.getByRole('group', { name: /^Funnel\. Arrow keys/ }).getByRole('button', { name: /^Dropped/ });

export const samplePath = (harness: Pick<Harness, 'dataDir'>): string => {
  const folder = path.join(harness.dataDir, 'sample');
  const name = readdirSync(folder).find((file) => file.endsWith('.db'));
  if (name === undefined) throw new Error('the sample was not made');
  return path.join(folder, name);
};

/** Numbers as the bars say them: `Actors: 3,996`. */
export async function readCounts(marks: Locator): Promise<number[]> {
  const labels = await marks.evaluateAll((elements) => elements.map((e) => e.getAttribute('aria-label') ?? ''));
  return labels.map((label) => Number(/Actors: ([\d,]+)/.exec(label)?.[1]?.replaceAll(',', '') ?? Number.NaN));
}

/** Mouse: replaces the event of a step by picking from the list. */
export async function pickEventByMouse(page: Page, step: number, event: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^Event of step ${step}:`) }).click();
  await page.getByRole('option', { name: new RegExp(`^${event}`) }).click();
}

/** Keyboard only: from a step's handle, `+`, type, Enter. */
export async function addStepByKeyboard(page: Page, event: string): Promise<void> {
  await page.getByRole('button', { name: /^Step 1 of/ }).focus();
  await page.keyboard.press('+');
  await expect(page.locator('input:focus')).toHaveAttribute('aria-label', /^Search: Event of step/);
  await page.keyboard.type(event);
  await page.keyboard.press('Enter');
}

/** The window's numbers are those of the command line for the same document. */
export async function expectSameAsCommandLine(harness: Harness, analysis: AnalysisDocument): Promise<FunnelResult> {
  const answer = (await askCommandLine(samplePath(harness), analysis)) as FunnelResult;
  const counts = answer.steps.map((step) => step.count);
  await expect.poll(() => readCounts(bars(harness.page))).toEqual(counts);
  return answer;
}

/** A click on a drop-off opens exactly that many actors, and their CSV has exactly that many rows. */
export async function expectDropOpensItsActors(harness: Harness, index: number): Promise<void> {
  const { page } = harness;
  const [count] = await readCounts(drops(page).nth(index));
  await drops(page).nth(index).click();
  const list = page.getByRole('tabpanel', { name: 'Actors' });
  await expect(list).toContainText(`${count?.toLocaleString('en')} actors`);
  const file = await harness.exported(() =>
    list.getByRole('button', { name: new RegExp(`Export ${count?.toLocaleString('en')} actors`) }).click(),
  );
  expect(file.name).toMatch(/\.csv$/);
  expect(readCsv(file.bytes.toString('utf8'))).toHaveLength((count ?? 0) + 1);
}

export async function exportFunnel(harness: Harness, item: string): Promise<{ name: string; bytes: Buffer }> {
  return harness.exported(async () => {
    await harness.page
      .getByRole('region', { name: 'Funnel', exact: true })
      .getByRole('button', { name: 'Export' })
      .click();
    await harness.page.getByRole('menuitem', { name: item }).click();
  });
}

export async function expectExports(harness: Harness, answer: FunnelResult): Promise<void> {
  const png = await exportFunnel(harness, 'Save PNG');
  expect(png.name).toMatch(/^tributary-.*\d{4}-\d{2}-\d{2}T\d{4}\.png$/);
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  // Twice the size on screen, and not an empty sheet.
  expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(1_000);
  expect(png.bytes.length).toBeGreaterThan(10_000);
  const svg = await exportFunnel(harness, 'Save SVG');
  expect(svg.bytes.toString('utf8')).toMatch(/^(<\?xml[^>]*>\s*)?<svg[\s\S]*<\/svg>\s*$/);
  expect(svg.bytes.toString('utf8')).not.toContain('var(--');
  const csv = await exportFunnel(harness, 'Save CSV');
  const rows = readCsv(csv.bytes.toString('utf8'));
  const column = rows[0]?.indexOf('count') ?? -1;
  expect(column).toBeGreaterThanOrEqual(0);
  expect(rows.slice(1).map((row) => Number(row[column]))).toEqual(answer.steps.map((step) => step.count));
}

/** Saves, changes something, opens again: the saved state is back. */
export async function expectWorkspaceReturns(harness: Harness, file: string): Promise<void> {
  const { page } = harness;
  await harness.saveWorkspaceAs(file);
  await expect.poll(() => existsSync(file)).toBe(true);
  const saved = JSON.parse(readFileSync(file, 'utf8')) as { kind: string; analyses: Record<string, unknown> };
  expect(saved.kind).toBe('tributary-workspace');
  const before = await readCounts(bars(page));
  await page.getByRole('tab', { name: 'Rules' }).click();
  await page.getByText('Strict', { exact: true }).click();
  await expect.poll(() => readCounts(bars(page))).not.toEqual(before);
  await harness.openWorkspace(file);
  // There is unsaved work now: the window asks before it is lost.
  await page.getByRole('button', { name: 'Discard changes' }).click();
  // Its answer is known and there at once: what comes next would meet the dialog on its way out.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(() => readCounts(bars(page)), { timeout: 15_000 }).toEqual(before);
}

/** Drags the as-of handle into the past: fewer actors, and an undoable document. */
export async function expectAsOfFollowsTheHand(page: Page): Promise<void> {
  const before = await readCounts(bars(page));
  const handle = page.getByRole('slider', { name: /As of/ });
  const box = await handle.boundingBox();
  const strip = await page.getByRole('group', { name: 'Time' }).boundingBox();
  if (box === null || strip === null) throw new Error('no as-of handle on the strip');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let i = 1; i <= 10; i++)
    await page.mouse.move(box.x + box.width / 2 - (i * strip.width) / 40, box.y + box.height / 2);
  await page.mouse.up();
  await expect.poll(async () => (await readCounts(bars(page)))[0] ?? 0).toBeLessThan(before[0] ?? 0);
  // A drag is one undo step as long as the hand pauses less than a second: a slow machine may make two of it.
  await expect(async () => {
    await page.keyboard.press(`${mod}+z`);
    await expect.poll(() => readCounts(bars(page)), { timeout: 3_000 }).toEqual(before);
  }).toPass({ timeout: 15_000 });
}

/** The engine goes away under the window: the window says so or hides it well, and answers new questions soon after. */
export async function expectEngineComesBack(harness: Harness): Promise<void> {
  const { page } = harness;
  const before = await readCounts(bars(page));
  await harness.breakEngine();
  // What was on the screen stays there while the engine starts again.
  expect(await readCounts(bars(page))).toEqual(before);
  await page.getByRole('tab', { name: 'Rules' }).click();
  await page.getByText('Any order', { exact: true }).click();
  await expect.poll(async () => (await readCounts(bars(page))).join(), { timeout: 20_000 }).not.toBe(before.join());
  await page.keyboard.press(`${mod}+z`);
  await expect.poll(() => readCounts(bars(page))).toEqual(before);
}
