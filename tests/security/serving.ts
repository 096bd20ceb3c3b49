import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve, type Serving } from '../../server/serve.ts';
import { countingEngine } from '../contract/counting-engine.ts';

export const SECRET = 'outside the window';

export interface TestServer extends Serving {
  readonly cookie: string;
  readonly folder: string;
  readonly engine: ReturnType<typeof countingEngine>;
  stop(): Promise<void>;
}

/** A server over a small window folder, with a secret file beside it that must never be served. */
export async function startServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-server-'));
  const rendererDir = join(folder, 'renderer');
  await mkdir(join(rendererDir, 'assets'), { recursive: true });
  await writeFile(join(rendererDir, 'index.html'), '<!doctype html><title>Tributary</title>');
  await writeFile(join(rendererDir, 'assets', 'index.js'), 'export {};');
  await writeFile(join(rendererDir, '.hidden'), SECRET);
  await writeFile(join(folder, 'secret.txt'), SECRET);
  await writeFile(join(folder, 'renderer-2.txt'), SECRET);
  const engine = countingEngine();
  const serving = await serve({
    dataDir: join(folder, 'data'),
    rendererDir,
    newEngine: () => engine,
    version: '1.2.3',
    openFiles: ['/handed/over.db'],
  });
  const login = await send(serving.port, { path: `/?token=${serving.token}` });
  const stop = async (): Promise<void> => {
    await serving.close();
    await rm(folder, { recursive: true });
  };
  return { ...serving, folder, engine, cookie: login.headers['set-cookie']?.[0]?.split(';')[0] ?? '', stop };
}

export interface RawRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
/** Exactly these bytes: unlike fetch, neither the path nor the Host is tidied up. Upgrades answer 101. */
export function send(port: number, { path, method = 'GET', headers = {}, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    call.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' });
    });
    call.on('error', reject);
    call.end(body);
  });
}
