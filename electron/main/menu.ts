import type { MenuItemConstructorOptions } from 'electron';
import { VIEWS, type Recent } from '../../protocol/index.ts';

export interface MenuOptions {
  readonly platform: string;
  readonly isPackaged: boolean;
  readonly recents: readonly Recent[];
  /** Sends a command id of the window's own table (renderer/views/frame/commands.ts). */
  readonly run: (command: string) => void;
  readonly openRecent: (path: string) => void;
  readonly clearRecents: () => void;
}

/**
 * The native menu. Shortcuts are shown but not registered: the window handles keys itself, so that it behaves the
 * same in browser mode and undo in a text field stays the text's own.
 */
export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin';
  const item = (label: string, command: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    id: command,
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
    click: () => options.run(command),
  });
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: fileMenu(options, item, isMac) },
    { label: '&Edit', submenu: editMenu(item) },
    { label: '&View', submenu: viewMenu(options, item) },
    { label: '&Analysis', submenu: analysisMenu(item) },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    {
      label: '&Help',
      role: 'help',
      submenu: [item('Keyboard shortcuts', 'help.shortcuts'), ...(isMac ? [] : [{ role: 'about' } as const])],
    },
  ];
}

type Item = (label: string, command: string, accelerator?: string) => MenuItemConstructorOptions;
const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };

function fileMenu(options: MenuOptions, item: Item, isMac: boolean): MenuItemConstructorOptions[] {
  return [
    item('Open a snapshot…', 'file.open', 'CmdOrCtrl+O'),
    item('Open a workspace…', 'file.openWorkspace', 'CmdOrCtrl+Shift+O'),
    recentMenu(options),
    item('Open the sample', 'file.openSample'),
    SEPARATOR,
    item('Save the workspace', 'file.save', 'CmdOrCtrl+S'),
    item('Save the workspace as…', 'file.saveAs', 'CmdOrCtrl+Shift+S'),
    SEPARATOR,
    item('Read the source again', 'file.reopen'),
    item('Close the source', 'file.close'),
    SEPARATOR,
    isMac ? { role: 'close' } : { role: 'quit' },
  ];
}

function recentMenu({ recents, openRecent, clearRecents }: MenuOptions): MenuItemConstructorOptions {
  const files = recents.filter(({ path, ref }) => ref?.kind !== 'postgres' && !path.startsWith('sample:')).slice(0, 10);
  if (files.length === 0) return { label: 'Open recent', enabled: false };
  const entries = files.map(({ path }) => ({ label: path.replaceAll('&', '&&'), click: () => openRecent(path) }));
  return { label: 'Open recent', submenu: [...entries, SEPARATOR, { label: 'Clear the list', click: clearRecents }] };
}

function editMenu(item: Item): MenuItemConstructorOptions[] {
  return [
    item('Undo', 'edit.undo', 'CmdOrCtrl+Z'),
    item('Redo', 'edit.redo', 'CmdOrCtrl+Shift+Z'),
    SEPARATOR,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ];
}

/** As the window names them; SQL comes last and has a letter. */
const nameOf = (view: string): string => (view === 'sql' ? 'SQL' : `${view.slice(0, 1).toUpperCase()}${view.slice(1)}`);

function viewMenu({ isPackaged }: MenuOptions, item: Item): MenuItemConstructorOptions[] {
  return [
    ...VIEWS.map((view, i) =>
      item(nameOf(view), `view.${view}`, view === 'sql' ? 'CmdOrCtrl+Shift+L' : `CmdOrCtrl+${i + 1}`),
    ),
    SEPARATOR,
    item('Find a command…', 'window.palette', 'CmdOrCtrl+K'),
    item('Show or hide the right panel', 'window.panel', 'CmdOrCtrl+\\'),
    SEPARATOR,
    item('Zoom in', 'window.zoomIn', 'CmdOrCtrl+Plus'),
    item('Zoom out', 'window.zoomOut', 'CmdOrCtrl+-'),
    item('Actual size', 'window.zoomReset', 'CmdOrCtrl+0'),
    {
      label: 'Theme',
      submenu: [
        item('As the system', 'window.themeSystem'),
        item('Light', 'window.themeLight'),
        item('Dark', 'window.themeDark'),
      ],
    },
    SEPARATOR,
    { role: 'togglefullscreen' },
    ...(isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
  ];
}

function analysisMenu(item: Item): MenuItemConstructorOptions[] {
  return [
    item('Run again', 'analysis.run', 'CmdOrCtrl+Enter'),
    item('Use the whole range', 'analysis.allTime'),
    item('Look at now (forget “as of”)', 'analysis.now'),
    SEPARATOR,
    item('Restart the engine', 'window.restartEngine'),
  ];
}

/** Right click on text: what the page itself does not offer. */
export function textMenuTemplate(params: {
  readonly isEditable: boolean;
  readonly selectionText: string;
}): MenuItemConstructorOptions[] {
  if (params.isEditable)
    return [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, SEPARATOR, { role: 'selectAll' }];
  return params.selectionText.trim() === '' ? [] : [{ role: 'copy' }];
}
