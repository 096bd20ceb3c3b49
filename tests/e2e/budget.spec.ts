import { Client } from 'pg';
import type { FunnelResult } from '../../protocol/index.ts';
import { askCommandLine } from '../journey/harness.ts';
import { bars, goTo, readCounts } from '../journey/journey.ts';
import * as journey from '../journey/server.ts';
import { expect, test } from './fixture.ts';

/** A server that is large beside its budget: nothing of it is moved before somebody says yes. */
test.use({ env: { TRIBUTARY_PULL_ROWS: '100', TRIBUTARY_BUDGET_ROWS: '1000' } });
let store: journey.Store;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  store = await journey.startStore();
});
test.afterAll(() => store.stop());

test('a funnel beyond the budget asks: no moves nothing, yes shows its plan while it loads, and answers', async ({
  harness: { page },
}) => {
  await journey.connect(page, store);
  await goTo(page, 'Funnel', 2);
  const view = journey.funnel(page);
  // The server computes what it can, unasked.
  await expect(view.getByRole('button', { name: /The server computes/ })).toBeVisible();
  const movedBytes = () =>
    page.evaluate(async () => {
      const status = await fetch('/api/status', { headers: { 'x-tributary': '1' } });
      return ((await status.json()) as { value: { segmentBytes: number } }).value.segmentBytes;
    });
  const before = await movedBytes();
  await journey.chooseWay(page, 'Here: rows are moved once');
  const question = view.getByRole('alert');
  await expect(question).toContainText(/[\d,]+ rows would be moved from the server, which is more than the budget/);
  await expect(question).toContainText(/Partitions\s*\d+ of \d+/);
  await expect(question).toContainText(/Moved here\s*[\d,]+ rows, about/);
  await question.getByRole('button', { name: 'Do not run' }).click();
  await expect(question).toBeHidden();
  expect(await movedBytes()).toBe(before);

  await journey.chooseWay(page, 'On the server, each time');
  await expect(view.getByRole('button', { name: /Asked for: the server computes/ })).toBeVisible();
  await journey.chooseWay(page, 'Here: rows are moved once');
  const locker = new Client({ connectionString: store.server.url('shop') });
  await locker.connect();
  // Nothing is read meanwhile: what loads stays on the screen.
  await locker.query('BEGIN; LOCK TABLE global_events IN ACCESS EXCLUSIVE MODE');
  await question.getByRole('button', { name: 'Run all the same' }).click();
  await expect(view.getByText(/[\d,]+ of [\d,]+ hours · .* rows · .* moved here, about/)).toBeVisible();
  await locker.end();
  const asked = { ...journey.question, window: journey.month };
  const answer = (await askCommandLine(store.sample, asked)) as FunnelResult;
  await expect.poll(() => readCounts(bars(page))).toEqual(answer.steps.map(({ count }) => count));
  expect(await movedBytes()).toBeGreaterThan(before);
});
