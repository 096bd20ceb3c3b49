import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send, startServer, type RawRequest, type TestServer } from './serving.ts';

/** security.md H1: every combination of Host, Origin, Sec-Fetch-Site, secret and kind of request. */
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const HOSTS = {
  own: (port: number) => `127.0.0.1:${port}`,
  localhost: (port: number) => `localhost:${port}`,
  rebound: (port: number) => `evil.test:${port}`,
  'no port': () => '127.0.0.1',
  'other port': (port: number) => `127.0.0.1:${port + 1}`,
};
const ORIGINS = {
  none: undefined,
  own: 'own',
  evil: 'http://evil.test',
  null: 'null',
  'other port': 'http://127.0.0.1:1',
};
const SITES = { none: undefined, 'same-origin': 'same-origin', 'same-site': 'same-site', 'cross-site': 'cross-site' };
const SECRETS = ['nothing', 'cookie', 'wrong cookie', 'token'] as const;
const KINDS = ['page', 'status', 'call', 'form', 'upgrade', 'delete'] as const;
interface Cell {
  readonly host: keyof typeof HOSTS;
  readonly origin: keyof typeof ORIGINS;
  readonly site: keyof typeof SITES;
  readonly secret: (typeof SECRETS)[number];
  readonly kind: (typeof KINDS)[number];
}
const keys = <T extends object>(table: T): (keyof T)[] => Object.keys(table) as (keyof T)[];
const CELLS: Cell[] = keys(HOSTS).flatMap((host) =>
  keys(ORIGINS).flatMap((origin) =>
    keys(SITES).flatMap((site) =>
      SECRETS.flatMap((secret) => KINDS.map((kind) => ({ host, origin, site, secret, kind }))),
    ),
  ),
);

/** The table, written down independently of the server's code. */
function expectedStatus({ host, origin, site, secret, kind }: Cell): number {
  if (host !== 'own' && host !== 'localhost') return 421;
  if (origin !== 'none' && origin !== 'own') return 403;
  if (kind === 'upgrade' && origin === 'none') return 403;
  if (site === 'same-site' || site === 'cross-site') return 403;
  const isApi = kind === 'status' || kind === 'call' || kind === 'form' || kind === 'delete';
  if (secret !== 'cookie' && !(secret === 'token' && isApi)) return 401;
  if (kind === 'delete') return 405;
  if (kind === 'form') return 415;
  return kind === 'upgrade' ? 101 : 200;
}

function requestOf({ host, origin, site, secret, kind }: Cell): RawRequest {
  const hostName = HOSTS[host](server.port);
  const headers: Record<string, string> = { host: hostName };
  const from = ORIGINS[origin];
  if (from !== undefined) headers['origin'] = from === 'own' ? `http://${hostName}` : from;
  const site_ = SITES[site];
  if (site_ !== undefined) headers['sec-fetch-site'] = site_;
  if (secret === 'cookie') headers['cookie'] = `other=1; ${server.cookie}`;
  if (secret === 'wrong cookie') headers['cookie'] = `${server.cookie.slice(0, -1)}!`;
  if (secret === 'token') headers['authorization'] = `Bearer ${server.token}`;
  if (kind === 'page') return { path: '/', headers };
  if (kind === 'status') return { path: '/api/status', headers };
  if (kind === 'delete') return { path: '/api/status', method: 'DELETE', headers };
  if (kind === 'upgrade')
    return {
      path: '/engine',
      headers: {
        ...headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    };
  const json = { ...headers, 'content-type': 'application/json', 'x-tributary': '1' };
  if (kind === 'call') return { path: '/api/vocabulary', method: 'POST', headers: json, body: '{"sourceId":"s"}' };
  return {
    path: '/api/vocabulary',
    method: 'POST',
    headers: { ...json, 'content-type': 'text/plain' },
    body: '{"sourceId":"s"}',
  };
}

describe('who may talk to the server', () => {
  test(`${CELLS.length} combinations of host, origin, site, secret and request`, { timeout: 120_000 }, async () => {
    const wrong: unknown[] = [];
    for (let at = 0; at < CELLS.length; at += 40) {
      const batch = CELLS.slice(at, at + 40);
      const answers = await Promise.all(batch.map((cell) => send(server.port, requestOf(cell))));
      answers.forEach(({ status }, i) => {
        const cell = batch[i] as Cell;
        if (status !== expectedStatus(cell)) wrong.push({ ...cell, status, expected: expectedStatus(cell) });
      });
    }
    expect(wrong).toEqual([]);
    expect(CELLS.length).toBe(2400);
  });

  test('a cookie alone cannot change anything without the header that other pages cannot set', async () => {
    const headers = { cookie: server.cookie, 'content-type': 'application/json' };
    const call = { path: '/api/shell/clearRecents', method: 'POST', body: 'null' };
    expect((await send(server.port, { ...call, headers })).status).toBe(403);
    expect((await send(server.port, { ...call, headers: { ...headers, 'x-tributary': '1' } })).status).toBe(200);
  });

  test('no answer allows other origins', async () => {
    const preflight = {
      origin: `http://127.0.0.1:${server.port}`,
      'access-control-request-method': 'POST',
      cookie: server.cookie,
    };
    for (const request of [
      { path: '/api/run', method: 'OPTIONS', headers: preflight },
      { path: '/', headers: { cookie: server.cookie } },
      { path: '/' },
    ]) {
      const { headers } = await send(server.port, request);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test.each(['/', '/assets/index.js', '/api/status', '/nowhere', '/?token=wrong'])(
    'security headers on %s',
    async (path) => {
      const { headers } = await send(server.port, { path, headers: { cookie: server.cookie } });
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    },
  );

  test('listens on 127.0.0.1 only', async () => {
    await expect(fetch(`http://127.0.0.2:${server.port}/`)).rejects.toThrow(/fetch failed/);
  });
});
