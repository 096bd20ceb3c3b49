import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveAppFile, serveAppFile } from './app-files.ts';

let folder = '';
let rendererDir = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-app-'));
  rendererDir = join(folder, 'renderer');
  await mkdir(join(rendererDir, 'assets'), { recursive: true });
  await writeFile(join(rendererDir, 'index.html'), '<!doctype html>');
  await writeFile(join(rendererDir, 'assets', 'a b.js'), 'export {};');
  await writeFile(join(rendererDir, '.env'), 'SECRET');
  await writeFile(join(rendererDir, 'notes.xyz'), 'SECRET');
  await writeFile(join(folder, 'secret.json'), 'SECRET');
  await writeFile(join(folder, 'renderer-secret.json'), 'SECRET');
});
afterAll(() => rm(folder, { recursive: true }));

describe('app://', () => {
  test('serves the window with type and headers', async () => {
    for (const url of ['app://tributary/', 'app://tributary/index.html', 'app://tributary/index.html?x=1#y']) {
      const response = await serveAppFile(rendererDir, { method: 'GET', url });
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        200,
        'text/html; charset=utf-8',
        '<!doctype html>',
      ]);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect((await serveAppFile(rendererDir, { method: 'GET', url: 'app://tributary/assets/a%20b.js' })).status).toBe(
      200,
    );
  });

  const ups = ['..', '%2e%2e', '.%2e', '%2E%2E', '%252e%252e', '..%00', '..;', '%c0%ae%c0%ae', '%2e%2e%2f..'];
  const slashes = ['/', '%2f', '\\', '%5c', '//', '/./'];
  const targets = ['secret.json', 'renderer-secret.json', 'renderer/../secret.json', '.env', 'etc/passwd'];
  const hostile = ups.flatMap((up) =>
    slashes.flatMap((slash) =>
      targets.flatMap((target) => [
        `app://tributary/${up}${slash}${target}`,
        `app://tributary/assets/${up}${slash}${up}${slash}${target}`,
      ]),
    ),
  );
  test(`${hostile.length} ways out lead nowhere`, async () => {
    const served: string[] = [];
    for (const url of hostile) {
      const response = await serveAppFile(rendererDir, { method: 'GET', url });
      if (response.status !== 404 || (await response.text()).includes('SECRET')) served.push(url);
    }
    expect(served).toEqual([]);
  });

  test.each([
    'app://other/index.html',
    'app://tributary.evil.test/index.html',
    'app://tributary:80/index.html',
    'app://user@evil/index.html',
    'file:///index.html',
    'https://tributary/index.html',
    'app://tributary/.env',
    'app://tributary/assets/.env',
    'app://tributary/notes.xyz',
    'app://tributary/assets',
    'app://tributary/%',
    'not a url',
    '',
  ])('%s is not served', async (url) => {
    expect((await serveAppFile(rendererDir, { method: 'GET', url })).status).toBe(404);
  });

  test.each(['POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS'])('%s is refused', async (method) => {
    expect((await serveAppFile(rendererDir, { method, url: 'app://tributary/index.html' })).status).toBe(405);
  });

  test('a folder whose name only begins like ours is outside', () => {
    expect(resolveAppFile('/app/renderer', 'app://tributary/index.html')).toBe('/app/renderer/index.html');
    expect(resolveAppFile('/app/renderer', 'app://tributary/..')).toBe('/app/renderer/index.html');
  });
});
