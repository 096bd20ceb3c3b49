import { homedir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import type { Dialog, FileFilter } from 'electron';
import { EngineError, type ErrorData } from '../../protocol/index.ts';
import { writeFileAtomic } from '../../worker/files/atomic-write.ts';
import type { ShellHost } from '../../worker/files/shell-handlers.ts';

type Dialogs = Pick<Dialog, 'showOpenDialog' | 'showSaveDialog'>;
export interface DesktopShellOptions {
  readonly dialog: Dialogs;
  readonly version: string;
  readonly lastFailure: ErrorData | null;
  readonly takeOpenFiles: () => readonly string[];
  readonly setTitle: (title: string, dirty: boolean) => void;
  readonly restartEngine: () => Promise<void>;
  readonly showItemInFolder: (path: string) => void;
}

const WORKSPACE_FILTER: FileFilter = { name: 'Tributary workspace', extensions: ['json'] };
const SOURCE_FILTERS: FileFilter[] = [
  { name: 'SQLite snapshots', extensions: ['db', 'sqlite', 'sqlite3', 'db3'] },
  { name: 'All files', extensions: ['*'] },
];

const FILTERS: Readonly<Record<'source' | 'workspace' | 'certificate', FileFilter[]>> = {
  source: SOURCE_FILTERS,
  workspace: [WORKSPACE_FILTER],
  certificate: [
    { name: 'Certificates', extensions: ['pem', 'crt', 'cer', 'ca-bundle'] },
    { name: 'All files', extensions: ['*'] },
  ],
};

/** What the desktop answers with native dialogs. */
export function desktopShell(options: DesktopShellOptions): ShellHost {
  const { dialog } = options;
  /** Folder of the last dialog, for the next one. */
  let lastFolder = homedir();
  /** Only what was written in this session may be shown in the file manager: the window names no other file. */
  const written = new Set<string>();
  const askSave = async (suggestedName: string, filters: FileFilter[]): Promise<string | null> => {
    const { canceled, filePath } = await dialog.showSaveDialog({
      defaultPath: join(lastFolder, safeFileName(suggestedName)),
      filters,
    });
    if (canceled || filePath === '') return null;
    lastFolder = dirname(filePath);
    return filePath;
  };
  /** The name's own ending when none was typed. */
  const askExport = async (suggestedName: string): Promise<string | null> => {
    const extension = extname(safeFileName(suggestedName));
    const filters =
      extension === '' ? [] : [{ name: extension.slice(1).toUpperCase(), extensions: [extension.slice(1)] }];
    const chosen = await askSave(suggestedName, filters);
    return chosen !== null && extname(chosen) === '' ? `${chosen}${extension}` : chosen;
  };
  return {
    mode: 'desktop',
    version: options.version,
    lastFailure: options.lastFailure,
    takeOpenFiles: options.takeOpenFiles,
    pickFile: async ({ purpose }) => {
      const filters = FILTERS[purpose];
      const { canceled, filePaths } = await dialog.showOpenDialog({
        defaultPath: lastFolder,
        filters,
        properties: ['openFile'],
      });
      const [path] = filePaths;
      if (canceled || path === undefined) return null;
      lastFolder = dirname(path);
      return path;
    },
    chooseWorkspacePath: (suggestedName) => askSave(suggestedName, [WORKSPACE_FILTER]),
    pickSavePath: async ({ suggestedName }) => {
      const path = await askExport(suggestedName);
      if (path !== null) written.add(path);
      return path;
    },
    exportFile: async ({ suggestedName, text, base64 }) => {
      const path = await askExport(suggestedName);
      if (path === null) return null;
      await writeFileAtomic(path, text ?? Buffer.from(base64 ?? '', 'base64'));
      written.add(path);
      return path;
    },
    setTitle: ({ title, dirty }) => {
      options.setTitle(title, dirty);
      return Promise.resolve(null);
    },
    restartEngine: async () => {
      await options.restartEngine();
      return null;
    },
    showInFolder: ({ path }) => {
      if (!written.has(path))
        return Promise.reject(
          new EngineError('E_REFUSED', 'Only exported files can be shown.', { hint: 'Open your file manager.' }),
        );
      options.showItemInFolder(path);
      return Promise.resolve(null);
    },
  };
}

/** A name without folders or characters that a file system refuses. */
export function safeFileName(name: string): string {
  const safe = name
    .replaceAll(/[\p{Cc}<>:"/\\|?*]+/gu, '-')
    .replace(/^[.\s-]+|[.\s]+$/g, '')
    .slice(0, 150);
  return safe === '' ? 'export' : safe;
}
