import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';

/** What an analyst does in the SQL view: the same in the browser and in Electron, on a file and on a server. */
export interface SqlPlatform {
  readonly page: Page;
  /** Empty at first, for exports. */
  readonly folder: string;
  /** Answers whatever asks where to save, after `ask` has made it ask. */
  readonly saveAs: (file: string, ask: () => Promise<void>) => Promise<void>;
}

/** The browser asks in a dialog of ours. */
export const inBrowser = (page: Page, folder: string): SqlPlatform => ({
  page,
  folder,
  saveAs: async (file, ask) => {
    await ask();
    const dialog = page.getByRole('dialog', { name: 'Export to a file' });
    await dialog.getByLabel('Folder or file').fill(path.dirname(file));
    await dialog.getByLabel('Folder or file').press('Enter');
    await dialog.getByLabel('File name').fill(path.basename(file));
    await dialog.getByRole('button', { name: 'Export' }).click();
  },
});

export const view = (page: Page): Locator => page.getByRole('region', { name: 'SQL', exact: true });
export const editor = (page: Page): Locator => view(page).locator('.monaco-editor .view-lines');
export const about = (page: Page): Locator => page.getByRole('status', { name: 'About the result' });
export const cell = (page: Page, row: number, column: number): Locator =>
  view(page).locator(`.ag-row[row-index="${row}"] .ag-cell[col-id="${column}"]`);
const header = (page: Page, column: number): Locator => view(page).locator(`.ag-header-cell[col-id="${column}"]`);

export async function openEditor(page: Page): Promise<void> {
  await page.keyboard.press('ControlOrMeta+Shift+L');
  await expect(editor(page)).toBeVisible({ timeout: 20_000 });
  await expect(view(page).getByText('read-only: proved')).toBeVisible({ timeout: 20_000 });
}
/** Replaces the text as pasting does: without completion. */
export async function write(page: Page, text: string): Promise<void> {
  // A hover about what the pointer rests on would lie over the text.
  await page.mouse.move(0, 0);
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
}
export async function run(page: Page, text: string, rows: string): Promise<void> {
  await write(page, text);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(about(page)).toContainText(rows, { timeout: 120_000 });
}

async function exportExactly({ page, folder, saveAs }: SqlPlatform, name: string): Promise<string> {
  const file = path.join(folder, name);
  await saveAs(file, async () => {
    await view(page).getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'CSV, exact bytes' }).click();
  });
  await expect.poll(() => existsSync(file), { timeout: 180_000 }).toBe(true);
  return file;
}

/** Typed with completion, run, sorted, drawn, exported: `expected` = types with their numbers, most frequent first. */
export async function expectTypesCounted(
  platform: SqlPlatform,
  expected: readonly (readonly [string, number])[],
): Promise<void> {
  const { page } = platform;
  await editor(page).click();
  const offered = page.locator('.suggest-widget .monaco-list-row');
  await page.keyboard.type('SELECT event_type, count(*) AS n FROM glob', { delay: 15 });
  await expect(offered.filter({ hasText: 'global_events' }).first()).toContainText('rows');
  await page.keyboard.press('Enter');
  await page.keyboard.type(' e GROUP BY e.event_ty', { delay: 15 });
  await expect(offered.first()).toContainText('event_type');
  await page.keyboard.press('Enter');
  await page.keyboard.type(' ORDER BY 2 DESC', { delay: 5 });
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+Enter');

  await expect(about(page)).toContainText(`${expected.length} rows`);
  for (const [i, [type, n]] of expected.entries()) {
    await expect(cell(page, i, 0)).toHaveText(type);
    await expect(cell(page, i, 1)).toHaveText(String(n));
  }
  await header(page, 1).click();
  await expect(cell(page, 0, 1)).toHaveText(String(expected.at(-1)?.[1]));

  await view(page).getByText('Chart', { exact: true }).click();
  await expect(page.getByRole('application', { name: /Query 1/ })).toBeVisible();
  const table = view(page).getByRole('table', { name: /Query 1/ });
  await expect(table.getByRole('row').filter({ hasText: expected[0]?.[0] ?? '' })).toContainText(
    (expected[0]?.[1] ?? 0).toLocaleString('en'),
  );

  // As it is on the screen: the least first.
  await view(page).getByText('Rows', { exact: true }).click();
  await expect(cell(page, 0, 0)).toBeVisible();
  const lines = readFileSync(await exportExactly(platform, 'types.csv'), 'utf8').split('\r\n');
  expect(lines[0]).toBe('event_type,n');
  expect(new Set(lines.slice(1))).toEqual(new Set([...expected.map(([type, n]) => `${type},${n}`), '']));
}

const MANY = 10_000_000;
/** A prime: numbers mixed up, each of them once. */
const PRIME = 10_000_019;
const mixed = (i: number): number => (i * 7919) % PRIME;
const TEN_MILLION = {
  sqlite: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY}) SELECT i, (i * 7919) % ${PRIME} AS mixed FROM n`,
  postgres: `SELECT i, (i * 7919) % ${PRIME} AS mixed FROM generate_series(1, ${MANY}::bigint) AS n(i)`,
} as const;

/** Scrolled from end to end, each row the right one; sorted without a second run; exported byte for byte. */
export async function expectTenMillionRows(platform: SqlPlatform, dialect: keyof typeof TEN_MILLION): Promise<void> {
  const { page } = platform;
  await run(page, TEN_MILLION[dialect], '10,000,000 rows');
  await expect(view(page).getByRole('button', { name: 'Cancel' })).toBeHidden({ timeout: 180_000 });
  await expectBytes(await exportExactly(platform, 'all.csv'));

  await scrollThrough(page);
  await view(page)
    .locator('.ag-grid-viewport')
    .click({ position: { x: 120, y: 120 } });
  await page.keyboard.press('ControlOrMeta+ArrowDown');
  await expect(cell(page, MANY - 1, 1)).toHaveText(String(mixed(MANY)), { timeout: 30_000 });
  await page.keyboard.press('ControlOrMeta+ArrowUp');
  await expect(cell(page, 0, 1)).toHaveText(String(mixed(1)), { timeout: 30_000 });

  await header(page, 1).click();
  await expect(cell(page, 0, 1)).toHaveText('1', { timeout: 120_000 });
  await expect(about(page)).toContainText('10,000,000 rows');
}

const firstShown = (page: Page): Promise<number> =>
  view(page)
    .locator('.ag-grid-viewport .ag-row')
    .evaluateAll((rows) => Math.min(...rows.map((row) => Number(row.getAttribute('row-index')))));

/** With the wheel, and by throwing the thumb to other places. */
async function scrollThrough(page: Page): Promise<void> {
  const body = view(page).locator('.ag-grid-viewport');
  await body.hover();
  for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 400);
  for (const share of [0.1, 0.37, 0.5, 0.93]) {
    await body.evaluate((element, at) => (element.scrollTop = element.scrollHeight * at), share);
    await expect.poll(() => firstShown(page), { timeout: 30_000 }).toBeGreaterThan(MANY * share * 0.9);
    const row = await firstShown(page);
    await expect(cell(page, row + 3, 0)).toHaveText(String(row + 4), { timeout: 30_000 });
    await expect(cell(page, row + 3, 1)).toHaveText(String(mixed(row + 4)));
  }
}

/** What the rows are as CSV, computed here, against the file. */
async function expectBytes(file: string): Promise<void> {
  const wanted = createHash('sha256').update('i,mixed\r\n');
  for (let from = 1; from <= MANY; from += 10_000) {
    let part = '';
    for (let i = from; i < from + 10_000; i++) part += `${i},${mixed(i)}\r\n`;
    wanted.update(part);
  }
  const found = createHash('sha256');
  for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) found.update(part as Buffer);
  rmSync(file);
  expect(found.digest('hex')).toBe(wanted.digest('hex'));
}
