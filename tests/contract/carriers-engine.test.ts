import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { connectEngine, exposeEngine } from '../../protocol/carrier/engine-carrier.ts';
import { portPipe, socketPipe } from '../../protocol/carrier/pipes.ts';
import { SAMPLE_REF, type AnalysisDocument, type EngineApi, type Progress, type Reply } from '../../protocol/index.ts';
import { serve, type Serving } from '../../server/serve.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { httpEngine } from './http-engine.ts';

/** The real engine on the bundled sample: every carrier gives the answer of the engine in process. */
let folder = '';
let engine: Engine;
let serving: Serving;
let sourceId = '';
const carriers = new Map<string, EngineApi>();
const disconnects: (() => void)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-engine-'));
  await mkdir(join(folder, 'renderer'));
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html>');
  engine = createEngine({ dataDir: join(folder, 'data'), threads: 2 });
  serving = await serve({
    dataDir: join(folder, 'data'),
    rendererDir: join(folder, 'renderer'),
    newEngine: () => engine,
  });
  const { port1, port2 } = new MessageChannel();
  exposeEngine(engine, portPipe(port1));
  const cookie = (await fetch(serving.url, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? '';
  const socket = new WebSocket(`ws://127.0.0.1:${serving.port}/engine`, {
    headers: { cookie, origin: `http://127.0.0.1:${serving.port}` },
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const overPort = connectEngine(portPipe(port2));
  const overSocket = connectEngine(socketPipe(socket));
  disconnects.push(
    () => overPort.hangUp(),
    () => overSocket.hangUp(),
  );
  carriers
    .set('MessagePort', overPort)
    .set('WebSocket', overSocket)
    .set('HTTP', httpEngine(serving.port, serving.token));
  sourceId = unwrap(await engine.open({ requestId: 'open', ref: SAMPLE_REF })).sourceId;
}, 60_000);
afterAll(async () => {
  for (const disconnect of disconnects) disconnect();
  await serving.close();
  await rm(folder, { recursive: true, force: true });
});

function unwrap<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value;
}
/** Everything but how long it took, and whether it came from memory. */
function comparable(reply: Reply<unknown>): unknown {
  return JSON.parse(
    JSON.stringify(reply, (key, value: unknown) =>
      key === 'timing' || key === 'scan' || key === 'openMs' ? undefined : value,
    ),
  );
}

const funnel: AnalysisDocument = {
  type: 'funnel',
  steps: [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }],
  window: { value: 60, unit: 'day' },
};
const ANALYSES: readonly AnalysisDocument[] = [
  funnel,
  { type: 'journey' },
  { type: 'rollup', interval: 'month' } as AnalysisDocument,
];

test('a source that two clients have open is closed when the last of them closes it', async () => {
  const [one, two, three] = [...carriers.values()] as [EngineApi, EngineApi, EngineApi];
  const { port1, port2 } = new MessageChannel();
  exposeEngine(engine, portPipe(port1));
  const gone = connectEngine(portPipe(port2));
  const file = join(folder, 'shared.db');
  const samples = join(folder, 'data', 'sample');
  await copyFile(join(samples, (await readdir(samples)).find((name) => name.endsWith('.db')) ?? ''), file);
  const ref = { kind: 'sqlite', path: file } as const;
  const ids = await Promise.all(
    [one, two, three, gone].map(
      async (client, i) => unwrap(await client.open({ requestId: `own-${i}`, ref })).sourceId,
    ),
  );
  const [shared = ''] = ids;
  expect(new Set(ids).size).toBe(1);
  const isOpen = async (client: EngineApi): Promise<boolean> => (await client.vocabulary(shared)).ok;
  unwrap(await one.close(shared));
  unwrap(await one.close(shared));
  expect(await isOpen(two)).toBe(true);
  gone.hangUp();
  unwrap(await two.close(shared));
  expect(await isOpen(three)).toBe(true);
  unwrap(await three.close(shared));
  expect(await isOpen(three)).toBe(false);
});

describe.each(['MessagePort', 'WebSocket', 'HTTP'])('the real engine over %s', (name) => {
  const carrier = (): EngineApi => carriers.get(name) as EngineApi;

  test('opening again is the same source', async () => {
    const here = await engine.open({ requestId: 'a', ref: SAMPLE_REF });
    expect(comparable(await carrier().open({ requestId: 'b', ref: SAMPLE_REF }))).toEqual(comparable(here));
  });

  test.each(ANALYSES.map((analysis) => [analysis.type, analysis] as const))('%s', async (_type, analysis) => {
    const here = await engine.run({ requestId: `here-${name}`, sourceId, analysis });
    const there = await carrier().run({ requestId: `there-${name}`, sourceId, analysis });
    expect(here.ok).toBe(true);
    expect(comparable(there)).toEqual(comparable(here));
  });

  test('actors, values, vocabulary and CSV', async () => {
    expect(await carrier().vocabulary(sourceId)).toEqual(await engine.vocabulary(sourceId));
    expect(comparable(await carrier().plan({ requestId: 'p', sourceId, analysis: funnel }))).toEqual(
      comparable(await engine.plan({ requestId: 'p', sourceId, analysis: funnel })),
    );
    const values = { requestId: 'v', sourceId, property: 'plan_id' };
    expect(await carrier().values(values)).toEqual(await engine.values(values));
    const csv = { requestId: 'c', sourceId, analysis: funnel };
    expect(await carrier().csv(csv)).toEqual(await engine.csv(csv));
  });

  test.each([
    ['a bad query', { requestId: 'x', analysis: { type: 'funnel', steps: 'none' } as never }, 'E_BAD_QUERY'],
    ['no type', { requestId: 'x', analysis: {} as never }, 'E_BAD_QUERY'],
  ])('%s has the same code, message and path', async (_what, request, code) => {
    const here = await engine.run({ ...request, sourceId });
    const there = await carrier().run({ ...request, sourceId });
    expect(here).toMatchObject({ ok: false, error: { code } });
    expect(there).toEqual(here);
  });

  test('a file that is not there has the same code', async () => {
    const ref = { kind: 'sqlite', path: join(folder, 'no.db') } as const;
    const there = await carrier().open({ requestId: 'n', ref });
    expect(there).toMatchObject({ ok: false, error: { code: 'E_NOT_FOUND' } });
    expect(there).toEqual(await engine.open({ requestId: 'n', ref }));
  });

  test('progress is told while a file is inspected', async () => {
    const seen: Progress[] = [];
    const reply = await carrier().inspect({ requestId: `inspect-${name}`, ref: SAMPLE_REF }, (progress) =>
      seen.push(progress),
    );
    expect(reply.ok).toBe(true);
    expect(seen.every(({ requestId }) => requestId === `inspect-${name}`)).toBe(true);
  });
});
