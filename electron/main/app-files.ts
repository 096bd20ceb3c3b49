import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { SECURITY_HEADERS } from '../../protocol/carrier/csp.ts';
import { APP_ORIGIN, originOf } from './origin.ts';

/** Serves the built window under `app://tributary/`: GET only, files below `rendererDir` only, the strict CSP on each. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
};

export async function serveAppFile(
  rendererDir: string,
  request: { readonly method: string; readonly url: string },
): Promise<Response> {
  if (request.method !== 'GET') return answer(405, 'GET only');
  const file = resolveAppFile(rendererDir, request.url);
  const type = file === null ? undefined : TYPES[extname(file)];
  if (file === null || type === undefined) return answer(404, 'There is nothing here.');
  try {
    return answer(200, new Uint8Array(await readFile(file)), type);
  } catch {
    return answer(404, 'There is nothing here.');
  }
}

/** The file that a URL names, or null for another host, a hidden file, or any way out of the folder. */
export function resolveAppFile(rendererDir: string, url: string): string | null {
  if (originOf(url) !== APP_ORIGIN) return null;
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname);
  } catch {
    return null;
  }
  if (/[\0\\]|(^|\/)\./.test(path)) return null;
  const file = normalize(join(rendererDir, path === '/' ? 'index.html' : path));
  return file.startsWith(normalize(rendererDir) + sep) ? file : null;
}

function answer(status: number, body: string | Uint8Array<ArrayBuffer>, type = 'text/plain; charset=utf-8'): Response {
  return new Response(body, { status, headers: { ...SECURITY_HEADERS, 'content-type': type } });
}
