import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionTest, ErrorData, SavedConnection } from '../protocol/index.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../tests/support/postgres.ts';

const PROGRAM = path.join(import.meta.dirname, 'tributary.ts');
let folder: string;
let server: TestPostgres;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-connections-'));
  server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function connections(args: readonly string[], env: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [PROGRAM, ...args, '--json'], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TRIBUTARY_DATA_DIR: path.join(folder, 'data'), ...env },
  });
}
const answerOf = <T>(run: SpawnSyncReturns<string>): T => JSON.parse(run.stdout) as T;
const errorOf = ({ status, stderr }: SpawnSyncReturns<string>): string =>
  `${status} ${(JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as ErrorData).code}`;
const address = (): string => `postgres://postgres@127.0.0.1:${server.port}/postgres`;

describe('tributary connections', () => {
  test('begins with none', () => {
    expect(answerOf(connections(['connections', 'ls']))).toEqual([]);
  });

  test('adds, lists, replaces and removes', () => {
    expect(connections(['connections', 'add', 'shop', address(), '--environment', 'production']).status).toBe(0);
    expect(connections(['connections', 'add', 'attic', 'host=old.example user=me dbname=d']).status).toBe(0);
    const listed = answerOf<SavedConnection[]>(connections(['connections', 'ls']));
    expect(listed.map(({ name, environment, target }) => [name, environment, target.tls])).toEqual([
      ['attic', null, 'verify-full'],
      ['shop', 'production', 'plaintext'],
    ]);
    expect(connections(['connections', 'add', 'attic', 'host=new.example user=me dbname=d']).status).toBe(0);
    const [attic] = answerOf<SavedConnection[]>(connections(['connections', 'ls']));
    expect(attic?.target.hosts).toEqual([{ host: 'new.example', port: 5432 }]);
    expect(connections(['connections', 'rm', 'attic']).status).toBe(0);
    expect(errorOf(connections(['connections', 'rm', 'attic']))).toBe('3 E_NOT_FOUND');
  });

  test('tests a saved one and an address', () => {
    const env = { PGPASSWORD: PASSWORD };
    for (const source of ['shop', address()]) {
      const run = connections(['connections', 'test', source], env);
      expect(run.status).toBe(0);
      expect(answerOf<ConnectionTest>(run).findings[0]).toMatchObject({ code: 'superuser', severity: 'danger' });
    }
  });

  test('a name stands for its server in other commands, unless a file has that name', () => {
    expect(errorOf(connections(['inspect', 'shop'], { PGPASSWORD: 'wrong' }))).toBe('3 E_AUTH');
    writeFileSync(path.join(folder, 'shop'), 'not a database, but long enough to be looked at');
    expect(errorOf(connections(['inspect', 'shop'], { PGPASSWORD: 'wrong' }))).toBe('3 E_NOT_A_DB');
    rmSync(path.join(folder, 'shop'));
  });

  test.each([
    [['connections', 'test', 'shop'], {}, '3 E_AUTH'],
    [['connections', 'test', 'postgres://u@127.0.0.1:1/d'], {}, '3 E_CONNECT'],
    [['connections', 'test', 'postgres://u@db.example/d?sslmode=require'], {}, '3 E_TLS'],
    [['connections', 'test', 'no-such-thing.db'], {}, '2 E_USAGE'],
    [['connections', 'test', 'service=gone'], {}, '3 E_NOT_FOUND'],
    [['connections', 'add', 'x'], {}, '2 E_USAGE'],
    [['connections', 'add', 'x', 'postgres://h/d?colour=red'], {}, '2 E_USAGE'],
    [['connections', 'add', ' ', 'postgres://h/d'], {}, '2 E_USAGE'],
    [['inspect', 'postgres://postgres:wrong@127.0.0.1:{port}/postgres'], {}, '3 E_AUTH'],
  ])('%j is refused with %s%s', (args, env, expected) => {
    expect(
      errorOf(
        connections(
          args.map((arg) => arg.replace('{port}', String(server.port))),
          env,
        ),
      ),
    ).toBe(expected);
  });
});
