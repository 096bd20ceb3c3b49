import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { createColumnMemory, type ColumnMemory } from '../segment/column-memory.ts';
import { getScratch } from './scratch.ts';

/** As a thread gets it with each message. */
function asReceived(memory: ColumnMemory): ColumnMemory {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(memory);
  const received = receiveMessageOnPort(port2)?.message as ColumnMemory;
  port1.close();
  return received;
}

it('a thread has one working space in a memory, however often the memory is sent to it', () => {
  const memory = createColumnMemory();
  const at = getScratch(memory, 1_000);
  for (let message = 0; message < 100; message++) {
    const received = asReceived(memory);
    expect(received).not.toBe(memory);
    expect(getScratch(received, 1_000)).toBe(at);
  }
  const larger = getScratch(asReceived(memory), 100_000);
  expect(larger).not.toBe(at);
  expect(getScratch(memory, 100_000)).toBe(larger);
});

it('another thread has another one', async () => {
  const memory = createColumnMemory();
  const at = getScratch(memory, 1_000);
  const code = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { getScratch } from ${JSON.stringify(new URL('scratch.ts', import.meta.url).href)};
    parentPort.postMessage([getScratch(workerData, 1000), getScratch(workerData, 10)]);`;
  const places = await new Promise<unknown>((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: memory });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  expect(places).toEqual([expect.any(Number), expect.any(Number)]);
  const [first, second] = places as [number, number];
  expect(first).toBe(second);
  expect(first).not.toBe(at);
});
