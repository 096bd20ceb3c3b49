import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { pack, unpack, type Packed } from './packed.ts';

it('brings partials through unchanged, columns in shared memory too', () => {
  const shared = new Float64Array(new SharedArrayBuffer(16));
  shared.set([1.5, Number.NEGATIVE_INFINITY]);
  const partial = {
    groups: new Map([['["é"]', { levels: new Uint32Array([1, 2]), none: undefined, at: null }]]),
    shared,
  };
  expect(unpack(pack(partial))).toEqual({ ...partial, shared: new Float64Array([1.5, Number.NEGATIVE_INFINITY]) });
});

it('crosses a port as pointers', () => {
  const column = new Float64Array(new SharedArrayBuffer(16));
  const packed = pack({ n: 1, column });
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(packed);
  const received = receiveMessageOnPort(port2)?.message as Packed;
  expect(unpack(received)).toEqual({ n: 1, column: new Float64Array(2) });
  column.fill(7);
  expect(unpack(received)).toEqual({ n: 1, column: new Float64Array([7, 7]) });
  packed.bytes.fill(0);
  expect(received.bytes.every((byte) => byte === 0)).toBe(true);
  port1.close();
});

it('copies a view on a part of shared memory', () => {
  const scratch = new Uint32Array(new SharedArrayBuffer(16)).subarray(1, 3);
  const packed = pack({ scratch });
  scratch.fill(9);
  expect(unpack(packed)).toEqual({ scratch: new Uint32Array(2) });
});
