import { create } from 'zustand';
import {
  EngineError,
  formatWorkspace,
  getAddress,
  getRefName,
  SAMPLE_REF,
  type Recent,
  type Recovery,
  type SourceRef,
  type Workspace,
} from '../../protocol/index.ts';
import { isDesktop, shell } from '../engine/shell.ts';
import { clearAnswers } from './answers.ts';
import { useBoot } from './boot.ts';
import { usePanel } from './panel.ts';
import { useSession } from './session.ts';
import { fileNameOf } from './workspace-path.ts';
import { newWorkspace, readWorkspaceText, useWorkspace } from './workspace.ts';

/** Browser mode has no native dialogs: the window shows its own chooser, which answers here. */
export interface ChooserTask {
  readonly purpose: 'source' | 'workspace' | 'certificate' | 'save' | 'export';
  readonly suggestedName: string;
  readonly resolve: (path: string | null) => void;
}
export const useChooser = create<{ readonly task: ChooserTask | null }>()(() => ({ task: null }));
function askChooser(purpose: ChooserTask['purpose'], suggestedName = ''): Promise<string | null> {
  useChooser.getState().task?.resolve(null);
  return new Promise((resolve) => {
    const task: ChooserTask = {
      purpose,
      suggestedName,
      resolve: (path) => {
        if (useChooser.getState().task === task) useChooser.setState({ task: null });
        resolve(path);
      },
    };
    useChooser.setState({ task });
  });
}
/** Path of a file that the user chose; null = dismissed. */
export const pickFile = (purpose: 'source' | 'workspace' | 'certificate'): Promise<string | null> =>
  isDesktop() ? shell('pickFile', { purpose }) : askChooser(purpose);

const isWorkspacePath = (path: string): boolean => path.toLowerCase().endsWith('.json');
const addressOf = (ref: SourceRef | null | undefined): string | undefined => (ref ? getAddress(ref) : undefined);
const sameSource = (a: SourceRef | null, b: SourceRef): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Unsaved work must not be lost by opening something else. Set by the frame, which asks; true = go on. */
export const confirmLeave: { ask: () => Promise<boolean> } = { ask: () => Promise.resolve(true) };

async function enterSource(ref: SourceRef): Promise<boolean> {
  const before = addressOf(useSession.getState().source?.ref);
  if (!(await useSession.getState().open(ref))) return false;
  const opened = addressOf(useSession.getState().source?.ref);
  if (before !== undefined && before !== opened) {
    clearAnswers();
    usePanel.getState().reset();
  }
  return true;
}

/** Opens a snapshot and begins a new workspace on it. True when it is open. */
export async function openSource(ref: SourceRef): Promise<boolean> {
  const isSame = addressOf(useWorkspace.getState().document.source) === getAddress(ref);
  if (!isSame && !(await confirmLeave.ask())) return false;
  if (!(await enterSource(ref))) return false;
  const opened = useSession.getState().source?.ref ?? ref;
  // The mapping editor and Reopen come back to the same document; another file begins a new one.
  const { document, path, load, setSource } = useWorkspace.getState();
  if (addressOf(document.source) !== getAddress(opened)) load(newWorkspace(opened), null);
  else if (!sameSource(document.source, opened)) setSource(opened);
  if (path === null || addressOf(document.source) !== getAddress(opened))
    void useBoot.getState().addRecent({ kind: 'source', path: getAddress(opened), ref: opened });
  return true;
}
export const openSample = (): Promise<boolean> => openSource(SAMPLE_REF);

/** The file changed, or the engine was restarted: the same document on the newest content. */
export async function reopenSource(): Promise<boolean> {
  const ref = useWorkspace.getState().document.source ?? useSession.getState().source?.ref;
  return ref === undefined ? false : enterSource(ref);
}

async function showWorkspace(document: Workspace, path: string | null, dirty: boolean): Promise<boolean> {
  useWorkspace.getState().load(document, path, { dirty });
  usePanel.setState({ open: document.layout.rightPanelOpen });
  return document.source === null ? true : enterSource(document.source);
}

/** Throws `EngineError` when the file is not a workspace. */
export async function openWorkspace(path: string): Promise<boolean> {
  if (!(await confirmLeave.ask())) return false;
  const file = await shell('readWorkspace', { path });
  const document = readWorkspaceText(file.content);
  void useBoot.getState().addRecent({ kind: 'workspace', path: file.path });
  return showWorkspace(document, file.path, false);
}

export async function recover(recovery: Recovery): Promise<boolean> {
  const document = readWorkspaceText(recovery.content);
  const opened = await showWorkspace(document, recovery.workspacePath, true);
  if (opened) useBoot.getState().forgetRecovery();
  return opened;
}

/** A file by its name: workspaces end in `.json`, everything else is taken for a snapshot. */
export const openPath = (path: string): Promise<boolean> =>
  isWorkspacePath(path) ? openWorkspace(path) : openSource({ kind: 'sqlite', path });

export async function pickAndOpen(purpose: 'source' | 'workspace'): Promise<boolean> {
  const path = await pickFile(purpose);
  return path === null ? false : openPath(path);
}

/** A snapshot the user chooses; null = none. */
export async function pickSource(): Promise<SourceRef | null> {
  const path = await pickFile('source');
  return path === null ? null : { kind: 'sqlite', path };
}

export const openRecent = (recent: Recent): Promise<boolean> =>
  recent.kind === 'source' && recent.ref ? openSource(recent.ref) : openPath(recent.path);

/** "Try again" where nothing is open: the file itself, or the workspace that wanted it. */
export function reopenFailed(): Promise<boolean> {
  const { ref } = useSession.getState();
  const wanted = useWorkspace.getState().document.source;
  if (ref === null) return Promise.resolve(false);
  return addressOf(wanted) === getAddress(ref) ? reopenSource() : openSource(ref);
}

const suggestedName = (): string => {
  const { document, path } = useWorkspace.getState();
  if (path !== null) return fileNameOf(path);
  const source =
    useSession.getState().source?.name ?? (document.source === null ? 'workspace' : getRefName(document.source));
  return `${source.replace(/\.[^.]+$/, '')}.tributary.json`;
};

/** Writes to the workspace's file, asking where when it has none. False = dismissed. Throws `EngineError`. */
export async function saveWorkspace(as = false): Promise<boolean> {
  const { path, document, markSaved } = useWorkspace.getState();
  let target = as ? null : path;
  if (target === null && !isDesktop()) {
    target = await askChooser('save', suggestedName());
    if (target === null) return false;
  }
  const written = await shell('writeWorkspace', {
    path: target,
    suggestedName: suggestedName(),
    content: formatWorkspace(document),
  });
  if (written === null) return false;
  markSaved(written, document);
  useBoot.getState().forgetRecovery();
  void useBoot.getState().addRecent({ kind: 'workspace', path: written });
  return true;
}

/** The shell's save dialog for exports; null = dismissed. Desktop only: in browser mode the browser downloads. */
export async function exportFile(
  suggested: string,
  content: { text: string } | { base64: string },
): Promise<string | null> {
  if (!isDesktop())
    throw new EngineError('E_UNSUPPORTED', 'In browser mode the browser saves files.', {
      hint: 'Use the download instead.',
    });
  return shell('exportFile', { suggestedName: suggested, ...content });
}

/** Where a file shall go that the query process writes; null = dismissed. */
export const pickSavePath = (suggested: string): Promise<string | null> =>
  isDesktop() ? shell('pickSavePath', { suggestedName: suggested }) : askChooser('export', suggested);

/** Back to the welcome page. */
export async function closeSource(): Promise<boolean> {
  if (!(await confirmLeave.ask())) return false;
  await useSession.getState().close();
  clearAnswers();
  usePanel.getState().reset();
  useWorkspace.getState().load(newWorkspace(null), null);
  return true;
}
