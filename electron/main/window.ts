import { BrowserWindow, dialog, Menu, screen } from 'electron';
import type { ShellEvent } from '../../protocol/index.ts';
import type { JsonStore } from '../../worker/files/json-store.ts';
import { CloseGuard, type CloseChoice } from './close-guard.ts';
import { windowPreferences } from './harden.ts';
import { textMenuTemplate } from './menu.ts';
import { MIN_SIZE, placeWindow, type WindowState } from './window-state.ts';

export interface MainWindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly isPackaged: boolean;
  /** Shown until the page has painted. */
  readonly background: string;
  readonly state: JsonStore<WindowState>;
  /** Where it was last time. */
  readonly place: WindowState;
  readonly discardRecovery: () => Promise<void>;
  /** Loaded, or loaded again. */
  readonly onLoaded: () => void;
  /** Its process died; it is loaded again afterwards. */
  readonly onCrashed: (reason: string) => void;
  readonly onClosed: () => void;
  /** The user would rather not close. */
  readonly onStay: () => void;
}
export interface MainWindow {
  readonly window: BrowserWindow;
  readonly guard: CloseGuard;
  send(event: ShellEvent): void;
}

/** The one window: its place, its text menu, its way out. Nothing is loaded yet; it is shown when it has something to show. */
export function createMainWindow(options: MainWindowOptions): MainWindow {
  const { place } = options;
  const window = new BrowserWindow({
    ...placeWindow(
      place.bounds,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    show: false,
    title: 'Tributary',
    icon: options.icon,
    backgroundColor: options.background,
    webPreferences: windowPreferences(options.preload, options.isPackaged),
  });
  if (place.maximized) window.maximize();
  const send = (event: ShellEvent): void => {
    if (!window.isDestroyed()) window.webContents.send('shell-event', event);
  };
  const guard = new CloseGuard({
    ask: async () => {
      const choice = await askToSave(window);
      if (choice === 'cancel') options.onStay();
      return choice;
    },
    saveThenClose: () => send({ type: 'save-then-close' }),
    destroy: () => window.destroy(),
    discardRecovery: options.discardRecovery,
  });
  rememberPlace(window, options.state);
  window.on('close', (event) => {
    if (!guard.mayClose()) event.preventDefault();
  });
  window.on('closed', options.onClosed);
  window.on('page-title-updated', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  installContents(window, options);
  return { window, guard, send };
}

function installContents({ webContents }: BrowserWindow, options: MainWindowOptions): void {
  webContents.on('did-finish-load', options.onLoaded);
  webContents.on('context-menu', (_event, params) => {
    const template = textMenuTemplate(params);
    if (template.length > 0) Menu.buildFromTemplate(template).popup();
  });
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    options.onCrashed(reason);
    webContents.reload();
  });
}

const SAVE_PLACE_MS = 500;
function rememberPlace(window: BrowserWindow, state: JsonStore<WindowState>): void {
  const save = (): void => {
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return;
    const place = { bounds: window.getNormalBounds(), maximized: window.isMaximized() };
    // Not being able to remember a place is not worth a message.
    state.update(() => place).catch(() => undefined);
  };
  let timer: NodeJS.Timeout | undefined;
  const saveSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_PLACE_MS);
  };
  for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const) window.on(event as 'resize', saveSoon);
  window.on('close', save);
}

async function askToSave(window: BrowserWindow): Promise<CloseChoice> {
  const choices: readonly CloseChoice[] = ['save', 'cancel', 'discard'];
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'Save the changes to your workspace?',
    detail: 'They are lost if you do not save them.',
    buttons: ['Save', 'Cancel', 'Don’t save'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return choices[response] ?? 'cancel';
}
