import { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { createHeld, createPlaces, giveBackOf, PLACES, SharedPlaces, type Holder } from './session-budget.ts';

/** A thread that takes places of a budget of one, as often as it is asked, and never gives one back. */
const THREAD = `
  const { workerData: { url, words, held, threadId }, parentPort } = require('node:worker_threads');
  import(url).then(({ SharedPlaces }) => {
    const places = new SharedPlaces(() => words, { held, threadId });
    parentPort.on('message', () => places.take({ server: '', limit: 1, waitMs: 60000 }).then(() => parentPort.postMessage('taken')));
  });`;
const url = new URL('./session-budget.ts', import.meta.url).href;

function startHolder(words: Int32Array, held: Int32Array, threadId: number): Holder & { readonly thread: Worker } {
  const thread = new Worker(THREAD, { eval: true, workerData: { url, words, held, threadId } });
  return { held, threadId, thread };
}
const taken = (thread: Worker): Promise<unknown> => new Promise((resolve) => thread.once('message', resolve));

test('a thread that dies holds no place and waits for none: others get it', async () => {
  const [words, held] = [createPlaces(), createHeld()];
  const [first, second] = [7, 1_024 + 8].map((threadId) => startHolder(words, held, threadId)) as [
    ReturnType<typeof startHolder>,
    ReturnType<typeof startHolder>,
  ];
  const has = taken(first.thread);
  first.thread.postMessage('take');
  await has;
  second.thread.postMessage('take');
  second.thread.postMessage('take');
  const counts = (): readonly number[] => [PLACES.open, PLACES.waiting].map((word) => Atomics.load(words, word));
  await vi.waitFor(() => expect(counts()).toEqual([1, 2]));

  await second.thread.terminate();
  expect(counts()).toEqual([1, 2]);
  giveBackOf(second, words);
  expect(counts()).toEqual([1, 0]);
  await first.thread.terminate();
  giveBackOf(first, words);
  expect(counts()).toEqual([0, 0]);
  // As if it had never been there, also a second time.
  giveBackOf(first, words);
  const place = await new SharedPlaces(() => words).take({ server: '', limit: 1, waitMs: 0 });
  place.giveBack();
  expect(counts()).toEqual([0, 0]);
});
