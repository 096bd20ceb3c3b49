import path from 'node:path';
import { writeSnapshot } from '../support/snapshot-file.ts';
import { expect, findViolations, test } from './fixture.ts';

const TYPES = ['account_created', 'shop_created', 'payment_succeeded'] as const;
/** So many users with an account, of whom so many went on. */
const makeFile = (file: string, users: number, shops: number): string =>
  writeSnapshot(
    file,
    Array.from({ length: users }, (_, u) => u).flatMap((u) =>
      TYPES.slice(0, u < shops ? 2 : 1).map((type, i) => ({
        id: `e${u}-${i}`,
        time: Date.UTC(2024, 0, 1) + u * 3_600_000 + i * 60_000,
        type,
        metadata: { user_id: `u${u}`, shop_id: `s${u}` },
      })),
    ),
  );

test('two sources stand side by side in one workspace, number by number, and change places', async ({
  page,
  program,
  harness,
}) => {
  test.setTimeout(120_000);
  const one = makeFile(path.join(program.dataDir, 'one.db'), 40, 10);
  const two = makeFile(path.join(program.dataDir, 'two.db'), 50, 25);
  const choose = async (file: string): Promise<void> => {
    const dialog = page.getByRole('dialog', { name: 'Open a snapshot' });
    await dialog.getByLabel('Folder or file').fill(file);
    await dialog.getByLabel('Folder or file').press('Enter');
    await expect(dialog).toBeHidden();
  };
  await page.keyboard.press('ControlOrMeta+O');
  await choose(one);
  await expect(page.getByText('50 events')).toBeVisible();
  await page.getByRole('navigation').getByRole('button', { name: 'Compare' }).click();
  const view = page.getByRole('region', { name: 'Compare', exact: true });
  await view.getByRole('button', { name: 'Second source' }).click();
  await page.getByRole('menuitem', { name: 'A snapshot…' }).click();
  await choose(two);
  const stages = view.getByRole('region', { name: 'Table: Stages' });
  await expect(stages.getByRole('row', { name: 'Lead 30 75.0% 25 50.0% −5' })).toBeVisible();
  await expect(stages.getByRole('row', { name: 'Prospect 10 25.0% 25 50.0% +15' })).toBeVisible();
  const events = view.getByRole('region', { name: 'Table: Events by type' });
  await expect(events.getByRole('row', { name: /^account_created 40 .* 50 .* \+10$/ })).toBeVisible();
  const violations = await findViolations(page, 'section[aria-label="Compare"]');
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  const file = path.join(program.dataDir, 'both.tributary.json');
  await harness.saveWorkspaceAs(file);
  await view.getByRole('button', { name: 'Swap' }).click();
  await expect(stages.getByRole('row', { name: 'Lead 25 50.0% 30 75.0% +5' })).toBeVisible();
  await expect(page.getByText('75 events', { exact: true })).toBeVisible();
  await stages.getByRole('button', { name: 'Prospect' }).click();
  await expect(page.getByText(/25 actors/).first()).toBeVisible();

  await harness.saveWorkspaceAs(file);
  await page.reload();
  await harness.openWorkspace(file);
  await expect(stages.getByRole('row', { name: 'Lead 25 50.0% 30 75.0% +5' })).toBeVisible();
});
