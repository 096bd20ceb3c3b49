import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import type { AnalysisDocument } from '../../protocol/index.ts';
import { askCommandLine, readCsv, root, type Harness } from '../journey/harness.ts';
import * as journey from '../journey/journey.ts';
import { expect, test } from './fixture.ts';

const grouped = (n: number): string => n.toLocaleString('en');
const view = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });

/** The document behind what is on the screen, as the user can copy it. */
async function readAnalysis(page: Page, name: string): Promise<AnalysisDocument> {
  await view(page, name).getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'View analysis as JSON' }).click();
  const text = await page.getByLabel('Analysis as JSON', { exact: true }).innerText();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  return JSON.parse(text) as AnalysisDocument;
}

async function ask<T extends AnalysisDocument['type']>(harness: Harness, name: string, type: T) {
  const analysis = await readAnalysis(harness.page, name);
  expect(analysis.type).toBe(type);
  const answer = await askCommandLine(journey.samplePath(harness), analysis);
  if (answer.type !== type) throw new Error(`asked for ${type}, got ${answer.type}`);
  return answer as Extract<typeof answer, { type: T }>;
}

/** The list says `count`, and its file has as many actors. */
async function expectActors(harness: Harness, count: number): Promise<void> {
  const list = harness.page.getByRole('tabpanel', { name: 'Actors' });
  const button = list.getByRole('button', { name: new RegExp(`^Export ${grouped(count)} actors?$`) });
  await expect(button).toBeVisible();
  const file = await harness.exported(() => button.click());
  expect(
    new Set(
      readCsv(file.bytes.toString('utf8'))
        .slice(1)
        .map((row) => row[0]),
    ).size,
  ).toBe(count);
}

/** Runs a copied command in a shell, with `tributary` being the program that was built. */
async function runInShell(command: string): Promise<unknown> {
  const script = `tributary() { "$NODE" "$PROGRAM" "$@"; }\n${command}`;
  const env = { ...process.env, NODE: process.execPath, PROGRAM: path.join(root, 'out/main/tributary.js') };
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { env, maxBuffer: 64_000_000 });
  return JSON.parse(stdout);
}

/** By keyboard: focus, move, Enter. */
async function walk(chart: Locator, ...keys: string[]): Promise<void> {
  await chart.focus();
  for (const key of keys) await chart.press(key);
}
const summary = (page: Page, name: string, row: string): Locator =>
  view(page, name).getByRole('table').getByRole('row').filter({ hasText: row }).first();

test.beforeEach(async ({ harness }) => {
  test.setTimeout(120_000);
  await journey.openSample(harness.page);
});

test('flow: links, branch and step matrix are the command line’s', async ({ harness }) => {
  const { page } = harness;
  await journey.goTo(page, 'Flow', 3);
  const flow = await ask(harness, 'Flow', 'flow');
  const [edge] = flow.edges;
  if (edge === undefined) throw new Error('no edges');
  const [start] = flow.nodes;
  const drawing = page.getByRole('application', { name: /^Flow of/ });
  await expect(
    summary(page, 'Flow', `${edge.step}. ${edge.from}${edge.step + 1}. ${edge.to}${grouped(edge.count)}`),
  ).toHaveCount(1);

  await walk(drawing, 'Home', 'Enter');
  await page.getByRole('menuitem', { name: `Show ${grouped(start?.actors ?? 0)} actors` }).click();
  await expectActors(harness, start?.actors ?? 0);

  await walk(drawing, 'Home', 'ArrowRight', 'Shift+Enter');
  const path = page.getByRole('group', { name: 'Chosen path' });
  await expect(path).toContainText('→');
  await path.getByRole('button', { name: 'Show its actors' }).click();
  const first = flow.edges.filter((e) => e.step === 1 && e.from === start?.name).map((e) => e.actors);
  // The list is empty until its first page is there.
  await expect(page.getByRole('button', { name: /^Export [1-9]/ })).toBeVisible();
  const shown = await page
    .getByRole('tabpanel', { name: 'Actors' })
    .getByRole('button', { name: /^Export/ })
    .innerText();
  expect(first.map((n) => `Export ${grouped(n)} actors`)).toContain(shown);
  await drawing.press('Escape');
  await expect(path).toBeHidden();

  await page.getByText('Step matrix', { exact: true }).click();
  const matrix = await ask(harness, 'Flow', 'stepMatrix');
  await walk(page.getByRole('application', { name: /by event and step/ }), 'Home', 'Enter');
  const most = Math.max(...Object.values(matrix.share).map((row) => row[0] ?? 0));
  await expectActors(harness, Math.round(most * matrix.actorCount));
});

test('retention: cohorts and their returns are the command line’s', async ({ harness }) => {
  const { page } = harness;
  await journey.goTo(page, 'Retention', 5);
  const retention = await ask(harness, 'Retention', 'retention');
  const returned = retention.matrix[0]?.[1] ?? 0;
  expect(returned).toBeGreaterThan(0);
  await view(page, 'Retention').getByText('Counts', { exact: true }).click();
  await expect(view(page, 'Retention').getByRole('table').first().getByRole('row').nth(1)).toContainText(
    (retention.matrix[0] ?? []).map(grouped).join(''),
  );
  await walk(page.getByRole('application', { name: /^Cohorts by/ }), 'Home', 'ArrowRight', 'Enter');
  await expectActors(harness, returned);
});

test('rollups: events and unique actors are the command line’s', async ({ harness }) => {
  const { page } = harness;
  await journey.goTo(page, 'Rollups', 6);
  const rollup = await ask(harness, 'Rollups', 'rollup');
  const [series] = rollup.series;
  if (series === undefined) throw new Error('no series');
  const row = page.getByRole('region', { name: 'Table: Series' }).getByRole('row').filter({ hasText: series.value });
  await expect(row).toContainText(grouped(series.totalEvents));
  await expect(row).toContainText(grouped(series.totalActors));
  await row.getByRole('button').click();
  await expectActors(harness, series.totalActors);
});

test('journey: stage sizes are the command line’s', async ({ harness }) => {
  const { page } = harness;
  await journey.goTo(page, 'Journey', 4);
  const answer = await ask(harness, 'Journey', 'journey');
  for (const state of answer.states)
    await expect(view(page, 'Journey').getByRole('button', { name: new RegExp(`^${state}`) })).toContainText(
      grouped(answer.sizes[state] ?? 0),
    );
  const [state = ''] = answer.states;
  await view(page, 'Journey')
    .getByRole('button', { name: new RegExp(`^${state}`) })
    .click();
  await expectActors(harness, answer.sizes[state] ?? 0);
});

test('what is copied is what is shown: command, table, picture', async ({ harness, context }) => {
  const { page } = harness;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await journey.goTo(page, 'Retention', 5);
  const retention = await ask(harness, 'Retention', 'retention');
  const copy = async (item: string, done: string): Promise<void> => {
    await view(page, 'Retention').getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect(page.getByText(done)).toBeVisible();
  };
  await copy('Copy CSV', 'Table copied');
  const csv = readCsv(await page.evaluate(() => navigator.clipboard.readText()));
  expect(csv.length).toBe(retention.matrix.length + 1);
  await copy('Copy as CLI command', 'Command copied');
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(await runInShell(command)).toMatchObject({ type: 'retention', matrix: retention.matrix });
  await copy('Copy image', 'Image copied');
  const types = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
  expect(types).toContain('image/png');
});
