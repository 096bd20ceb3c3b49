import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumArgs, chromiumEnv, chromiumPath } from '../../scripts/chromium.ts';
import { startServer, type TestServer } from './serving.ts';

/**
 * security.md H1, in a real browser that is logged in: a foreign page on another port, and one whose host name was
 * rebound to 127.0.0.1 (so that to the browser our server *is* the foreign site), try everything a page can try.
 */
let server: TestServer;
let foreign: Server;
let browser: Browser;
beforeAll(async () => {
  server = await startServer();
  foreign = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>foreign</title>'),
  );
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  const executablePath = await chromiumPath();
  browser = await chromium.launch({
    executablePath,
    args: [...chromiumArgs, '--host-resolver-rules=MAP evil.test 127.0.0.1'],
    env: { ...process.env, ...chromiumEnv(executablePath) } as Record<string, string>,
  });
}, 60_000);
afterAll(async () => {
  await browser.close();
  foreign.close();
  await server.stop();
});

/** What a page at `from` gets from `target`: statuses it could read, and whether a socket opened. */
async function attack(
  from: string,
  target: string,
): Promise<{ read: (number | string)[]; socket: boolean; framed: boolean }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.url);
  await page.goto(from);
  const result = await page.evaluate(async (base) => {
    const get = (path: string, init: RequestInit): Promise<number | string> =>
      fetch(base + path, { credentials: 'include', ...init }).then(
        (response) => response.status,
        () => 'blocked',
      );
    const json = { 'content-type': 'application/json', 'x-tributary': '1' };
    const read = [
      await get('/', {}),
      await get('/api/status', {}),
      await get('/api/status', { mode: 'no-cors' }),
      await get('/api/shell/clearRecents', { method: 'POST', body: 'null' }),
      await get('/api/shell/clearRecents', { method: 'POST', body: 'null', headers: json }),
    ];
    const socket = await new Promise<boolean>((resolve) => {
      const line = new WebSocket(`${base.replace('http', 'ws')}/engine`);
      line.addEventListener('open', () => resolve(true));
      line.addEventListener('error', () => resolve(false));
    });
    const frame = document.createElement('iframe');
    frame.src = base;
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame);
    await loaded;
    let framed = false;
    try {
      framed = (frame.contentDocument?.title ?? '') === 'Tributary';
    } catch {
      framed = false;
    }
    return { read, socket, framed };
  }, target);
  await context.close();
  return result;
}

const recents = { kind: 'source', path: '/kept.db', openedAt: 1 };
async function ownCall(method: string, argument: unknown): Promise<{ value: { recents: unknown[] } }> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/shell/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(argument),
  });
  return (await response.json()) as { value: { recents: unknown[] } };
}

describe('pages of other sites in a logged-in browser', () => {
  test('our own page may do it all: the rig works', async () => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(server.url);
    const seen = await tab.evaluate(async () => ({
      status: (await fetch('/api/status')).status,
      socket: await new Promise((resolve) => {
        const line = new WebSocket(`ws://${location.host}/engine`);
        line.addEventListener('open', () => resolve(true));
        line.addEventListener('error', () => resolve(false));
      }),
    }));
    expect(seen).toEqual({ status: 200, socket: true });
    await context.close();
  });

  test.each([
    [
      'another port of this machine',
      (port: number) => `http://127.0.0.1:${port}/`,
      (port: number) => `http://127.0.0.1:${port}`,
    ],
    ['another site', (port: number) => `http://evil.test:${port}/`, (port: number) => `http://127.0.0.1:${port}`],
  ])('%s reads nothing, changes nothing and opens no line', async (_name, from, to) => {
    await ownCall('addRecent', recents);
    const result = await attack(from((foreign.address() as AddressInfo).port), to(server.port));
    expect(result).toEqual({
      read: ['blocked', 'blocked', 'blocked', 'blocked', 'blocked'],
      socket: false,
      framed: false,
    });
    expect((await ownCall('boot', null)).value.recents).toEqual([recents]);
  });

  test('a rebound host name gets 421 from every door', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    const answer = await page.goto(`http://evil.test:${server.port}/`);
    expect(answer?.status()).toBe(421);
    const seen = await page.evaluate(async () => {
      const status = (path: string, init?: RequestInit): Promise<number | string> =>
        fetch(path, init).then(
          (response) => response.status,
          () => 'blocked',
        );
      return [
        await status('/api/status'),
        await status('/api/shell/clearRecents', {
          method: 'POST',
          body: 'null',
          headers: { 'content-type': 'application/json', 'x-tributary': '1' },
        }),
        await new Promise((resolve) => {
          const line = new WebSocket(`ws://${location.host}/engine`);
          line.addEventListener('open', () => resolve('open'));
          line.addEventListener('error', () => resolve('blocked'));
        }),
      ];
    });
    expect(seen).toEqual([421, 421, 'blocked']);
    await context.close();
  });
});
