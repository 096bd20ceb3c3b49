import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { countingEngine } from './counting-engine.ts';
import { send, startServer, type RawAnswer, type TestServer } from '../security/serving.ts';
import { serve } from '../../server/serve.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  send(server.port, {
    path,
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...headers },
  });
const shell = async (method: string, argument: unknown): Promise<unknown> =>
  JSON.parse((await post(`/api/shell/${method}`, JSON.stringify(argument))).body);

describe('the HTTP API', () => {
  test.each([
    ['an unknown method', '/api/destroy', '{}', 404],
    ['an inherited name', '/api/constructor', '{}', 404],
    ['a body that is no object', '/api/run', '[]', 400],
    ['broken JSON', '/api/run', '{', 400],
    ['an empty body', '/api/run', '', 400],
    ['a source id that is missing', '/api/close', '{}', 400],
    ['a poisoned prototype', '/api/run', '{"__proto__":{"a":1}}', 400],
    ['a failure of the query', '/api/values', '{"sourceId":"s","property":"plan"}', 400],
    ['a mistake of ours', '/api/timeline', '{"sourceId":"s","actor":"a"}', 500],
    ['an ordinary call', '/api/plan', '{"sourceId":"s","analysis":{}}', 200],
  ])('%s', async (_name, path, body, status) => {
    const answer = await post(path, body);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { ok: status === 200 }]);
  });

  test('a body over the limit is refused without being read into the engine', async () => {
    expect((await post('/api/run', JSON.stringify({ sourceId: 'x'.repeat(5_000_000) }))).status).toBe(413);
  });

  test('a request id is given where the script has none', async () => {
    const answer = JSON.parse((await post('/api/plan', '{"sourceId":"s"}')).body) as {
      value: { request: { requestId: string } };
    };
    expect(answer.value.request.requestId).toMatch(/^http-\d+$/);
  });

  test.each([
    ['preview', 'all'],
    ['asked', 'asked'],
  ])('a script that opens as %s opens as %s', async (asked, build) => {
    const answer = JSON.parse((await post('/api/open', JSON.stringify({ ref: {}, build: asked }))).body) as {
      value: { request: { build: string } };
    };
    expect(answer.value.request.build).toBe(build);
  });
});

describe('the shell of browser mode', () => {
  test('boots with the version, settings and the files handed over', async () => {
    expect(await shell('boot', null)).toMatchObject({
      ok: true,
      value: {
        version: '1.2.3',
        mode: 'browser',
        settings: { theme: 'system' },
        recents: [],
        recovery: null,
        lastFailure: null,
        openFiles: ['/handed/over.db'],
      },
    });
  });

  test('keeps settings', async () => {
    await shell('saveSettings', { theme: 'dark', zoom: 1.25, panels: { right: 300 } });
    expect(await shell('boot', null)).toMatchObject({
      value: { settings: { theme: 'dark', zoom: 1.25, panels: { right: 300 } } },
    });
  });

  test.each([
    ['pickFile', { purpose: 'source' }, 'E_UNSUPPORTED'],
    ['showInFolder', { path: '/' }, 'E_UNSUPPORTED'],
    ['writeWorkspace', { path: null, suggestedName: 'a', content: '{}' }, 'E_USAGE'],
    ['saveSettings', { theme: 'pink' }, 'E_USAGE'],
    ['listFolder', { path: 'relative' }, 'E_USAGE'],
    ['toString', null, 'E_USAGE'],
  ])('%s answers %s with a code', async (method, argument, code) => {
    expect(await shell(method, argument)).toMatchObject({ ok: false, error: { code } });
  });

  test('restarting the engine closes the open lines, which then connect again', async () => {
    const connect = (): WebSocket =>
      new WebSocket(`ws://127.0.0.1:${server.port}/engine`, {
        headers: { cookie: server.cookie, origin: `http://127.0.0.1:${server.port}` },
      });
    const socket = connect();
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    expect(await shell('restartEngine', null)).toEqual({ ok: true, value: null });
    expect(await closed).toBe(1012);
    const again = connect();
    await new Promise((resolve) => again.once('open', resolve));
    again.close();
  });

  test('a text frame or garbage ends that line only', async () => {
    for (const frame of ['hello', Buffer.from([255, 255, 255, 255, 1, 2, 3, 4])]) {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/engine`, {
        headers: { cookie: server.cookie, origin: `http://127.0.0.1:${server.port}` },
      });
      await new Promise((resolve) => socket.once('open', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.send(frame);
      await closed;
    }
    expect((await send(server.port, { path: '/', headers: { cookie: server.cookie } })).status).toBe(200);
  });
});

describe('starting', () => {
  test('says when the port is taken and when there is no built window', async () => {
    const dataDir = await mkdtemp(`${tmpdir()}/tributary-serve-`);
    const rendererDir = `${server.folder}/renderer`;
    await expect(serve({ dataDir, rendererDir, port: server.port, newEngine: countingEngine })).rejects.toMatchObject({
      code: 'E_BUSY',
    });
    await expect(serve({ dataDir, rendererDir: dataDir, newEngine: countingEngine })).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    });
    await rm(dataDir, { recursive: true });
  });
});
