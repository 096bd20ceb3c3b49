import path from 'node:path';
import * as journey from '../journey/journey.ts';
import { expect, findViolations, test } from './fixture.ts';

const steps = (...events: string[]) => events.map((event) => ({ event }));
const month = { value: 30, unit: 'day' } as const;

test('from the sample to a funnel, its actors, its exports and back again', async ({ harness }) => {
  test.setTimeout(120_000);
  const { page } = harness;
  await journey.openSample(page);
  await journey.goTo(page, 'Funnel', 2);
  await journey.expectSameAsCommandLine(harness, {
    type: 'funnel',
    steps: steps('account_created', 'shop_created', 'payment_succeeded'),
    window: month,
  });

  await journey.pickEventByMouse(page, 3, 'invoice_issued');
  await journey.expectSameAsCommandLine(harness, {
    type: 'funnel',
    steps: steps('account_created', 'shop_created', 'invoice_issued'),
    window: month,
  });

  await journey.addStepByKeyboard(page, 'payment_succeeded');
  const answer = await journey.expectSameAsCommandLine(harness, {
    type: 'funnel',
    steps: steps('account_created', 'shop_created', 'invoice_issued', 'payment_succeeded'),
    window: month,
  });

  await journey.expectDropOpensItsActors(harness, 1);
  await journey.expectExports(harness, answer);
  await journey.expectWorkspaceReturns(harness, path.join(harness.dataDir, 'mine.tributary.json'));
  await journey.expectAsOfFollowsTheHand(page);
  await journey.expectEngineComesBack(harness);
});

/** In the order of their digits. */
const VIEWS = ['Overview', 'Funnel', 'Flow', 'Journey', 'Retention', 'Rollups', 'Live', 'Compare', 'Data'];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every view answers on the sample, without serious accessibility findings, ${colorScheme}`, async ({
    harness,
  }) => {
    test.setTimeout(240_000);
    const { page } = harness;
    await page.emulateMedia({ colorScheme });
    await expect(page.getByRole('button', { name: /Explore the sample/ })).toBeVisible();
    const found: string[] = [];
    const check = async (where: string): Promise<void> => {
      for (const v of await findViolations(page))
        if (v.impact === 'serious' || v.impact === 'critical')
          found.push(`${where}: ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`);
    };
    await check('welcome');
    await journey.openSample(page);
    for (const [i, view] of VIEWS.entries()) {
      await journey.goTo(page, view, i + 1);
      await expect(page.getByText('Last answer:')).toBeVisible({ timeout: 20_000 });
      await page.waitForTimeout(800);
      await expect(page.getByRole('alert')).toHaveCount(0);
      await check(view);
    }
    expect(found).toEqual([]);
  });
}
