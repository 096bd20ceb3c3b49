import * as Comlink from 'comlink';
import { describe, expect, test, vi } from 'vitest';
import { exposeEngine } from './engine-carrier.ts';
import { Mux } from './mux.ts';
import type { Packet, Pipe } from './packet.ts';

interface End {
  packet(packet: unknown): void;
  close(): void;
}
/** Two pipes that are each other's end, with everything that was sent. */
function pipePair(): { a: Pipe; b: Pipe; sent: Packet[]; inject: (packet: unknown) => void } {
  const sent: Packet[] = [];
  const nobody = (): End => ({ packet: () => undefined, close: () => undefined });
  const [left, right] = [nobody(), nobody()];
  const pipe = (mine: End, other: End): Pipe => ({
    send: (packet) => {
      sent.push(packet);
      const copy = structuredClone(packet);
      queueMicrotask(() => other.packet(copy));
    },
    onPacket: (listener) => (mine.packet = listener),
    onClose: (listener) => (mine.close = listener),
    close: () => queueMicrotask(() => other.close()),
  });
  return { a: pipe(left, right), b: pipe(right, left), sent, inject: (packet) => right.packet(packet) };
}

interface Counter {
  next(): Promise<number>;
}
interface Api {
  add(a: number, b: number): number;
  count(to: number, report: (n: number) => Promise<void>): Promise<string>;
  fail(): void;
  counter(): Counter;
}
function connect() {
  const { a, b, sent, inject } = pipePair();
  const client = new Mux(a, 0);
  const host = new Mux(b, 1);
  const api: Api = {
    add: (x, y) => x + y,
    count: async (to, report) => {
      for (let n = 1; n <= to; n++) await report(n);
      (report as unknown as Comlink.Remote<() => void>)[Comlink.releaseProxy]();
      return 'done';
    },
    fail: () => {
      throw new RangeError('too much');
    },
    counter: () => {
      let n = 0;
      return Comlink.proxy({ next: () => Promise.resolve(++n) });
    },
  };
  Comlink.expose(api, host.endpoint());
  return { client, host, sent, inject, remote: Comlink.wrap<Api>(client.endpoint()) };
}

describe('mux', () => {
  test('calls, results and errors', async () => {
    const { remote } = connect();
    expect(await remote.add(1, 2)).toBe(3);
    await expect(remote.fail()).rejects.toThrow('too much');
  });

  test('callbacks run in order and their channel is closed on both sides afterwards', async () => {
    const { client, host, sent, remote } = connect();
    const seen: number[] = [];
    expect(
      await remote.count(
        5,
        Comlink.proxy(async (n: number) => void seen.push(n)),
      ),
    ).toBe('done');
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    await expect.poll(() => [client.channelCount, host.channelCount]).toEqual([0, 0]);
    expect(sent.filter((packet) => packet.op === 'close').length).toBeGreaterThan(0);
  });

  test('300 callbacks at once keep apart and leave nothing open', async () => {
    const { client, host, remote } = connect();
    const totals = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        let last = 0;
        await remote.count(
          (i % 7) + 1,
          Comlink.proxy(async (n: number) => void (last = n)),
        );
        return last;
      }),
    );
    expect(totals).toEqual(Array.from({ length: 300 }, (_, i) => (i % 7) + 1));
    await expect.poll(() => [client.channelCount, host.channelCount]).toEqual([0, 0]);
  });

  test('proxies can be returned, and release closes their channel', async () => {
    const { client, host, remote } = connect();
    const counter = (await remote.counter()) as unknown as Comlink.Remote<Counter>;
    expect([await counter.next(), await counter.next()]).toEqual([1, 2]);
    expect(host.channelCount).toBe(1);
    counter[Comlink.releaseProxy]();
    await expect.poll(() => [client.channelCount, host.channelCount]).toEqual([0, 0]);
  });

  test('close ends every channel here and there, once', async () => {
    const { client, host, remote } = connect();
    const closed = vi.fn<() => void>();
    host.onClose(closed);
    await remote.counter();
    client.close();
    client.close();
    await expect.poll(() => [client.channelCount, host.channelCount]).toEqual([0, 0]);
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test('the message of the caller is left as it was', () => {
    const { a } = pipePair();
    const { port1 } = new MessageChannel();
    const message = { argumentList: [{ type: 'HANDLER', value: port1 }] };
    new Mux(a, 0).endpoint().postMessage(message, [port1 as never]);
    expect(message.argumentList[0]?.value).toBe(port1);
    port1.close();
  });

  test.each([
    ['nothing', undefined],
    ['text', 'hello'],
    ['no channel', { op: 'message' }],
    ['a negative channel', { channel: -1, op: 'message' }],
    ['an unknown operation', { channel: 0, op: 'eval' }],
    ['a channel of the other side', { channel: 0, op: 'message', body: {}, ports: [{ path: [], channel: 3 }] }],
    ['a place that is not there', { channel: 0, op: 'message', body: {}, ports: [{ path: ['a', 'b'], channel: 2 }] }],
    [
      'a place on the prototype',
      { channel: 0, op: 'message', body: {}, ports: [{ path: ['__proto__', 'polluted'], channel: 2 }] },
    ],
    [
      'a place on the constructor',
      { channel: 0, op: 'message', body: {}, ports: [{ path: ['constructor'], channel: 2 }] },
    ],
    [
      'too many ports',
      {
        channel: 0,
        op: 'message',
        body: {},
        ports: Array.from({ length: 17 }, (_, i) => ({ path: [], channel: 2 + 2 * i })),
      },
    ],
    [
      'one channel twice',
      {
        channel: 0,
        op: 'message',
        body: { a: 1, b: 2 },
        ports: [
          { path: ['a'], channel: 2 },
          { path: ['b'], channel: 2 },
        ],
      },
    ],
  ])('a malformed packet ends the line: %s', (_name, packet) => {
    const { host, inject } = connect();
    const closed = vi.fn<(reason?: Error) => void>();
    host.onClose(closed);
    inject(packet);
    expect(closed).toHaveBeenCalledTimes(1);
    expect(closed.mock.calls[0]?.[0]).toBeInstanceOf(TypeError);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('a message to a channel that has just been closed is ignored', () => {
    const { host, inject } = connect();
    const closed = vi.fn<() => void>();
    host.onClose(closed);
    inject({ channel: 8, op: 'message', body: 1 });
    inject({ channel: 8, op: 'close' });
    expect(closed).not.toHaveBeenCalled();
  });
});

describe('the door in front of the engine', () => {
  const hostile = [
    ['a property', { type: 'GET', path: ['constructor'] }],
    ['an assignment', { type: 'SET', path: ['status'], value: { type: 'RAW', value: 1 } }],
    ['an inherited method', { type: 'APPLY', path: ['hasOwnProperty'], argumentList: [] }],
    [
      'the Function constructor',
      {
        type: 'APPLY',
        path: ['constructor', 'constructor'],
        argumentList: [{ type: 'RAW', value: 'globalThis.polluted = 1' }],
      },
    ],
    ['a deeper path', { type: 'APPLY', path: ['status', 'call'], argumentList: [] }],
    ['a construction', { type: 'CONSTRUCT', path: ['status'], argumentList: [] }],
    ['a second endpoint', { type: 'ENDPOINT' }],
    ['the end of the engine', { type: 'RELEASE' }],
    [
      'an argument that throws',
      {
        type: 'APPLY',
        path: ['status'],
        argumentList: [{ type: 'HANDLER', name: 'throw', value: { isError: false, value: 1 } }],
      },
    ],
    [
      'a proxy without a port',
      { type: 'APPLY', path: ['run'], argumentList: [{ type: 'HANDLER', name: 'proxy', value: {} }] },
    ],
    ['no path', { type: 'APPLY', path: [], argumentList: [] }],
  ] as const;

  test.each(hostile)('drops %s', async (_name, message) => {
    const { a, b, sent } = pipePair();
    const client = new Mux(a, 0);
    const status = vi.fn<() => Promise<unknown>>(() => Promise.resolve({ ok: true, value: 1 }));
    exposeEngine({ status } as never, b);
    client.endpoint().postMessage({ id: 'x', path: [], ...message });
    client.endpoint().postMessage({ id: 'y', type: 'APPLY', path: ['status'], argumentList: [] });
    await expect.poll(() => sent.length).toBe(3);
    expect(sent[2]?.body).toMatchObject({ id: 'y' });
    expect(status).toHaveBeenCalledTimes(1);
  });
});
