import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineProcess, type EngineChild } from './engine-process.ts';

class FakeChild extends EventEmitter implements EngineChild {
  readonly messages: { message: unknown; ports: unknown[] | undefined }[] = [];
  killed = false;
  constructor(readonly_: { stops: boolean }) {
    super();
    this.#stops = readonly_.stops;
  }
  readonly #stops: boolean;
  postMessage(message: unknown, ports?: unknown[]): void {
    this.messages.push({ message, ports });
    if ((message as { type: string }).type === 'stop' && this.#stops) queueMicrotask(() => this.emit('exit', 0));
  }
  kill(): boolean {
    this.killed = true;
    queueMicrotask(() => this.emit('exit', 1));
    return true;
  }
}

let children: FakeChild[] = [];
let events: string[] = [];
let ports = 0;
let clock = 0;
function supervise({ stops = true } = {}): EngineProcess<string> {
  children = [];
  events = [];
  return new EngineProcess<string>({
    fork: () => {
      const child = new FakeChild({ stops });
      children.push(child);
      return child;
    },
    newChannel: () => [`engine ${++ports}`, `window ${ports}`],
    sendPort: (port) => events.push(port),
    onLost: (error) => events.push(`${error.code}: ${error.hint}`),
    onReady: () => events.push('ready'),
    now: () => clock,
  });
}
beforeEach(() => {
  ports = 0;
  clock = 0;
});
const RESTARTS = 'E_ENGINE_LOST: It is being started again; your analyses are kept.';

describe('EngineProcess', () => {
  test('gives the window a port when it has loaded, and another when it loads again', () => {
    const engine = supervise();
    engine.start();
    expect(events).toEqual([]);
    engine.connect();
    engine.connect();
    expect(events).toEqual(['window 1', 'ready', 'window 2', 'ready']);
    expect(children[0]?.messages).toEqual([
      { message: { type: 'connect' }, ports: ['engine 1'] },
      { message: { type: 'connect' }, ports: ['engine 2'] },
    ]);
  });

  test('a crash is told, the engine started again, the window connected again', () => {
    const engine = supervise();
    engine.start();
    engine.connect();
    children[0]?.emit('exit', 139);
    expect(children).toHaveLength(2);
    expect(events).toEqual(['window 1', 'ready', RESTARTS, 'window 2', 'ready']);
  });

  test('a crash before the window is there waits for it', () => {
    const engine = supervise();
    engine.start();
    children[0]?.emit('exit', 1);
    expect(events).toEqual([RESTARTS]);
    engine.connect();
    expect(events.slice(1)).toEqual(['window 1', 'ready']);
  });

  test('the sixth crash within a minute is the last; asking starts it again', async () => {
    const engine = supervise();
    engine.start();
    for (let i = 0; i < 6; i++) children.at(-1)?.emit('exit', 1);
    expect(children).toHaveLength(6);
    expect(events.at(-1)).toContain('stays down');
    await engine.restart();
    expect(children).toHaveLength(7);
  });

  test('crashes far apart never add up', () => {
    const engine = supervise();
    engine.start();
    for (let i = 0; i < 20; i++) {
      clock += 30_000;
      children.at(-1)?.emit('exit', 1);
    }
    expect(children).toHaveLength(21);
  });

  test('restart kills the old one first and counts as no crash', async () => {
    const engine = supervise();
    engine.start();
    engine.connect();
    await engine.restart();
    expect([children.length, children[0]?.killed]).toEqual([2, true]);
    expect(events.filter((event) => event.startsWith('E_'))).toEqual(['E_ENGINE_LOST: It will be back in a moment.']);
    expect(events.slice(-2)).toEqual(['window 2', 'ready']);
  });

  test('stop asks, waits, and starts nothing again', async () => {
    const engine = supervise();
    engine.start();
    await engine.stop();
    expect([children.length, children[0]?.killed, events]).toEqual([1, false, []]);
  });

  test('stop kills an engine that does not answer', async () => {
    vi.useFakeTimers();
    const engine = supervise({ stops: false });
    engine.start();
    const stopped = engine.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    await stopped;
    expect(children[0]?.killed).toBe(true);
    vi.useRealTimers();
  });
});
