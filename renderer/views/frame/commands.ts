import { spotlight } from '@mantine/spotlight';
import { create } from 'zustand';
import { shell } from '../../engine/shell.ts';
import { useAskAgain } from '../../stores/answers.ts';
import { useConnections } from '../../stores/connections.ts';
import { closeSource, openSample, pickAndOpen, reopenSource, saveWorkspace } from '../../stores/files.ts';
import { usePanel } from '../../stores/panel.ts';
import { useSession } from '../../stores/session.ts';
import { getZoomStep, useSettings } from '../../stores/settings.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import type { Command } from './command-registry.ts';
import { runCommandById } from './run-command.ts';
import { getViewShortcut, VIEW_INFO, VIEW_ORDER } from './view-info.ts';

/** Which sheet of the frame is open. */
export const useSheet = create<{ readonly sheet: 'help' | 'engine' | 'partitions' | null }>()(() => ({ sheet: null }));

const isOpen = (): boolean => useSession.getState().source !== null;
const setZoom = (zoom: number): void => useSettings.getState().setZoom(zoom);
const zoom = (): number => useSettings.getState().settings.zoom;
const workspace = (): ReturnType<typeof useWorkspace.getState> => useWorkspace.getState();

const FILE: readonly Command[] = [
  {
    id: 'file.open',
    title: 'Open a snapshot…',
    group: 'File',
    shortcut: 'mod+O',
    keywords: ['sqlite', 'database', 'file'],
    run: () => pickAndOpen('source'),
  },
  {
    id: 'file.openWorkspace',
    title: 'Open a workspace…',
    group: 'File',
    shortcut: 'mod+shift+O',
    keywords: ['tributary.json'],
    run: () => pickAndOpen('workspace'),
  },
  {
    id: 'file.connect',
    title: 'Connect to Postgres…',
    group: 'File',
    keywords: ['server', 'database', 'postgresql', 'connection', 'sql'],
    run: () => useConnections.getState().edit(null),
  },
  { id: 'file.openSample', title: 'Open the sample', group: 'File', keywords: ['demo', 'example'], run: openSample },
  {
    id: 'file.save',
    title: 'Save the workspace',
    group: 'File',
    shortcut: 'mod+S',
    isEnabled: isOpen,
    run: () => saveWorkspace(),
  },
  {
    id: 'file.saveAs',
    title: 'Save the workspace as…',
    group: 'File',
    shortcut: 'mod+shift+S',
    isEnabled: isOpen,
    run: () => saveWorkspace(true),
  },
  {
    id: 'file.reopen',
    title: 'Read the source again',
    group: 'File',
    keywords: ['refresh', 'reload', 'changed'],
    isEnabled: isOpen,
    run: reopenSource,
  },
  {
    id: 'file.mapping',
    title: 'Change how the source is read…',
    group: 'File',
    keywords: ['mapping', 'columns', 'actor', 'time'],
    isEnabled: isOpen,
    run: () => editMapping(),
  },
  { id: 'file.close', title: 'Close the source', group: 'File', isEnabled: isOpen, run: closeSource },
];
function editMapping(): Promise<void> {
  const { source, editMapping: edit } = useSession.getState();
  return source === null ? Promise.resolve() : edit({ ...source.ref, mapping: source.mapping });
}

const EDIT: readonly Command[] = [
  {
    id: 'edit.undo',
    title: 'Undo',
    group: 'Edit',
    shortcut: 'mod+Z',
    isEnabled: () => workspace().history.past.length > 0,
    run: () => workspace().undo(),
  },
  {
    id: 'edit.redo',
    title: 'Redo',
    group: 'Edit',
    shortcut: 'mod+shift+Z',
    isEnabled: () => workspace().history.future.length > 0,
    run: () => workspace().redo(),
  },
];

const VIEW: readonly Command[] = VIEW_ORDER.map((view) => ({
  id: `view.${view}`,
  title: `Go to ${VIEW_INFO[view].title}`,
  group: 'View',
  shortcut: getViewShortcut(view),
  isEnabled: isOpen,
  run: () => workspace().setView(view),
}));

const ANALYSIS: readonly Command[] = [
  {
    id: 'analysis.run',
    title: 'Run again',
    group: 'Analysis',
    shortcut: 'mod+Enter',
    keywords: ['compute', 'refresh'],
    isEnabled: isOpen,
    run: () => (workspace().document.view === 'sql' ? runCommandById('sql.run') : useAskAgain.getState().askAgain()),
  },
  {
    id: 'analysis.partitions',
    title: 'Partitions, and which are read…',
    group: 'Analysis',
    keywords: ['plan', 'prune', 'hours', 'size', 'rows', 'tree'],
    isEnabled: isOpen,
    run: () => useSheet.setState((s) => ({ sheet: s.sheet === 'partitions' ? null : 'partitions' })),
  },
  {
    id: 'analysis.now',
    title: 'Look at now (forget “as of”)',
    group: 'Analysis',
    isEnabled: () => workspace().document.asOf !== null,
    run: () => workspace().setAsOf(null),
  },
  {
    id: 'analysis.allTime',
    title: 'Use the whole range',
    group: 'Analysis',
    isEnabled: () => workspace().document.range.from !== null || workspace().document.range.to !== null,
    run: () => workspace().setRange({ from: null, to: null }),
  },
];

const WINDOW: readonly Command[] = [
  { id: 'window.palette', title: 'Find a command…', group: 'Window', shortcut: 'mod+K', run: () => spotlight.toggle() },
  {
    id: 'window.panel',
    title: 'Show or hide the right panel',
    group: 'Window',
    shortcut: 'mod+\\',
    isEnabled: isOpen,
    run: () => usePanel.getState().toggle(),
  },
  {
    id: 'window.zoomIn',
    title: 'Zoom in',
    group: 'Window',
    shortcut: 'mod++',
    run: () => setZoom(getZoomStep(zoom(), 1)),
  },
  {
    id: 'window.zoomOut',
    title: 'Zoom out',
    group: 'Window',
    shortcut: 'mod+-',
    run: () => setZoom(getZoomStep(zoom(), -1)),
  },
  {
    id: 'window.zoomReset',
    title: 'Actual size',
    group: 'Window',
    shortcut: 'mod+0',
    keywords: ['zoom'],
    run: () => setZoom(1),
  },
  {
    id: 'window.themeSystem',
    title: 'Theme: as the system',
    group: 'Window',
    keywords: ['dark', 'light', 'colour'],
    run: () => useSettings.getState().setTheme('system'),
  },
  {
    id: 'window.themeLight',
    title: 'Theme: light',
    group: 'Window',
    keywords: ['bright', 'colour'],
    run: () => useSettings.getState().setTheme('light'),
  },
  {
    id: 'window.themeDark',
    title: 'Theme: dark',
    group: 'Window',
    keywords: ['night', 'colour'],
    run: () => useSettings.getState().setTheme('dark'),
  },
  {
    id: 'window.engine',
    title: 'Threads and memory of the engine…',
    group: 'Window',
    keywords: ['settings', 'threads', 'memory', 'cores', 'cpu'],
    isEnabled: isOpen,
    run: () => useSheet.setState({ sheet: 'engine' }),
  },
  {
    id: 'window.restartEngine',
    title: 'Restart the engine',
    group: 'Window',
    keywords: ['crash', 'stuck'],
    run: () => shell('restartEngine', null),
  },
];

const HELP: readonly Command[] = [
  {
    id: 'help.shortcuts',
    title: 'Keyboard shortcuts',
    group: 'Help',
    shortcut: '?',
    keywords: ['keys', 'help'],
    run: () => useSheet.setState((s) => ({ sheet: s.sheet === 'help' ? null : 'help' })),
  },
];

export const FRAME_COMMANDS: readonly Command[] = [...FILE, ...EDIT, ...VIEW, ...ANALYSIS, ...WINDOW, ...HELP];
