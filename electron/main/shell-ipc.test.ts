import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SHELL_METHODS, type Reply, type ShellMethod } from '../../protocol/index.ts';
import type { ShellHandlers } from '../../worker/files/shell-handlers.ts';
import { APP_ORIGIN } from './origin.ts';
import { installShellIpc, SHELL_CHANNEL } from './shell-ipc.ts';

/** security.md I2: every method × 300 payloads × hostile senders. */
type Handler = (event: unknown, method: unknown, argument: unknown) => Promise<Reply<unknown>>;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-ipc-'));
});
afterAll(() => rm(folder, { recursive: true }));

function install() {
  const channels = new Map<string, Handler>();
  const called = vi.fn<(method: string, argument: unknown) => void>();
  const handlers = Object.fromEntries(
    Object.keys(SHELL_METHODS).map((method) => [
      method,
      (argument: unknown) => {
        called(method, argument);
        return Promise.resolve(null);
      },
    ]),
  ) as unknown as ShellHandlers;
  const mainFrame = { url: `${APP_ORIGIN}/index.html`, parent: null };
  const sender = { mainFrame };
  installShellIpc({ handle: (channel: string, handler: Handler) => void channels.set(channel, handler) } as never, {
    handlers,
    trustedOrigin: APP_ORIGIN,
    isOurs: (contents) => contents === sender,
  });
  return { channels, call: channels.get(SHELL_CHANNEL) as Handler, called, sender, mainFrame };
}

describe('the shell channel (checklist 17)', () => {
  test('is the only one', () => {
    expect([...install().channels.keys()]).toEqual(['shell']);
  });

  test('our page is answered', async () => {
    const { call, sender, mainFrame, called } = install();
    expect(await call({ sender, senderFrame: mainFrame }, 'boot', null)).toEqual({ ok: true, value: null });
    expect(called).toHaveBeenCalledTimes(1);
  });

  test('every hostile sender is refused for every method, before its argument is looked at', async () => {
    const { call, sender, mainFrame, called } = install();
    const frame = (url: string, parent: unknown = null): object => ({ url, parent });
    const senders: readonly object[] = [
      { sender, senderFrame: null },
      { sender },
      { sender, senderFrame: frame(`${APP_ORIGIN}/index.html`, mainFrame) },
      { sender, senderFrame: frame(`${APP_ORIGIN}/index.html`) },
      { sender: { mainFrame }, senderFrame: mainFrame },
      ...[
        'https://evil.test/',
        'app://other/index.html',
        'app://tributary.evil.test/',
        'file:///index.html',
        'about:blank',
        'data:text/html,x',
        '',
      ].map((url) => {
        const foreign = frame(url);
        return { sender: Object.assign(sender, { mainFrame: foreign }), senderFrame: foreign };
      }),
    ];
    const hostileArgument = new Proxy(
      {},
      {
        get: () => {
          throw new Error('was read');
        },
      },
    );
    for (const event of senders) {
      sender.mainFrame = (event as { sender: { mainFrame: typeof mainFrame } }).sender.mainFrame;
      for (const method of Object.keys(SHELL_METHODS))
        expect(await call(event, method, hostileArgument)).toMatchObject({ ok: false, error: { code: 'E_REFUSED' } });
      sender.mainFrame = mainFrame;
    }
    expect(called).not.toHaveBeenCalled();
  });

  test.each(Object.keys(SHELL_METHODS) as ShellMethod[])(
    '%s: 300 payloads reach the handler only when they fit the schema, and nothing is thrown',
    async (method) => {
      const { call, sender, mainFrame, called } = install();
      const event = { sender, senderFrame: mainFrame };
      const like = fc.record(
        {
          path: fc.oneof(fc.string(), fc.constant(null), fc.integer()),
          theme: fc.string(),
          title: fc.string(),
          dirty: fc.anything(),
          purpose: fc.string(),
          content: fc.anything(),
          suggestedName: fc.string(),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.anything({
              withBigInt: true,
              withDate: true,
              withMap: true,
              withTypedArray: true,
              withNullPrototype: true,
            }),
            like,
          ),
          async (argument) => {
            called.mockClear();
            const reply = await call(event, method, argument);
            const fits = SHELL_METHODS[method].safeParse(argument ?? null).success;
            expect(reply.ok).toBe(fits);
            expect(called).toHaveBeenCalledTimes(fits ? 1 : 0);
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});
