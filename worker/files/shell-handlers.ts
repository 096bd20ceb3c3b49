import { z } from 'zod';
import {
  EngineError,
  SHELL_METHODS,
  toErrorData,
  type BootInfo,
  type ErrorData,
  type Reply,
  type ShellAnswers,
  type ShellMethod,
} from '../../protocol/index.ts';
import { addRecent, type AppState } from './app-state.ts';
import { createConnectionHandlers } from './connection-handlers.ts';
import { listFolder } from './list-folder.ts';
import { readWorkspaceFile, writeWorkspaceFile } from './workspace-file.ts';

type Argument<M extends ShellMethod> = z.output<(typeof SHELL_METHODS)[M]>;
export type ShellHandlers = { readonly [M in ShellMethod]: (argument: Argument<M>) => Promise<ShellAnswers[M]> };

/** What differs between the desktop window and browser mode. */
export type ShellHost = Pick<
  ShellHandlers,
  'pickFile' | 'pickSavePath' | 'exportFile' | 'setTitle' | 'restartEngine' | 'showInFolder'
> & {
  readonly mode: BootInfo['mode'];
  readonly version: string;
  /** Why the last run did not end well, or null. */
  readonly lastFailure: ErrorData | null;
  /** Files handed over before the window was ready; told once. */
  takeOpenFiles(): readonly string[];
  /** Where to save, or null when dismissed. */
  chooseWorkspacePath(suggestedName: string): Promise<string | null>;
};

/** The answers to SHELL_METHODS, over the files of the data folder. */
export function createShellHandlers(state: AppState, host: ShellHost): ShellHandlers {
  return {
    ...host,
    ...createConnectionHandlers(state.openConnections, state.passwords),
    boot: () => boot(state, host),
    saveSettings: async (settings) => {
      await state.settings.update(() => settings);
      return null;
    },
    addRecent: (recent) => state.recents.update((recents) => addRecent(recents, recent)),
    clearRecents: async () => {
      await state.recents.update(() => []);
      return null;
    },
    listFolder: ({ path }) => listFolder(path),
    readWorkspace: async ({ path }) => ({ path, content: await readWorkspaceFile(path) }),
    writeWorkspace: async ({ path, suggestedName, content }) => {
      const target = path ?? (await host.chooseWorkspacePath(suggestedName));
      return target === null ? null : writeWorkspaceFile(target, content);
    },
    writeRecovery: async (recovery) => {
      await state.recovery.update(() => recovery);
      return null;
    },
    clearRecovery: async () => {
      await state.recovery.clear();
      return null;
    },
  };
}

async function boot(state: AppState, host: ShellHost): Promise<BootInfo> {
  const [settings, recents, recovery] = await Promise.all([
    state.settings.load(),
    state.recents.load(),
    state.recovery.load(),
  ]);
  return {
    version: host.version,
    mode: host.mode,
    platform: process.platform,
    settings: settings.value,
    recents: recents.value,
    recovery: recovery.value,
    lastFailure: host.lastFailure ?? settings.problem ?? recents.problem ?? recovery.problem,
    openFiles: host.takeOpenFiles(),
  };
}

/** Checks and answers one call from a window. Never rejects: unknown methods and wrong arguments are E_USAGE. */
export async function answerShellCall(
  handlers: ShellHandlers,
  method: unknown,
  argument: unknown,
): Promise<Reply<unknown>> {
  try {
    if (!isShellMethod(method))
      throw new EngineError('E_USAGE', 'There is no such shell method.', { hint: 'See protocol/shell-api.ts.' });
    const parsed = SHELL_METHODS[method].safeParse(argument);
    if (!parsed.success)
      throw new EngineError('E_USAGE', `Wrong argument of ${method}.`, {
        hint: 'See protocol/shell-api.ts.',
        details: z.prettifyError(parsed.error),
      });
    const handler = handlers[method] as (argument: unknown) => Promise<unknown>;
    return { ok: true, value: await handler(parsed.data) };
  } catch (thrown) {
    return { ok: false, error: toErrorData(thrown) };
  }
}

function isShellMethod(method: unknown): method is ShellMethod {
  return typeof method === 'string' && Object.hasOwn(SHELL_METHODS, method);
}
