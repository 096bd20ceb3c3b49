import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { askForRoom, CANCELLED, createControl, requestStop, type Control } from './control.ts';

/** Counts its checkpoints in slot 0 until it is stopped, as a task does. */
const TASK = `
  const { workerData } = require('node:worker_threads');
  import(workerData.url).then(({ isStopped, makeRoom }) => {
    const done = workerData.control;
    while (!isStopped(done)) {
      makeRoom(done);
      Atomics.add(done, 1, 1);
    }
  });
`;
const tasks: Worker[] = [];
afterEach(() => Promise.all(tasks.splice(0).map((task) => task.terminate())));

async function startTask(): Promise<{ readonly control: Control; readonly ended: Promise<unknown> }> {
  const control = createControl();
  const task = new Worker(TASK, {
    eval: true,
    workerData: { control, url: new URL('./control.ts', import.meta.url).href },
  });
  tasks.push(task);
  const ended = new Promise((resolve) => task.once('exit', resolve));
  while (Atomics.load(control, 1) === 0) await pause(5);
  return { control, ended };
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('who is asked for room rests at each checkpoint, and goes on when nobody asks any more', async () => {
  const { control } = await startTask();
  askForRoom(control, 900);
  await pause(50);
  const before = Atomics.load(control, 1);
  await pause(200);
  expect(Atomics.load(control, 1) - before).toBeLessThanOrEqual(1);
  askForRoom(control, 0);
  await expect.poll(() => Atomics.load(control, 1) - before, { timeout: 5_000 }).toBeGreaterThan(1000);
});

test('a stop ends the rest', async () => {
  const { control, ended } = await startTask();
  askForRoom(control, 900);
  await pause(20);
  const begun = performance.now();
  requestStop(control, CANCELLED);
  await ended;
  expect(performance.now() - begun).toBeLessThan(700);
});

test('a clock that was set asks for nothing', async () => {
  const { control } = await startTask();
  askForRoom(control, 100_000);
  const before = Atomics.load(control, 1);
  await expect.poll(() => Atomics.load(control, 1) - before, { timeout: 5_000 }).toBeGreaterThan(1000);
});
