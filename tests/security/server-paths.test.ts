import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECRET, send, startServer, type TestServer } from './serving.ts';

/** security.md H3: no spelling of a path leaves the window's folder. */
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const UPS = [
  '..',
  '%2e%2e',
  '.%2e',
  '%2E.',
  '..%00',
  '%252e%252e',
  '..;',
  '....',
  '%c0%ae%c0%ae',
  '\\..',
  '%5c..',
  '..%5c',
  '%uff0e%uff0e',
  '..%20',
];
const SLASHES = ['/', '%2f', '\\', '%5c', '//', '/./', '%252f', '%c0%af'];
const TARGETS = [
  'secret.txt',
  'renderer-2.txt',
  'data/session-browser.json',
  'etc/passwd',
  'renderer/../secret.txt',
  '.hidden',
];
const PREFIXES = ['/', '/assets/', '/assets', '//', '/-2.txt'];
const SPELLINGS = PREFIXES.flatMap((prefix) =>
  UPS.flatMap((up) => SLASHES.flatMap((slash) => TARGETS.map((target) => `${prefix}${up}${slash}${target}`))),
);

describe('paths', () => {
  test(`${SPELLINGS.length} traversal spellings give nothing from outside`, { timeout: 120_000 }, async () => {
    const leaked: string[] = [];
    for (let at = 0; at < SPELLINGS.length; at += 50) {
      const batch = SPELLINGS.slice(at, at + 50);
      const answers = await Promise.all(
        batch.map((path) => send(server.port, { path, headers: { cookie: server.cookie } })),
      );
      answers.forEach(({ status, body }, i) => {
        if (body.includes(SECRET) || body.includes('root:') || body.includes('"pid"') || status >= 500)
          leaked.push(`${status} ${batch[i]}`);
      });
    }
    expect(SPELLINGS.length).toBeGreaterThan(1000);
    expect(leaked).toEqual([]);
  });

  test('any path gives an answer under 500 and no secret (property)', async () => {
    const part = fc.oneof(
      fc.constantFrom(...UPS, ...SLASHES, ...TARGETS),
      fc.string({ maxLength: 5 }).map((text) => encodeURIComponent(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const { status, body } = await send(server.port, {
          path: `/${parts.join('')}`,
          headers: { cookie: server.cookie },
        });
        expect(status).toBeLessThan(500);
        expect(body).not.toContain(SECRET);
      }),
      { numRuns: 300 },
    );
  });

  test('hidden files and folder listings are not served', async () => {
    for (const path of ['/.hidden', '/assets', '/assets/'])
      expect((await send(server.port, { path, headers: { cookie: server.cookie } })).status).toBeGreaterThanOrEqual(
        400,
      );
  });

  test('the window itself is', async () => {
    const page = await send(server.port, { path: '/', headers: { cookie: server.cookie } });
    expect(page.body).toContain('<title>Tributary</title>');
    const script = await send(server.port, { path: '/assets/index.js', headers: { cookie: server.cookie } });
    expect(script.headers['content-type']).toMatch(/^(text|application)\/javascript/);
  });
});
