import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Locator, Page } from '@playwright/test';
import * as journey from '../journey/journey.ts';
import { expect, test } from './fixture.ts';

const view = (page: Page): Locator => page.getByRole('region', { name: 'SQL', exact: true });
const editor = (page: Page): Locator => view(page).locator('.monaco-editor .view-lines');
const about = (page: Page): Locator => page.getByRole('status', { name: 'About the result' });
const cell = (page: Page, row: number, column: number): Locator =>
  view(page).locator(`.ag-row[row-index="${row}"] .ag-cell[col-id="${column}"]`);

async function openEditor(page: Page): Promise<void> {
  await page.keyboard.press('ControlOrMeta+Shift+L');
  await expect(editor(page)).toBeVisible({ timeout: 20_000 });
  await expect(view(page).getByText('read-only: proved')).toBeVisible({ timeout: 20_000 });
}
/** Replaces the text as pasting does: without completion. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
}
async function run(page: Page, text: string, rows: string): Promise<void> {
  await write(page, text);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(about(page)).toContainText(rows, { timeout: 30_000 });
}
const inSample = <T>(dataDir: string, read: (db: Database.Database) => T): T => {
  const db = new Database(journey.samplePath({ dataDir } as never), { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
};

let folder = '';
test.beforeEach(async ({ harness }) => {
  test.setTimeout(120_000);
  folder = mkdtempSync(path.join(tmpdir(), 'tributary-sql-'));
  await journey.openSample(harness.page);
  await openEditor(harness.page);
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('typed with completion, run, sorted, drawn and exported', async ({ harness }) => {
  const { page, dataDir } = harness;
  const expected = inSample(dataDir, (db) =>
    db.prepare('SELECT event_type, count(*) AS n FROM global_events GROUP BY event_type ORDER BY n DESC').raw().all(),
  ) as [string, number][];

  await editor(page).click();
  const offered = page.locator('.suggest-widget .monaco-list-row');
  await page.keyboard.type('SELECT event_type, count(*) AS n FROM glob', { delay: 15 });
  await expect(offered.filter({ hasText: 'global_events' })).toContainText('rows');
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
  const header = view(page).locator('.ag-header-cell[col-id="1"]');
  await header.click();
  await expect(cell(page, 0, 1)).toHaveText(String(expected.at(-1)?.[1]));

  await view(page).getByText('Chart', { exact: true }).click();
  await expect(page.getByRole('application', { name: /Query 1/ })).toBeVisible();
  const table = view(page).getByRole('table', { name: /Query 1/ });
  await expect(table.getByRole('row').filter({ hasText: expected[0]?.[0] ?? '' })).toContainText(
    (expected[0]?.[1] ?? 0).toLocaleString('en'),
  );

  await view(page).getByText('Rows', { exact: true }).click();
  await expect(cell(page, 0, 0)).toBeVisible();
  const file = path.join(folder, 'types.csv');
  await view(page).getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'CSV, exact bytes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export to a file' });
  await dialog.getByLabel('Folder or file').fill(folder);
  await dialog.getByLabel('Folder or file').press('Enter');
  await dialog.getByLabel('File name').fill('types.csv');
  await dialog.getByRole('button', { name: 'Export' }).click();
  await expect.poll(() => existsSync(file)).toBe(true);
  const lines = readFileSync(file, 'utf8').split('\r\n');
  expect(lines).toEqual(['event_type,n', ...expected.map(([type, n]) => `${type},${n}`), '']);
});

test('a million rows: scrolled to the end, sorted without a second run, copied', async ({ harness, context }) => {
  const { page } = harness;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const million =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i, (i * 7919) % 1000003 AS mixed, 'row ' || i AS name FROM n";
  await run(page, million, '1,000,000 rows');
  await expect(page.getByText('Cancel')).toBeHidden({ timeout: 60_000 });
  await cell(page, 0, 0).click();
  await page.keyboard.press('ControlOrMeta+ArrowDown');
  await expect(cell(page, 999_999, 2)).toHaveText('row 1000000');

  await page.keyboard.press('ControlOrMeta+ArrowUp');
  await expect(cell(page, 0, 2)).toHaveText('row 1');
  await view(page).locator('.ag-header-cell[col-id="1"]').click();
  await expect(cell(page, 0, 1)).toHaveText('1', { timeout: 30_000 });
  await cell(page, 0, 1).click();
  await cell(page, 1, 2).click({ modifiers: ['Shift'] });
  await page.keyboard.press('ControlOrMeta+C');
  await expect(page.getByText('4 cells copied')).toBeVisible({ timeout: 20_000 });
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split('\n')[0]).toBe('mixed\tname');
  expect(copied.split('\n')[1]).toMatch(/^1\trow \d+$/);
});

test('the actors of a result are those of the funnel, until undone', async ({ harness }) => {
  const { page } = harness;
  await run(page, 'SELECT user_id, count(*) AS n FROM shops GROUP BY 1 ORDER BY 1 LIMIT 25', '25 rows');
  await view(page).getByRole('button', { name: 'Use as' }).click();
  await page.getByRole('menuitem', { name: 'user_id' }).click();
  await expect(page.getByRole('region', { name: 'Funnel', exact: true })).toBeVisible();
  await expect(page.getByText('Only these 25 actors are counted now')).toBeVisible();
  await expect(page.getByLabel(/^Funnel. Arrow keys/)).toBeVisible();
  await expect(page.getByRole('button', { name: /25/ }).first()).toBeVisible({ timeout: 15_000 });
});

test('the event table is checked, each finding with its statement', async ({ harness }) => {
  const { page } = harness;
  await page.getByRole('button', { name: 'Quality of the event table' }).click();
  const report = page.getByRole('dialog', { name: 'Quality of the event table' });
  const first = report.getByRole('row').nth(1);
  await expect(first).toContainText('%', { timeout: 30_000 });
  const name = (await first.getByRole('button').innerText()).trim();
  await first.getByRole('button').click();
  await expect(page.getByRole('tab', { name })).toBeVisible();
  await expect(editor(page)).toContainText('global_events');
});

test('what may not run is marked while it is typed, and refused', async ({ harness }) => {
  const { page, dataDir } = harness;
  await write(page, 'SELECT nonsense FROM users;\nDELETE FROM users');
  await expect(view(page).locator('.squiggly-error')).not.toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByRole('region', { name: 'Result', exact: true }).getByRole('alert')).toContainText('E_REFUSED');
  expect(inSample(dataDir, (db) => db.prepare('SELECT count(*) FROM users').pluck().get())).toBeGreaterThan(0);
});

test('parameters come from the range, or are asked', async ({ harness }) => {
  const { page, dataDir } = harness;
  const expected = inSample(dataDir, (db) =>
    db.prepare("SELECT count(*) FROM global_events WHERE event_type = 'shop_created'").pluck().get(),
  );
  await write(
    page,
    'SELECT count(*) FROM global_events WHERE event_time >= :from AND event_time < :to AND event_type = :type',
  );
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByText('Give each a value, then run.')).toBeVisible();
  await page.getByLabel('Value of type').fill('shop_created');
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(cell(page, 0, 0)).toHaveText(String(expected));
});

test('tabs, saved queries and history are there after a restart', async ({ harness }) => {
  const { page } = harness;
  await run(page, 'SELECT 41 + 1 AS answer', '1 row');
  await page.getByRole('button', { name: 'Save the query' }).click();
  await page.getByLabel('Name of the query').fill('The answer');
  await page.getByLabel('Name of the query').press('Enter');
  await expect(page.getByRole('tab', { name: 'The answer' })).toBeVisible();
  await page.getByRole('button', { name: 'New SQL tab' }).click();
  await write(page, 'SELECT 2 AS two');
  await expect(editor(page)).toContainText('two');
  await page.waitForTimeout(400);
  const file = path.join(folder, 'kept.tributary.json');
  await harness.saveWorkspaceAs(file);
  await expect.poll(() => existsSync(file)).toBe(true);

  await page.reload();
  await page.getByRole('heading').first().waitFor();
  await harness.openWorkspace(file);
  await expect(editor(page)).toContainText('two', { timeout: 20_000 });
  await page.getByRole('tab', { name: 'The answer' }).click();
  await expect(editor(page)).toContainText('41');
  await page.getByText('History', { exact: true }).click();
  await expect(page.getByRole('complementary', { name: 'SQL side' })).toContainText('SELECT 41 + 1 AS answer');
});

test('a funnel opened in SQL gives its own numbers', async ({ harness }) => {
  const { page } = harness;
  await journey.goTo(page, 'Funnel', 2);
  await expect(journey.bars(page).first()).toBeVisible({ timeout: 20_000 });
  const counts = await journey.readCounts(journey.bars(page));
  await page.getByRole('region', { name: 'Funnel', exact: true }).getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'Open in SQL' }).click();
  await expect(editor(page)).toBeVisible({ timeout: 20_000 });
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+Enter');
  for (const [i, count] of counts.entries())
    await expect(cell(page, i, 4)).toHaveText(String(count), { timeout: 20_000 });
});
