import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { pack, unpack } from './packed.ts';

it('brings partials through unchanged, columns in shared memory too', () => {
  const shared = new Float64Array(new SharedArrayBuffer(16));
  shared.set([1.5, Number.NEGATIVE_INFINITY]);
  const partial = {
    groups: new Map([['["é"]', { levels: new Uint32Array([1, 2]), none: undefined, at: null }]]),
    shared,
  };
  expect(unpack(pack(partial))).toEqual({ ...partial, shared: new Float64Array([1.5, Number.NEGATIVE_INFINITY]) });
});

it('crosses a port as one pointer', () => {
  const packed = pack({ n: 1 });
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(packed);
  const received = receiveMessageOnPort(port2)?.message as Uint8Array;
  packed.fill(0);
  expect(received.every((byte) => byte === 0)).toBe(true);
  port1.close();
});
