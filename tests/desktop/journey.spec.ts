import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Harness } from '../journey/harness.ts';
import * as journey from '../journey/journey.ts';
import { enginePid, expect, stubDialogs, test, type Desktop } from './fixture.ts';

const steps = (...events: string[]) => events.map((event) => ({ event }));
const month = { value: 30, unit: 'day' } as const;

/** The journey's platform: native dialogs answer a path, exports land there, the engine's process is killed. */
function desktopHarness(desktop: Desktop, folder: string): Harness {
  let exports = 0;
  return {
    page: desktop.page,
    dataDir: path.join(folder, 'data'),
    exported: async (action) => {
      const savePath = path.join(folder, `export-${++exports}`);
      const suggested = await answerSaveDialog(desktop, savePath);
      await action();
      await expect.poll(suggested).not.toBe('');
      const name = await suggested();
      // The program adds the extension that a user leaves out.
      const file = savePath + path.extname(name);
      await expect.poll(() => fileSize(file)).toBeGreaterThan(0);
      return { name, bytes: readFileSync(file) };
    },
    saveWorkspaceAs: async (file) => {
      await stubDialogs(desktop, { savePath: file });
      await desktop.page.keyboard.press('ControlOrMeta+Shift+S');
      await expect.poll(() => fileSize(file)).toBeGreaterThan(0);
    },
    openWorkspace: async (file) => {
      await stubDialogs(desktop, { openPath: file });
      await desktop.page.keyboard.press('ControlOrMeta+Shift+O');
    },
    breakEngine: async () => {
      const pid = await enginePid(desktop);
      if (pid === undefined) throw new Error('no engine');
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => enginePid(desktop), { timeout: 20_000 }).not.toBe(pid);
      desktop.problems.splice(0);
    },
  };
}

const fileSize = (file: string): number => {
  try {
    return readFileSync(file).length;
  } catch {
    return 0;
  }
};

/** The next save dialog answers `savePath`. The function gives the name it suggested, '' as long as nobody asked. */
async function answerSaveDialog({ app }: Desktop, savePath: string): Promise<() => Promise<string>> {
  await app.evaluate(({ dialog }, answer) => {
    (globalThis as { suggested?: string }).suggested = '';
    type Options = { readonly defaultPath?: string };
    dialog.showSaveDialog = (first: unknown, second?: unknown) => {
      (globalThis as { suggested?: string }).suggested = ((second ?? first) as Options).defaultPath ?? '';
      return Promise.resolve({ canceled: false, filePath: answer });
    };
  }, savePath);
  return async () => path.basename(await app.evaluate(() => (globalThis as { suggested?: string }).suggested ?? ''));
}

test('from the sample to a funnel, its actors, its exports and back again', async ({ desktop, folder }) => {
  test.setTimeout(180_000);
  const harness = desktopHarness(desktop, folder);
  const { page } = harness;
  await journey.openSample(page);
  await journey.goTo(page, 'Funnel', 2);
  await journey.pickEventByMouse(page, 3, 'invoice_issued');
  await journey.addStepByKeyboard(page, 'payment_succeeded');
  const answer = await journey.expectSameAsCommandLine(harness, {
    type: 'funnel',
    steps: steps('account_created', 'shop_created', 'invoice_issued', 'payment_succeeded'),
    window: month,
  });
  await journey.expectDropOpensItsActors(harness, 1);
  await journey.expectExports(harness, answer);
  await journey.expectWorkspaceReturns(harness, path.join(folder, 'mine.tributary.json'));
  await journey.expectAsOfFollowsTheHand(page);
  await journey.expectEngineComesBack(harness);
});
