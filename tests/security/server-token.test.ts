import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSecret, newSecrets } from '../../server/access.ts';
import { send, startServer, type TestServer } from './serving.ts';

/** security.md H2. */
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('the token', () => {
  test('has 256 bits, is new each time, and is not the cookie', () => {
    const [a, b] = [newSecrets(), newSecrets()];
    expect(Buffer.from(a.token, 'base64url')).toHaveLength(32);
    expect(new Set([a.token, a.session, b.token, b.session]).size).toBe(4);
  });

  test('is swapped for a cookie that scripts and other sites never see', async () => {
    const login = await send(server.port, { path: `/?token=${server.token}` });
    expect(login.status).toBe(303);
    expect(login.headers.location).toBe('/');
    expect(login.headers['set-cookie']?.[0]).toMatch(
      new RegExp(`^tributary-${server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    );
    expect(login.headers['set-cookie']?.[0]).not.toContain(server.token);
    expect(login.headers['referrer-policy']).toBe('no-referrer');
  });

  test('does not open anything in a place other than the start address', async () => {
    for (const path of [
      `/index.html?token=${server.token}`,
      `/api/status?token=${server.token}`,
      `/engine?token=${server.token}`,
    ]) {
      expect((await send(server.port, { path })).status).toBe(401);
    }
  });

  test('a million guesses: none is in', { timeout: 60_000 }, () => {
    const { token } = newSecrets();
    const pool = randomBytes(1_000_000).toString('base64url');
    let hits = 0;
    for (let i = 0; i < 1_000_000; i++) if (isSecret(pool.slice(i, i + 43), token)) hits++;
    for (const near of [token.slice(1), `${token}=`, token.toLowerCase(), '', `${token}\0`])
      if (isSecret(near, token)) hits++;
    expect(hits).toBe(0);
    expect(isSecret(token, token)).toBe(true);
  });

  test('guesses over HTTP are refused, and so many at once are not even compared', async () => {
    const guesses = Array.from({ length: 60 }, () =>
      send(server.port, { path: `/?token=${randomBytes(32).toString('base64url')}` }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 403).length).toBe(20);
    expect(statuses.filter((status) => status === 429).length).toBe(40);
    expect((await send(server.port, { path: `/?token=${server.token}` })).status).toBe(303);
  });

  test('is written to no file', async () => {
    const session = await readFile(`${server.folder}/data/session-browser.json`, 'utf8');
    expect(session).not.toContain(server.token);
  });
});
