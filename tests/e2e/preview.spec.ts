import path from 'node:path';
import type { Page } from '@playwright/test';
import { writeSnapshot } from '../support/snapshot-file.ts';
import * as journey from '../journey/journey.ts';
import type { Harness } from '../journey/harness.ts';
import { expect, findViolations, test, untilHeard } from './fixture.ts';

/** A large source on its first opening: its latest rows at once, marked, then all rows in their place. */
const ROWS = 8_000;
const LATEST = 1_000;
test.use({ env: { TRIBUTARY_PREVIEW_ROWS: String(LATEST) } });

const makeFile = (file: string): string =>
  writeSnapshot(
    file,
    Array.from({ length: ROWS }, (_, i) => ({
      id: `e${i}`,
      time: Date.UTC(2024, 0, 1) + i * 600_000,
      type: ['account_created', 'shop_created', 'payment_succeeded'][i % 3] as string,
      metadata: { user_id: `u${Math.floor(i / 3)}` },
    })),
  );

/** The window's line to the engine, on which the request for all rows can be held back. */
async function holdReading(page: Page): Promise<{ readonly isHeld: () => boolean; readonly letGo: () => void }> {
  let held: (() => void) | null = null;
  let isOpen = false;
  await page.routeWebSocket(/\/engine$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const send = (): void => server.send(message);
      if (isOpen || !message.toString().includes('"build":"all"')) send();
      else held = send;
    });
  });
  return {
    isHeld: () => held !== null,
    letGo: () => {
      isOpen = true;
      held?.();
    },
  };
}

async function openFile({ page }: Harness, file: string): Promise<void> {
  await untilHeard(page);
  await page.keyboard.press('ControlOrMeta+O');
  const dialog = page.getByRole('dialog', { name: 'Open a snapshot' });
  await dialog.getByLabel('Folder or file').fill(file);
  await dialog.getByLabel('Folder or file').press('Enter');
  await expect(dialog).toBeHidden();
}

test('partial answers are marked, kept out of files, and make room for the whole', async ({
  page,
  program,
  harness,
}) => {
  test.setTimeout(120_000);
  const reading = await holdReading(page);
  await page.goto(program.url);
  await openFile(harness, makeFile(path.join(program.dataDir, 'large.db')));
  const badge = page.getByRole('region', { name: 'Partial answers' });
  await expect(badge).toContainText('Partial: latest 1,000 of 8,000 rows');
  await expect.poll(reading.isHeld).toBe(true);
  await journey.goTo(page, 'Funnel', 2);
  const funnel = page.getByRole('region', { name: 'Funnel', exact: true });
  // 1,000 rows are those of 333 actors and the last third of one more.
  await expect(funnel.getByText('333 ', { exact: false }).first()).toBeVisible();
  await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText('1,000 events so far');

  // What leaves the window would leave without its mark.
  await funnel.getByRole('button', { name: 'Export' }).click();
  for (const name of ['Save PNG 2×', 'Save SVG', 'Save CSV', 'Copy image', 'Copy CSV'])
    await expect(page.getByRole('menuitem', { name })).toBeDisabled();
  await expect(page.getByText('Export when all rows are read')).toBeVisible();
  await page.keyboard.press('Escape');

  // What the user does meanwhile stays: a step more, its actors, the way back.
  await journey.addStepByKeyboard(page, 'payment_succeeded');
  const steps = await funnel.getByRole('listitem').count();
  await expect(page.getByRole('button', { name: /^Undo: / })).toBeEnabled();
  const violations = await findViolations(page);
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);

  reading.letGo();
  await expect(badge).toBeHidden();
  await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText('8,000 events');
  await expect(funnel.getByText('2,667', { exact: false }).first()).toBeVisible();
  expect(await funnel.getByRole('listitem').count()).toBe(steps);
  await expect(page.getByRole('button', { name: /^Undo: / })).toBeEnabled();
  const file = await harness.exported(async () => {
    await funnel.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'Save CSV' }).click();
  });
  expect(file.bytes.toString('utf8')).toContain('2667');
});

test('stopped, a preview stays one until all rows are asked for', async ({ page, program, harness }) => {
  const reading = await holdReading(page);
  await page.goto(program.url);
  await openFile(harness, makeFile(path.join(program.dataDir, 'large.db')));
  const badge = page.getByRole('region', { name: 'Partial answers' });
  await expect.poll(reading.isHeld).toBe(true);
  await badge.getByRole('button', { name: 'Stop' }).click();
  await expect(badge).toContainText('The rest was not read');
  reading.letGo();
  await badge.getByRole('button', { name: 'Read all' }).click();
  await expect(badge).toBeHidden();
  await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText('8,000 events');
});
