import { Suspense, type ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { onDemand } from './load-view.ts';

const Here = (): ReactElement => <p>here</p>;

/** Shows `wanted` as it is now, and counts how often something stands in for it. */
async function show(wanted: ReturnType<typeof onDemand>) {
  const waited = vi.fn<() => null>(() => null);
  const Waiting = (): null => waited();
  const Wanted = wanted.get();
  const screen = await render(
    <Suspense fallback={<Waiting />}>
      <Wanted />
    </Suspense>,
  );
  await expect.element(screen.getByText('here')).toBeVisible();
  return waited;
}

test('what was fetched is there in the first render', async () => {
  const wanted = onDemand(() => Promise.resolve(Here));
  await wanted.fetch();
  expect(await show(wanted)).not.toHaveBeenCalled();
});

test('what was not is waited for', async () => {
  expect(await show(onDemand(() => Promise.resolve(Here)))).toHaveBeenCalled();
});

test('what could not be fetched beforehand is fetched when it is shown', async () => {
  const load = vi.fn<() => Promise<typeof Here>>(() => Promise.resolve(Here));
  load.mockRejectedValueOnce(new Error('offline'));
  const wanted = onDemand(load);
  await expect(wanted.fetch()).rejects.toThrow('offline');
  expect(await show(wanted)).toHaveBeenCalled();
});
