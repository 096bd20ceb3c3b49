import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { connectEngine, exposeEngine, type EngineConnection } from '../../protocol/carrier/engine-carrier.ts';
import { portPipe, socketPipe } from '../../protocol/carrier/pipes.ts';
import type { EngineApi, Progress } from '../../protocol/index.ts';
import { serve, type Serving } from '../../server/serve.ts';
import { countingEngine } from './counting-engine.ts';
import { httpEngine } from './http-engine.ts';

const engine = countingEngine();
let folder = '';
let serving: Serving;
const connections: EngineConnection[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-carriers-'));
  await mkdir(join(folder, 'renderer'));
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html>');
  serving = await serve({
    dataDir: join(folder, 'data'),
    rendererDir: join(folder, 'renderer'),
    newEngine: () => engine,
  });
});
afterAll(async () => {
  for (const connection of connections) connection.hangUp();
  await serving.close();
  await rm(folder, { recursive: true });
});

async function openSocket(): Promise<WebSocket> {
  const login = await fetch(serving.url, { redirect: 'manual' });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const socket = new WebSocket(`ws://127.0.0.1:${serving.port}/engine`, {
    headers: { cookie, origin: `http://127.0.0.1:${serving.port}` },
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

function overPort(): EngineConnection {
  const { port1, port2 } = new MessageChannel();
  exposeEngine(engine, portPipe(port1));
  return connectEngine(portPipe(port2));
}

const CARRIERS: Record<string, () => Promise<EngineApi>> = {
  'in process': () => Promise.resolve(engine),
  MessagePort: () => Promise.resolve(keep(overPort())),
  WebSocket: async () => keep(connectEngine(socketPipe(await openSocket()))),
  HTTP: () => Promise.resolve(httpEngine(serving.port, serving.token)),
};
function keep(connection: EngineConnection): EngineConnection {
  connections.push(connection);
  return connection;
}

describe.each(Object.entries(CARRIERS))('over %s', (name, connect) => {
  const run = { requestId: `run-${name}`, sourceId: 's', analysis: { steps: 4 } as never };

  test('answers are equal', async () => {
    const api = await connect();
    expect(await api.vocabulary('käse 🙂')).toEqual({ ok: true, value: { name: 'vocabulary', request: 'käse 🙂' } });
    const request = {
      requestId: 'p',
      sourceId: 's',
      analysis: { type: 'funnel', steps: [], list: [null, 1.5, '\u2028'] } as never,
    };
    expect(await api.plan(request)).toEqual({ ok: true, value: { name: 'plan', request } });
    expect((await api.status()).ok).toBe(true);
    expect(await api.run(run)).toEqual({ ok: true, value: { counted: 4 } });
  });

  test('progress arrives in order, before the answer', async () => {
    const api = await connect();
    const seen: Progress[] = [];
    const reply = await api.run({ ...run, requestId: `progress-${name}` }, (progress) => seen.push(progress));
    expect(reply).toEqual({ ok: true, value: { counted: 4 } });
    expect(seen.map((progress) => progress.done)).toEqual([1, 2, 3, 4]);
    expect(seen[0]).toEqual({
      requestId: `progress-${name}`,
      phase: 'scan',
      done: 1,
      total: 4,
      unit: 'rows',
      perSecond: 200,
      etaMs: null,
    });
  });

  test('cancel ends the call with E_CANCELLED', async () => {
    const api = await connect();
    const requestId = `cancel-${name}`;
    let cancelled: unknown;
    const reply = await api.run({ ...run, requestId, analysis: { steps: 1e9 } as never }, () => {
      cancelled ??= api.cancel(requestId);
    });
    expect(reply).toMatchObject({
      ok: false,
      error: { code: 'E_CANCELLED', message: 'Cancelled.', hint: 'Run it again.' },
    });
    expect(await cancelled).toEqual({ ok: true, value: true });
    expect(await api.cancel(requestId)).toEqual({ ok: true, value: false });
  });

  test('error codes, messages and hints survive', async () => {
    const api = await connect();
    expect(await api.values({ requestId: 'v', sourceId: 's', property: 'plan' })).toEqual({
      ok: false,
      error: { code: 'E_NO_SUCH_COLUMN', message: 'There is no plan.', hint: 'Choose another.' },
    });
  });
});

describe.each(['MessagePort', 'WebSocket', 'HTTP'])('over %s, borders', (name) => {
  test('a mistake inside the engine is E_INTERNAL, not a broken line', async () => {
    const api = await CARRIERS[name]!();
    expect(await api.timeline({ requestId: 't', sourceId: 's', actor: 'a' })).toMatchObject({
      ok: false,
      error: { code: 'E_INTERNAL' },
    });
    expect((await api.vocabulary('still alive')).ok).toBe(true);
  });
});

describe.each(['MessagePort', 'WebSocket'])('over %s, when the line is lost', (name) => {
  test('open calls resolve to E_ENGINE_LOST and the engine stops working for nobody', async () => {
    const api = (await CARRIERS[name]!()) as EngineConnection;
    const requestId = `lost-${name}`;
    let lost = 0;
    api.onLost(() => lost++);
    const reply = await api.run({ requestId, sourceId: 's', analysis: { steps: 1e9 } as never }, () => api.hangUp());
    expect(reply).toMatchObject({ ok: false, error: { code: 'E_ENGINE_LOST' } });
    expect(await api.status()).toMatchObject({ ok: false, error: { code: 'E_ENGINE_LOST' } });
    expect(lost).toBe(1);
    await expect.poll(() => engine.cancelled).toContain(requestId);
  });
});

test('over HTTP a client that goes away cancels its request', async () => {
  const abort = new AbortController();
  const answer = fetch(`http://127.0.0.1:${serving.port}/api/run`, {
    method: 'POST',
    signal: abort.signal,
    headers: { authorization: `Bearer ${serving.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ requestId: 'gone', sourceId: 's', analysis: { steps: 1e9 } }),
  });
  setTimeout(() => abort.abort(), 50);
  await expect(answer).rejects.toThrow(/abort/);
  await expect.poll(() => engine.cancelled).toContain('gone');
});
