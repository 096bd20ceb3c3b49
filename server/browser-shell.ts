import { EngineError, type ErrorData } from '../protocol/index.ts';
import type { ShellHost } from '../worker/files/shell-handlers.ts';

export interface BrowserShellOptions {
  readonly version: string;
  readonly lastFailure: ErrorData | null;
  readonly openFiles: readonly string[];
  readonly restartEngine: () => Promise<void>;
}

/** What browser mode answers where the desktop has dialogs: the window has its own chooser and downloads files itself. */
export function browserShell({ version, lastFailure, openFiles, restartEngine }: BrowserShellOptions): ShellHost {
  return {
    mode: 'browser',
    version,
    lastFailure,
    // Each tab that boots gets them: browser mode cannot tell a reload from a new window.
    takeOpenFiles: () => openFiles,
    pickFile: () => Promise.reject(desktopOnly('A file dialog')),
    pickSavePath: () => Promise.reject(desktopOnly('A save dialog')),
    exportFile: () => Promise.reject(desktopOnly('A save dialog')),
    showInFolder: () => Promise.reject(desktopOnly('The file manager')),
    chooseWorkspacePath: () =>
      Promise.reject(
        new EngineError('E_USAGE', 'Say where to save the workspace.', { hint: 'Choose a folder and a name.' }),
      ),
    setTitle: () => Promise.resolve(null),
    restartEngine: async () => {
      await restartEngine();
      return null;
    },
  };
}

function desktopOnly(what: string): EngineError {
  return new EngineError('E_UNSUPPORTED', `${what} is part of the desktop window.`, {
    hint: 'In browser mode choose files in the page.',
  });
}
