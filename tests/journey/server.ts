import { expect, type Locator, type Page } from '@playwright/test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FunnelResult } from '../../protocol/index.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { askCommandLine, root } from './harness.ts';
import { bars, goTo, mod, readCounts } from './journey.ts';

/** A team's store on a real server, and what an analyst does with it: the same in the browser and in Electron. */
export interface Store {
  readonly server: TestPostgres;
  /** The store's events as a file. */
  readonly sample: string;
  readonly address: string;
  /** As another program commits it: an account that nobody had, later than all other events. */
  readonly insert: (actor: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

type Address = Pick<Store, 'address'>;
const DATABASE = 'shop';
export const tributary = (args: readonly string[]): void => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'out/main/tributary.js'), ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
};

/** A cluster with a store of our own model that holds a small sample. */
export async function startStore(): Promise<Store> {
  const server = await startPostgres();
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-store-'));
  const sample = path.join(folder, 'sample.db');
  const url = server.url(await server.createDatabase(DATABASE));
  tributary(['sample', '--out', sample, '--users', '200']);
  tributary(['migrate', url, 'up']);
  tributary(['load', url, sample]);
  return {
    server,
    sample,
    address: `postgres://postgres@127.0.0.1:${server.port}/${DATABASE}`,
    insert: async (actor) => {
      await server.query(
        `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata)
         SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), gen_random_uuid(), t, 'account_created',
           jsonb_build_object('user_id', '${actor}')
         FROM (SELECT max(event_time) + interval '1 second' AS t FROM global_events) latest`,
        DATABASE,
      );
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The form, filled from a pasted address. */
export async function fillForm(page: Page, { address }: Address, name = 'Team store'): Promise<Locator> {
  await page.getByRole('button', { name: 'Connect to Postgres…' }).click();
  const form = page.getByRole('dialog', { name: 'Connect to Postgres' });
  await form.getByLabel('Paste an address').fill(address);
  await form.getByLabel('Paste an address').press('Enter');
  await expect(form.getByLabel('Database')).toHaveValue(new URL(address).pathname.slice(1));
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.locator('label', { hasText: 'Production' }).click();
  return form;
}
export const passwordOf = (form: Locator): Locator => form.getByLabel('Password', { exact: true });

export async function connect(page: Page, store: Address, name?: string): Promise<void> {
  const form = await fillForm(page, store, name);
  await passwordOf(form).fill(PASSWORD);
  await form.getByRole('button', { name: 'Save and connect' }).click();
  await expect(page.getByRole('banner')).toHaveAttribute('data-environment', 'production');
}

export const status = (page: Page): Locator => page.getByRole('contentinfo', { name: 'Status' });
export const funnel = (page: Page): Locator => page.getByRole('region', { name: 'Funnel', exact: true });

export async function chooseWay(page: Page, way: string): Promise<void> {
  await status(page)
    .getByRole('button', { name: /threads?/ })
    .click();
  const sheet = page.getByRole('dialog').filter({ hasText: 'Memory of the engine' });
  await sheet.getByRole('combobox', { name: 'Analyses of this server are computed' }).click();
  await sheet.getByRole('option', { name: way }).click();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
}
/** What is under the chart says where this answer was computed. */
const expectWay = (page: Page, said: string): Promise<void> =>
  expect(funnel(page).getByRole('button', { name: new RegExp(said) })).toBeVisible();

export const question = {
  type: 'funnel',
  steps: steps('account_created', 'shop_created', 'payment_succeeded'),
} as const;
export const month = { value: 30, unit: 'day' } as const;
function steps(...events: string[]): { event: string }[] {
  return events.map((event) => ({ event }));
}

/** The server computes, and then the rows are moved here: the same bars, and those of the file that was loaded. */
async function expectSameEitherWay(page: Page, store: Store): Promise<void> {
  await goTo(page, 'Funnel', 2);
  const answer = (await askCommandLine(store.sample, { ...question, window: month })) as FunnelResult;
  const counts = answer.steps.map(({ count }) => count);
  expect(counts.at(-1)).toBeGreaterThan(0);
  await chooseWay(page, 'On the server, each time');
  await expectWay(page, 'Asked for: the server computes');
  await expect.poll(() => readCounts(bars(page))).toEqual(counts);
  await chooseWay(page, 'Here: rows are moved once');
  await expectWay(page, 'Asked for: rows are moved here');
  await expect.poll(() => readCounts(bars(page))).toEqual(counts);
}

/** What an analyst does with a team's store: the same in the browser and in Electron. */
export async function expectTeamwork(page: Page, store: Store): Promise<void> {
  await connect(page, store);
  await expectSameEitherWay(page, store);
  await expectInsertAppears(page, store);
  await expectRestartSurvived(page, store);
}

/** Somebody else's row is in the figures and the list without a reload. */
async function expectInsertAppears(page: Page, store: Store): Promise<void> {
  const events = async (): Promise<number> =>
    Number(/([\d,]+) events/.exec(await status(page).innerText())?.[1]?.replaceAll(',', ''));
  const before = await events();
  await page.getByRole('navigation').getByRole('button', { name: 'Live' }).click();
  const live = page.getByRole('region', { name: 'Live', exact: true });
  await live.getByRole('button', { name: 'Follow' }).click();
  await expect(live.getByText('Following')).toBeVisible();
  await store.insert('u_newcomer');
  const newest = live.getByRole('table').getByRole('row').nth(1);
  await expect(newest).toContainText('u_newcomer', { timeout: 20_000 });
  await expect(newest).toContainText('Lead');
  await expect.poll(events).toBe(before + 1);
  await live.getByRole('button', { name: 'Stop' }).click();
}

const sql = (page: Page): Locator => page.getByRole('region', { name: 'SQL', exact: true });
const result = (page: Page): Locator => sql(page).locator('.ag-row[row-index="0"] .ag-cell[col-id="0"]');
/** Its first line: what completion offers lies over the others. */
const focusLine = (editor: Locator): Promise<void> => editor.click({ position: { x: 4, y: 4 } });
const QUERY = "SELECT count(*) FROM global_events WHERE event_type = 'account_created'";

/** The server goes and comes back under the open window: all is as it was, and the next questions are answered. */
async function expectRestartSurvived(page: Page, { server }: Store): Promise<void> {
  const [row] = await server.query(QUERY, DATABASE);
  const n = String(row?.['count']);
  await page.keyboard.press(`${mod}+Shift+L`);
  const editor = sql(page).locator('.monaco-editor .view-lines');
  await expect(editor).toBeVisible({ timeout: 20_000 });
  await expect(sql(page).getByText('read-only: proved')).toBeVisible({ timeout: 20_000 });
  await focusLine(editor);
  await page.keyboard.press(`${mod}+A`);
  await page.keyboard.insertText(QUERY);
  await page.keyboard.press(`${mod}+Enter`);
  await expect(result(page)).toHaveText(n, { timeout: 20_000 });

  await server.halt('SIGINT');
  await server.start();
  await expect(editor).toContainText('account_created');
  await expect(result(page)).toHaveText(n);
  await focusLine(editor);
  await page.keyboard.press(`${mod}+A`);
  await page.keyboard.insertText(QUERY.replace('count(*)', 'count(*) + 1'));
  await page.keyboard.press(`${mod}+Enter`);
  await expect(result(page)).toHaveText(String(Number(n) + 1), { timeout: 20_000 });

  // An analysis too, of which the window has no answer yet.
  await goTo(page, 'Funnel', 2);
  await chooseWay(page, 'On the server, each time');
  await page.getByRole('tab', { name: 'Rules' }).click();
  await page.getByText('Any order', { exact: true }).click();
  const asked = { ...question, order: 'unordered', window: month } as const;
  const answer = (await askCommandLine(server.url(DATABASE), asked)) as FunnelResult;
  await expectWay(page, 'Asked for: the server computes');
  await expect.poll(() => readCounts(bars(page)), { timeout: 20_000 }).toEqual(answer.steps.map(({ count }) => count));
  await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
}
