import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EMPTY_SQL, formatWorkspace, type Recent, type Workspace, WORKSPACE_VERSION } from '../../protocol/index.ts';
import { addRecent, beginSession, endSession, openAppState, recordFailure } from './app-state.ts';
import { resolveDataDir } from './data-dir.ts';
import { listFolder } from './list-folder.ts';
import { answerShellCall, createShellHandlers, type ShellHost } from './shell-handlers.ts';
import { readWorkspaceFile, writeWorkspaceFile } from './workspace-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const workspaceOn = (path: string): Workspace => ({
  kind: 'tributary-workspace',
  version: WORKSPACE_VERSION,
  source: { kind: 'sqlite', path },
  second: null,
  timezone: 'UTC',
  range: { from: null, to: null },
  asOf: null,
  knownAt: null,
  view: 'overview',
  analyses: {},
  saved: [],
  segments: [],
  sql: EMPTY_SQL,
  layout: { rightPanelOpen: true, rightPanelWidth: 320 },
});
const sourceIn = async (path: string): Promise<string> =>
  (JSON.parse(await readFile(path, 'utf8')) as { source: { path: string } }).source.path;

describe('workspace files', () => {
  test('a source beside or below the workspace is written relative and read absolute', async () => {
    const file = join(folder, 'a.tributary.json');
    for (const [source, stored] of [
      [join(folder, 'orders.db'), 'orders.db'],
      [join(folder, 'data', 'deep', 'orders.db'), 'data/deep/orders.db'],
    ] as const) {
      expect(await writeWorkspaceFile(file, formatWorkspace(workspaceOn(source)))).toBe(file);
      expect(await sourceIn(file)).toBe(stored);
      expect(await readWorkspaceFile(file)).toBe(formatWorkspace(workspaceOn(source)));
    }
  });

  test.each(['/elsewhere/orders.db', 'sample:'])('%s stays as it is', async (source) => {
    const file = join(folder, 'a.tributary.json');
    await writeWorkspaceFile(file, formatWorkspace(workspaceOn(source)));
    expect(await sourceIn(file)).toBe(source);
  });

  test('the suffix is added where it is missing', async () => {
    expect(await writeWorkspaceFile(join(folder, 'plain'), formatWorkspace(workspaceOn('sample:')))).toBe(
      join(folder, 'plain.tributary.json'),
    );
  });

  test.each([
    ['not JSON', '{', 'E_BAD_WORKSPACE'],
    ['another JSON', '{"a":1}', 'E_BAD_WORKSPACE'],
    ['a newer format', '{"kind":"tributary-workspace","version":9}', 'E_UNSUPPORTED'],
    ['a wrong view', JSON.stringify({ ...workspaceOn('sample:'), view: 'nowhere' }), 'E_BAD_WORKSPACE'],
  ])('%s is refused with a code, on reading and on writing', async (_name, text, code) => {
    const file = join(folder, 'a.tributary.json');
    await writeFile(file, text);
    await expect(readWorkspaceFile(file)).rejects.toMatchObject({ code });
    await expect(writeWorkspaceFile(file, text)).rejects.toMatchObject({ code });
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('folders, pipes, missing files and relative paths are answered, never waited for', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.json')]);
    await expect(readWorkspaceFile(join(folder, 'pipe.json'))).rejects.toMatchObject({ code: 'E_NOT_A_FILE' });
    await expect(readWorkspaceFile(folder)).rejects.toMatchObject({ code: 'E_NOT_A_FILE' });
    await expect(readWorkspaceFile(join(folder, 'no.json'))).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    await expect(readWorkspaceFile('a.json')).rejects.toMatchObject({ code: 'E_USAGE' });
    await expect(readWorkspaceFile(`${folder}/a\0.json`)).rejects.toMatchObject({ code: 'E_USAGE' });
  });
});

describe('the folder list', () => {
  test('folders first, natural order, hidden files left out', async () => {
    await mkdir(join(folder, 'zoo'));
    for (const name of ['b10.db', 'b9.db', '.hidden']) await writeFile(join(folder, name), 'xy');
    const list = await listFolder(folder);
    expect(list.entries.map(({ name, kind, sizeBytes }) => [name, kind, kind === 'file' ? sizeBytes : 0])).toEqual([
      ['zoo', 'folder', 0],
      ['b9.db', 'file', 2],
      ['b10.db', 'file', 2],
    ]);
    expect(list.parent).toBe(tmpdir());
    expect((await listFolder('/')).parent).toBeNull();
    await expect(listFolder(join(folder, 'no'))).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  });
});

describe('the data folder', () => {
  test.each([
    [undefined, { HOME: '/home/u' }, 'linux', '/home/u/.local/share/tributary'],
    [undefined, { HOME: '/home/u', XDG_DATA_HOME: '/data' }, 'linux', '/data/tributary'],
    [undefined, { HOME: '/home/u', XDG_DATA_HOME: 'relative' }, 'linux', '/home/u/.local/share/tributary'],
    [undefined, { HOME: '/Users/u' }, 'darwin', '/Users/u/Library/Application Support/Tributary'],
    [undefined, { APPDATA: '/roaming' }, 'win32', '/roaming/Tributary'],
    [undefined, { HOME: '/home/u', TRIBUTARY_DATA_DIR: '/mine' }, 'linux', '/mine'],
    ['/given', { TRIBUTARY_DATA_DIR: '/mine' }, 'linux', '/given'],
  ])('%s with %o on %s is %s', (explicit, env, platform, expected) => {
    expect(resolveDataDir(explicit, env, platform)).toBe(expected);
  });
});

describe('what is remembered', () => {
  const recent = (path: string, openedAt = 1): Recent => ({ kind: 'source', path, openedAt });
  test('recent files: newest first, each once, twenty at most', () => {
    let list: Recent[] = [];
    for (let i = 0; i < 30; i++) list = addRecent(list, recent(`/${i % 25}`, i));
    expect(list).toHaveLength(20);
    expect(list[0]).toEqual(recent('/4', 29));
    expect(new Set(list.map(({ path }) => path)).size).toBe(20);
  });

  test('a clean end says nothing at the next start', async () => {
    const first = openAppState(folder, 'desktop');
    expect(await beginSession(first)).toBeNull();
    await endSession(first);
    expect(await beginSession(openAppState(folder, 'desktop'))).toBeNull();
  });

  test('a failure is told at the next start, once', async () => {
    const failure = { code: 'E_ENGINE_LOST', message: 'The engine ended.', hint: 'Wait.' } as const;
    const first = openAppState(folder, 'desktop');
    await beginSession(first);
    await recordFailure(first, failure);
    await endSession(first);
    const second = openAppState(folder, 'desktop');
    expect(await beginSession(second)).toEqual(failure);
    await endSession(second);
    expect(await beginSession(openAppState(folder, 'desktop'))).toBeNull();
  });

  test('a program that was killed is noticed; one that still runs is not', async () => {
    const state = openAppState(folder, 'desktop');
    await state.session.update(() => ({ pid: 2 ** 22 + 1, startedAt: 0, failure: null }));
    expect(await beginSession(openAppState(folder, 'desktop'))).toMatchObject({
      message: 'Tributary did not end cleanly last time.',
    });
    await state.session.update(() => ({ pid: process.ppid, startedAt: 0, failure: null }));
    expect(await beginSession(openAppState(folder, 'desktop'))).toBeNull();
  });
});

describe('shell calls', () => {
  const host: ShellHost = {
    mode: 'browser',
    version: '1',
    lastFailure: null,
    takeOpenFiles: () => ['/a.db'],
    chooseWorkspacePath: () => Promise.resolve(null),
    pickFile: () => Promise.resolve(null),
    pickSavePath: () => Promise.resolve(null),
    exportFile: () => Promise.reject(new Error('a mistake')),
    setTitle: () => Promise.resolve(null),
    restartEngine: () => Promise.resolve(null),
    showInFolder: () => Promise.resolve(null),
  };
  const call = (method: unknown, argument: unknown): Promise<unknown> =>
    answerShellCall(createShellHandlers(openAppState(folder, 'browser'), host), method, argument);

  test('recovery is kept until it is cleared', async () => {
    const recovery = { savedAt: 1, workspacePath: null, content: '{}' };
    await call('writeRecovery', recovery);
    expect(await call('boot', null)).toMatchObject({ value: { recovery, openFiles: ['/a.db'] } });
    await call('clearRecovery', null);
    expect(await call('boot', null)).toMatchObject({ value: { recovery: null } });
  });

  test('a dismissed dialog is null', async () => {
    expect(await call('writeWorkspace', { path: null, suggestedName: 'a', content: '{}' })).toEqual({
      ok: true,
      value: null,
    });
  });

  test('damage found at the start is told at boot', async () => {
    await writeFile(join(folder, 'recents.json'), 'garbage');
    expect(await call('boot', null)).toMatchObject({
      value: { recents: [], lastFailure: { message: 'recents.json was damaged.' } },
    });
  });

  test.each([
    ['an unknown method', 'format', null],
    ['an inherited name', 'constructor', null],
    ['a name that is no text', ['boot'], null],
    ['a wrong argument', 'boot', {}],
    ['a missing argument', 'listFolder', undefined],
    ['an argument with more than it should have', 'listFolder', { path: null, recursive: true }],
    ['text that is too long', 'setTitle', { title: 'x'.repeat(301), dirty: true }],
  ])('%s is E_USAGE', async (_name, method, argument) => {
    expect(await call(method, argument)).toMatchObject({ ok: false, error: { code: 'E_USAGE' } });
  });

  test('a mistake of ours is E_INTERNAL', async () => {
    expect(await call('exportFile', { suggestedName: 'a' })).toMatchObject({
      ok: false,
      error: { code: 'E_INTERNAL' },
    });
  });
});
