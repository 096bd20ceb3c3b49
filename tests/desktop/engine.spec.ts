import { clickMenu, enginePid, expect, openSample, test, type Desktop } from './fixture.ts';

async function killEngine(desktop: Desktop): Promise<number> {
  const pid = await enginePid(desktop);
  if (pid === undefined) throw new Error('no engine');
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** The open source, as the engine of now knows it. */
async function eventsShown({ page }: Desktop): Promise<string> {
  return (
    (await page
      .getByText(/^[\d,]+ events$/)
      .first()
      .textContent()) ?? ''
  );
}

test('the engine answers from a process of its own', async ({ desktop }) => {
  const pid = await enginePid(desktop);
  expect(pid).toBeGreaterThan(0);
  expect(pid).not.toBe(desktop.app.process().pid);
});

test('a killed engine is said, started again, and the source is open again', async ({ desktop }) => {
  await openSample(desktop.page);
  const before = await eventsShown(desktop);
  await desktop.page.evaluate(() => {
    const page = globalThis as unknown as {
      tributary: { onEvent(listener: (event: unknown) => void): void };
      seenEvents: unknown[];
    };
    page.seenEvents = [];
    page.tributary.onEvent((event) => page.seenEvents.push(event));
  });
  const seenEvents = (): Promise<unknown[]> =>
    desktop.page.evaluate(() => (globalThis as unknown as { seenEvents: unknown[] }).seenEvents);
  const old = await killEngine(desktop);
  await expect
    .poll(seenEvents)
    .toMatchObject([
      { type: 'engine-lost', error: { code: 'E_ENGINE_LOST', details: expect.stringContaining('exit code') } },
      { type: 'engine-ready' },
    ]);
  await expect.poll(() => enginePid(desktop)).not.toBe(old);
  await expect.poll(() => eventsShown(desktop), { timeout: 20_000 }).toBe(before);
  desktop.problems.splice(0);
});

test('the failure is told at the next start, once', async ({ launch }) => {
  const first = await launch();
  const old = await killEngine(first);
  await expect.poll(() => enginePid(first)).not.toBe(old);
  first.problems.splice(0);
  await first.close();
  const second = await launch();
  await expect(second.page.getByText('The engine ended unexpectedly.')).toBeVisible();
  await second.close();
  const third = await launch();
  await expect(third.page.getByText('Explore the sample')).toBeVisible();
  await expect(third.page.getByText('The engine ended unexpectedly.')).toHaveCount(0);
});

test('the menu restarts the engine', async ({ desktop }) => {
  await openSample(desktop.page);
  const old = await enginePid(desktop);
  await clickMenu(desktop, 'window.restartEngine');
  await expect.poll(() => enginePid(desktop)).not.toBe(old);
  await expect(desktop.page.getByText(/^[\d,]+ events$/).first()).toBeVisible({ timeout: 20_000 });
  desktop.problems.splice(0);
});

test('a memory limit is kept, and the engine starts anew with it', async ({ desktop }) => {
  await openSample(desktop.page);
  await eventsShown(desktop);
  const old = await enginePid(desktop);
  await desktop.page.getByTitle('Worker threads and memory of the engine').click();
  const sheet = desktop.page.getByRole('dialog').filter({ hasText: 'Memory of the engine' });
  await sheet.getByRole('combobox', { name: 'Memory limit' }).click();
  await sheet.getByRole('option', { name: '1 GB', exact: true }).click();
  await expect.poll(() => enginePid(desktop)).not.toBe(old);
  await expect(sheet.getByText('kept below')).toBeVisible({ timeout: 20_000 });
  await expect(desktop.page.getByText(/^[\d,]+ events$/).first()).toBeVisible({ timeout: 20_000 });
  desktop.problems.splice(0);
});

test('an engine that hangs is ended too', async ({ desktop }) => {
  await openSample(desktop.page);
  const old = (await enginePid(desktop)) ?? 0;
  process.kill(old, 'SIGSTOP');
  await clickMenu(desktop, 'window.restartEngine');
  await expect.poll(() => enginePid(desktop), { timeout: 15_000 }).not.toBe(old);
  await expect(desktop.page.getByText(/^[\d,]+ events$/).first()).toBeVisible({ timeout: 20_000 });
  expect(() => process.kill(old, 0)).toThrow('ESRCH');
  desktop.problems.splice(0);
});

test('a page that loads again gets an engine port again', async ({ desktop }) => {
  await desktop.page.reload();
  await openSample(desktop.page);
});
