import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAppState } from '../../worker/files/app-state.ts';
import { answerShellCall, createShellHandlers, type ShellHost } from '../../worker/files/shell-handlers.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { parseTarget } from '../../worker/connection/parse-target.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

/** Nothing else in the world looks like this. */
const CANARY = 'c4nary-9f3b1e77';
const FORMS = [CANARY, Buffer.from(CANARY).toString('base64'), Buffer.from(CANARY).toString('hex')];
const PROGRAM = path.join(import.meta.dirname, '../../cli/tributary.ts');

let server: TestPostgres;
let folder: string;
let dataDir: string;
let passfile: string;
beforeAll(async () => {
  server = await startPostgres();
  await server.query(`CREATE ROLE analyst LOGIN PASSWORD '${CANARY}'`);
  folder = mkdtempSync(path.join(tmpdir(), 'tributary-canary-'));
  dataDir = path.join(folder, 'data');
  passfile = path.join(folder, 'pgpass');
  writeFileSync(passfile, `*:*:*:analyst:${CANARY}\n`);
  chmodSync(passfile, 0o600);
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});
const address = (): string => `postgres://analyst@127.0.0.1:${server.port}/postgres`;

interface Ran {
  readonly code: number | null;
  readonly output: string;
  /** Arguments and environments of the process and all it started, while it ran. */
  readonly processes: string;
}

/** Looks at /proc every few ms; elsewhere there is nothing to look at. */
async function tributary(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], HOME: folder, TRIBUTARY_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  let processes = '';
  const look = setInterval(() => (processes += readProcesses(child.pid ?? 0)), 20);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(look);
  return { code, output, processes };
}

function readProcesses(pid: number): string {
  const read = (file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1');
    } catch {
      return '';
    }
  };
  const children = read(`task/${pid}/children`).trim();
  const own = read('cmdline') + read('environ');
  return (
    own +
    children
      .split(' ')
      .filter(Boolean)
      .map((each) => readProcesses(Number(each)))
      .join('')
  );
}

/** Paths of files below the folder, but the user's own password file, that hold the password in any form. */
function leaks(): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name));
  return files
    .filter((file) => file !== passfile && statSync(file).isFile())
    .filter((file) => FORMS.some((form) => readFileSync(file, 'latin1').includes(form)));
}

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

describe('a password stays in memory', () => {
  test('when an address that holds one is saved', async () => {
    const withPassword = address().replace('analyst@', `analyst:${CANARY}@`);
    const { code, output } = await tributary(['connections', 'add', 'shop', withPassword, '--json']);
    expect(code).toBe(0);
    expect(output).toContain('was not saved');
    expect(output).not.toContain(CANARY);
    expect(leaks()).toEqual([]);
    expect(statSync(path.join(dataDir, 'connections.json')).mode & 0o077).toBe(0);
  });

  test.each([
    ['connections', 'test', 'shop', '--json'],
    ['inspect', 'shop', '--json', '--verbose'],
    ['connections', 'ls', '--json'],
  ])('%s %s %s', async (...args) => {
    const { output, processes } = await tributary(args, { PGPASSFILE: passfile });
    expect(output).not.toContain('E_AUTH');
    for (const form of FORMS) {
      expect(output).not.toContain(form);
      expect(processes).not.toContain(form);
    }
    expect(leaks()).toEqual([]);
  });

  test('when it is wrong', async () => {
    const { target } = parseTarget(address(), {});
    const failure = await openClient(target, { password: `${CANARY}-wrong` }).catch((thrown: unknown) => thrown);
    const all = `${JSON.stringify(failure, Object.getOwnPropertyNames(failure))}${(failure as Error).stack ?? ''}`;
    expect(failure).toMatchObject({ code: 'E_AUTH' });
    expect(all).not.toContain(CANARY);
  });

  test.each([
    `postgres://a:${CANARY}%zz@h/d`,
    `postgres://a:${CANARY}@[h/d`,
    `password=${CANARY} 'x`,
    `postgres://a:${CANARY}@h:99999/d`,
    `postgres://a:${CANARY}@h/d?colour=red`,
  ])('when an address cannot be read: %#', (text) => {
    const failure = failureOf(() => parseTarget(text, {}));
    expect(failure).toMatchObject({ code: 'E_USAGE' });
    expect(`${String(failure)}${JSON.stringify(failure)}${(failure as Error).stack ?? ''}`).not.toContain(CANARY);
  });

  test('when the window keeps it for this run', async () => {
    const state = openAppState(dataDir, 'browser');
    const handlers = createShellHandlers(state, { mode: 'browser', version: '0' } as ShellHost);
    const keep = { address: address(), password: CANARY, remember: false };
    expect(await answerShellCall(handlers, 'keepPassword', keep)).toEqual({ ok: true, value: null });
    expect(await answerShellCall(handlers, 'getPassword', { address: address() })).toEqual({ ok: true, value: CANARY });
    const remember = { ...keep, remember: true };
    expect(await answerShellCall(handlers, 'keepPassword', remember)).toMatchObject({
      error: { code: 'E_UNSUPPORTED' },
    });
    expect(leaks()).toEqual([]);
  });
});
