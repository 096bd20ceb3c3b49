import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CloseGuard, type CloseChoice } from './close-guard.ts';
import { desktopShell, safeFileName } from './desktop-shell.ts';
import { parseLaunch } from './launch-arguments.ts';
import { menuTemplate, textMenuTemplate } from './menu.ts';
import { OpenFiles } from './open-files.ts';
import { placeWindow } from './window-state.ts';

describe('CloseGuard', () => {
  function guard(choice: CloseChoice) {
    const calls: string[] = [];
    const note = (call: string) => (): void => void calls.push(call);
    const made = new CloseGuard({
      settleMs: 5,
      ask: () => Promise.resolve(choice).finally(note('ask')),
      saveThenClose: note('save'),
      destroy: note('destroy'),
      discardRecovery: () => Promise.resolve().then(note('discard')),
    });
    return { made, calls };
  }
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

  test('a clean window closes at once', () => {
    expect(guard('cancel').made.mayClose()).toBe(true);
  });
  test.each([
    ['cancel', ['ask']],
    ['save', ['ask', 'save']],
    ['discard', ['ask', 'discard', 'destroy']],
  ] as const)('%s', async (choice, expected) => {
    const { made, calls } = guard(choice);
    made.setDirty(true);
    expect(made.mayClose()).toBe(false);
    await settled();
    expect(calls).toEqual(expected);
  });
  test('a window that saved a moment ago is not asked about', async () => {
    const { made, calls } = guard('cancel');
    made.setDirty(true);
    expect(made.mayClose()).toBe(false);
    made.setDirty(false);
    await settled();
    expect(calls).toEqual(['destroy']);
  });
  test('asks once however often one tries to close, and again later', async () => {
    const { made, calls } = guard('cancel');
    made.setDirty(true);
    for (let i = 0; i < 5; i++) made.mayClose();
    await settled();
    made.mayClose();
    await settled();
    expect(calls).toEqual(['ask', 'ask']);
  });
});

describe('OpenFiles', () => {
  test('keeps files until the window asks, pushes later ones, keeps again while it reloads', () => {
    const files = new OpenFiles();
    const pushed: string[] = [];
    files.add(['/a', '/b']);
    expect(files.take((path) => pushed.push(path))).toEqual(['/a', '/b']);
    files.add(['/c']);
    expect(pushed).toEqual(['/c']);
    files.windowLeft();
    files.add(['/d']);
    expect(files.take(() => undefined)).toEqual(['/d']);
  });
});

describe('the command line', () => {
  test.each([
    [['/bin/tributary', 'a.db'], true, { dataDir: undefined, threads: undefined, files: ['/cwd/a.db'] }],
    [
      ['/bin/electron', '--no-sandbox', '/app', '--data-dir=d', '/x/a.db', 'b.tributary.json'],
      false,
      { dataDir: '/cwd/d', threads: undefined, files: ['/x/a.db', '/cwd/b.tributary.json'] },
    ],
    [['/bin/electron', '.', '--threads', '3'], false, { dataDir: undefined, threads: 3, files: [] }],
    [
      ['/bin/tributary', '--threads=many', '--unknown', '--data-dir'],
      true,
      { dataDir: undefined, threads: undefined, files: [] },
    ],
  ])('%j', (argv, isPackaged, expected) => {
    expect(parseLaunch(argv, isPackaged, '/cwd')).toEqual(expected);
  });
});

describe('the window’s place', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  test.each([
    ['the first time', null, [screen], { width: 1440, height: 900 }],
    ['on a small screen', null, [{ ...screen, width: 1280, height: 720 }], { width: 1280, height: 720 }],
    ['where it was', { x: 10, y: 20, width: 1000, height: 700 }, [screen], { x: 10, y: 20, width: 1000, height: 700 }],
    [
      'on a second screen',
      { x: 2000, y: 20, width: 1000, height: 700 },
      [screen, { ...screen, x: 1920 }],
      { x: 2000, y: 20, width: 1000, height: 700 },
    ],
    ['when that screen is gone', { x: 2000, y: 20, width: 1000, height: 700 }, [screen], { width: 1440, height: 900 }],
    [
      'when its title bar is above the screen',
      { x: 10, y: -400, width: 1000, height: 700 },
      [screen],
      { width: 1440, height: 900 },
    ],
  ])('%s', (_name, bounds, screens, expected) => {
    expect(placeWindow(bounds, screens)).toEqual(expected);
  });
});

describe('the menu', () => {
  const build = (
    platform: string,
    isPackaged: boolean,
    run: (command: string) => void = () => undefined,
  ): MenuItemConstructorOptions[] =>
    menuTemplate({
      platform,
      isPackaged,
      run,
      recents: [
        { kind: 'source', path: '/data/a&b.db', openedAt: 1 },
        { kind: 'source', path: 'sample:', openedAt: 1 },
      ],
      openRecent: run,
      clearRecents: () => run('clear'),
    });
  const flat = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

  test('shortcuts are shown, never taken from the window, and used once', () => {
    const items = flat(build('linux', true)).filter(({ accelerator }) => accelerator !== undefined);
    expect(items.every(({ registerAccelerator }) => registerAccelerator === false)).toBe(true);
    expect(new Set(items.map(({ accelerator }) => accelerator)).size).toBe(items.length);
    expect(items.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'file.open',
        'window.palette',
        'analysis.run',
        'view.overview',
        'view.data',
        'edit.undo',
        'edit.redo',
      ]),
    );
  });

  test('every item of ours sends its own id', () => {
    const run = vi.fn<(command: string) => void>();
    const items = flat(build('linux', true, run)).filter(({ id }) => id !== undefined);
    for (const item of items) {
      (item.click as unknown as () => void)();
      expect(run).toHaveBeenLastCalledWith(item.id);
    }
  });

  test('recent files without the sample, ampersands kept', () => {
    const recent = flat(build('linux', true)).find(({ label }) => label === 'Open recent');
    expect(((recent?.submenu ?? []) as MenuItemConstructorOptions[]).map(({ label, type }) => label ?? type)).toEqual([
      '/data/a&&b.db',
      'separator',
      'Clear the list',
    ]);
  });

  test('developer tools are in no packaged menu', () => {
    expect(flat(build('linux', true)).some(({ role }) => role === 'toggleDevTools' || role === 'reload')).toBe(false);
    expect(flat(build('darwin', false)).some(({ role }) => role === 'toggleDevTools')).toBe(true);
  });

  test('macOS has its own first menu', () => {
    expect(build('darwin', true)[0]).toEqual({ role: 'appMenu' });
    expect(textMenuTemplate({ isEditable: false, selectionText: '' })).toEqual([]);
  });
});

describe('dialogs', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-dialogs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const shown: string[] = [];
  const shell = (answer: string | null) => {
    const dialog = {
      showOpenDialog: () => Promise.resolve({ canceled: answer === null, filePaths: answer === null ? [] : [answer] }),
      showSaveDialog: () => Promise.resolve({ canceled: answer === null, filePath: answer ?? '' }),
    };
    return desktopShell({
      dialog: dialog as never,
      version: '1',
      lastFailure: null,
      takeOpenFiles: () => [],
      setTitle: () => undefined,
      restartEngine: () => Promise.resolve(),
      showItemInFolder: (path) => shown.push(path),
    });
  };

  test('exports text and pictures where the user said, adding a missing ending', async () => {
    const text = await shell(join(folder, 'funnel')).exportFile({ suggestedName: 'funnel.csv', text: 'a,b\r\n' });
    expect(text).toBe(join(folder, 'funnel.csv'));
    expect(await readFile(text ?? '', 'utf8')).toBe('a,b\r\n');
    const picture = await shell(join(folder, 'chart.png')).exportFile({
      suggestedName: 'chart.png',
      base64: 'iVBORw==',
    });
    expect([...(await readFile(picture ?? ''))]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });

  test('a dismissed dialog is null and writes nothing', async () => {
    expect(await shell(null).exportFile({ suggestedName: 'a.csv', text: 'x' })).toBeNull();
    expect(await shell(null).pickFile({ purpose: 'source' })).toBeNull();
    expect(await shell(null).chooseWorkspacePath('a')).toBeNull();
  });

  test('only files exported in this session are shown in the file manager', async () => {
    const desktop = shell(join(folder, 'a.csv'));
    await expect(desktop.showInFolder({ path: '/etc/passwd' })).rejects.toMatchObject({ code: 'E_REFUSED' });
    await desktop.exportFile({ suggestedName: 'a.csv', text: 'x' });
    await desktop.showInFolder({ path: join(folder, 'a.csv') });
    expect(shown).toEqual([join(folder, 'a.csv')]);
  });

  test.each([
    ['../../etc/passwd', 'etc-passwd'],
    ['a:b?c*.csv', 'a-b-c-.csv'],
    ['  ...  ', 'export'],
    ['tab\there\u0000.png', 'tab-here-.png'],
    ['Funnel 2026-01-01.svg', 'Funnel 2026-01-01.svg'],
  ])('%j is suggested as %s', (name, expected) => {
    expect(safeFileName(name)).toBe(expected);
  });
});
