import { join } from 'node:path';
import {
  app,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  protocol,
  safeStorage,
  session,
  shell,
  utilityProcess,
  type MessagePortMain,
} from 'electron';
import { toErrorData, type ErrorData, type Settings } from '../../protocol/index.ts';
import { findAppRoot } from '../../worker/files/app-root.ts';
import { beginSession, endSession, openAppState, recordFailure } from '../../worker/files/app-state.ts';
import { resolveDataDir } from '../../worker/files/data-dir.ts';
import { createShellHandlers, type ShellHandlers } from '../../worker/files/shell-handlers.ts';
import { serveAppFile } from './app-files.ts';
import { desktopShell } from './desktop-shell.ts';
import { EngineProcess } from './engine-process.ts';
import { hardenContents, hardenSession } from './harden.ts';
import { parseLaunch } from './launch-arguments.ts';
import { openKeychain } from './keychain.ts';
import { menuTemplate } from './menu.ts';
import { OpenFiles } from './open-files.ts';
import { APP_ORIGIN, APP_SCHEME, originOf } from './origin.ts';
import { QueryLine } from './query-process.ts';
import { installShellIpc } from './shell-ipc.ts';
import { createMainWindow, type MainWindow } from './window.ts';
import { openWindowState, type WindowState } from './window-state.ts';

/**
 * Start here for the desktop. Main owns windows, menus, dialogs and the engine's life; it never touches a database.
 * The way of a question does not pass through it: window ⇄ port ⇄ engine process.
 */
const { root, version, rendererDir } = findAppRoot(import.meta.dirname, import.meta.url);
const launch = parseLaunch(process.argv, app.isPackaged, process.cwd());
const dataDir = resolveDataDir(launch.dataDir);
/** `npm run dev` serves the window with live reload. */
const devUrl = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
const trustedOrigin = devUrl === undefined ? APP_ORIGIN : (originOf(devUrl) ?? APP_ORIGIN);

const openFiles = new OpenFiles();
const state = openAppState(dataDir, 'desktop', () => openKeychain(safeStorage, process.platform));
const windowState = openWindowState(dataDir);
let main: MainWindow | null = null;

app.setName('Tributary');
// Rows that scroll by leave nodes behind, which V8 collects when its own small heap has grown: at its default pace the
// renderer holds 560 MB after ten million rows, at this one 300, at the same frames a second (tests/perf/grid.ts).
app.commandLine.appendSwitch('js-flags', '--heap-growing-percent=15 --max-semi-space-size=4');
// Chromium's own files stay apart from ours; the single-instance lock follows this folder.
app.setPath('userData', join(dataDir, 'window'));
protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
]);

const newChannel = (): readonly [MessagePortMain, MessagePortMain] => {
  const { port1, port2 } = new MessageChannelMain();
  return [port1, port2];
};
const engine = new EngineProcess<MessagePortMain>({
  fork: () =>
    utilityProcess.fork(join(root, 'out', 'main', 'engine.js'), engineArguments(), { serviceName: 'Tributary engine' }),
  newChannel,
  sendPort: (port) => main?.window.webContents.postMessage('engine-port', null, [port]),
  onReady: () => main?.send({ type: 'engine-ready' }),
  onLost: (error, asked) => {
    main?.send({ type: 'engine-lost', error });
    if (!asked) keepFailure(error);
  },
});
const queries = new QueryLine<MessagePortMain>({
  start: async () => {
    const { startDesktopQueries } = await import('../query/start.ts');
    return startDesktopQueries({
      dataDir,
      engine,
      fork: (entry, folder) =>
        utilityProcess.fork(entry, [], {
          serviceName: 'Tributary query',
          stdio: 'ignore',
          env: { SQLITE_TMPDIR: folder, PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
        }),
      node: app.isPackaged ? undefined : process.env['TRIBUTARY_QUERY_NODE'],
    });
  },
  newChannel,
  sendPort: (port) => main?.window.webContents.postMessage('query-port', null, [port]),
});
/** Of the settings, for the engine that is started next; null = what the engine itself would take. */
let wished: Pick<Settings, 'threads' | 'memoryLimit'> = { threads: null, memoryLimit: null };
/** The command line's word goes before. */
function engineArguments(): string[] {
  const { threads, memoryLimit } = wished;
  return [dataDir, version, String(launch.threads ?? threads ?? ''), String(memoryLimit ?? '')];
}

function keepFailure(error: ErrorData): void {
  recordFailure(state, error).catch(() => undefined);
}

/** What the window needs from the disk, read while Electron itself starts. */
async function readFirst() {
  const [lastFailure, { value: settings }, { value: place }] = await Promise.all([
    beginSession(state),
    state.settings.load(),
    windowState.load(),
  ]);
  return { lastFailure, settings, place };
}

/** The window comes first, then the engine beside its loading, then what only a hand can ask for (the menu). */
async function start(reading: ReturnType<typeof readFirst>): Promise<void> {
  protocol.handle(APP_SCHEME, (request) => serveAppFile(rendererDir, request));
  hardenSession(session.defaultSession, trustedOrigin);
  const { lastFailure, settings, place } = await reading;
  wished = settings;
  nativeTheme.themeSource = settings.theme;
  const handlers = createShellHandlers(state, desktopShell({ ...desktopParts(), version, lastFailure }));
  const isOurs = (contents: unknown): boolean => main !== null && contents === main.window.webContents;
  installShellIpc(ipcMain, { handlers: withSystem(handlers), trustedOrigin, isOurs });
  const loaded = openWindow(place);
  engine.start();
  await Promise.all([loaded, refreshMenu()]);
}

function desktopParts() {
  return {
    dialog,
    takeOpenFiles: () => openFiles.take((path) => main?.send({ type: 'open-file', path })),
    setTitle: (title: string, dirty: boolean) => {
      main?.guard.setDirty(dirty);
      main?.window.setTitle(dirty ? `● ${title}` : title);
      main?.window.setDocumentEdited(dirty);
    },
    restartEngine: () => engine.restart(),
    showItemInFolder: (path: string) => shell.showItemInFolder(path),
  };
}

/** The system's own list of recent documents, the menu's, and the colours of menus and dialogs follow ours. */
function withSystem(handlers: ShellHandlers): ShellHandlers {
  return {
    ...handlers,
    saveSettings: (settings) => {
      wished = settings;
      nativeTheme.themeSource = settings.theme;
      return handlers.saveSettings(settings);
    },
    addRecent: async (recent) => {
      const recents = await handlers.addRecent(recent);
      if (recent.ref?.kind !== 'postgres' && !recent.path.startsWith('sample:')) app.addRecentDocument(recent.path);
      await refreshMenu();
      return recents;
    },
    clearRecents: async () => {
      app.clearRecentDocuments();
      await handlers.clearRecents(null);
      await refreshMenu();
      return null;
    },
  };
}

async function refreshMenu(): Promise<void> {
  const { value: recents } = await state.recents.load();
  const clearRecents = (): void => {
    app.clearRecentDocuments();
    void state.recents.update(() => []).then(refreshMenu);
  };
  const template = menuTemplate({
    platform: process.platform,
    isPackaged: app.isPackaged,
    recents,
    run: (command) => main?.send({ type: 'menu', command }),
    openRecent: (path) => openFiles.add([path]),
    clearRecents,
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

async function openWindow(known: WindowState | null): Promise<void> {
  const place = known ?? (await windowState.load()).value;
  main = createMainWindow({
    place,
    preload: join(root, 'out', 'preload', 'preload.cjs'),
    icon: app.isPackaged ? join(process.resourcesPath, 'icon.png') : join(root, 'build', 'icons', '512x512.png'),
    isPackaged: app.isPackaged,
    background: nativeTheme.shouldUseDarkColors ? '#141517' : '#f7f7f5',
    state: windowState,
    discardRecovery: () => state.recovery.clear(),
    onLoaded: () => {
      engine.connect();
      queries.connect().catch((thrown: unknown) => keepFailure(toErrorData(thrown)));
    },
    onCrashed: (reason) => {
      openFiles.windowLeft();
      keepFailure(toErrorData(new Error(`the window's process ended (${reason})`)));
    },
    onClosed: () => {
      openFiles.windowLeft();
      main = null;
      if (quitting) app.quit();
    },
    onStay: () => (quitting = false),
  });
  await main.window.loadURL(devUrl ?? `${APP_ORIGIN}/index.html`);
}

function showWindow(): void {
  if (main === null) return void openWindow(null);
  if (main.window.isMinimized()) main.window.restore();
  main.window.focus();
}

/** A quit that an unsaved window holds up goes on when the window is gone. */
let quitting = false;
let ended = false;
async function end(): Promise<void> {
  await Promise.all([engine.stop(), queries.stop()]);
  await endSession(state).catch(() => undefined);
  ended = true;
  app.quit();
}

if (app.requestSingleInstanceLock({ files: launch.files })) {
  openFiles.add(launch.files);
  app.on('second-instance', (_event, _argv, _cwd, handed) => {
    openFiles.add((handed as { files: string[] }).files);
    showWindow();
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openFiles.add([path]);
    if (app.isReady()) showWindow();
  });
  app.on('web-contents-created', (_event, contents) => hardenContents(contents));
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', () => (quitting = true));
  app.on('will-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    void end();
  });
  const reading = readFirst();
  app
    .whenReady()
    .then(() => start(reading))
    .catch((thrown: unknown) => {
      dialog.showErrorBox('Tributary could not start', toErrorData(thrown).message);
      app.exit(1);
    });
} else {
  app.quit();
}
