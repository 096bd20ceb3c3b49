import { useEffect } from 'react';
import type { BootInfo, ShellEvent } from '../../../protocol/index.ts';
import { connection } from '../../engine/connection.ts';
import { onShellEvent } from '../../engine/shell.ts';
import { useAskAgain } from '../../stores/answers.ts';
import { openPath, reopenSource, saveWorkspace } from '../../stores/files.ts';
import { useSession } from '../../stores/session.ts';
import { useEngineState } from './engine-state.ts';
import { notifyError, runCommandById } from './run-command.ts';
import { isTyping } from './shortcuts.ts';

async function saveThenClose(): Promise<void> {
  try {
    if (await saveWorkspace()) window.close();
  } catch (thrown) {
    notifyError(thrown);
  }
}

/** The Edit menu while one is typing: undo and redo are the text's own. */
function undoInText(command: string): boolean {
  if (!isTyping(document.activeElement) || (command !== 'edit.undo' && command !== 'edit.redo')) return false;
  // oxlint-disable-next-line typescript/no-deprecated -- the only way to a text field's own undo.
  return document.execCommand(command === 'edit.undo' ? 'undo' : 'redo');
}

function handle(event: ShellEvent): void {
  switch (event.type) {
    case 'menu':
      if (!undoInText(event.command)) void runCommandById(event.command);
      break;
    case 'open-file':
      void openPath(event.path).catch(notifyError);
      break;
    case 'engine-lost':
      useEngineState.setState({ state: 'down', error: event.error });
      break;
    case 'engine-ready':
      break; // the new port says so
    case 'save-then-close':
      void saveThenClose();
      break;
  }
}

/** After the engine came back: the source again, then every question on the screen. Answers stay visible meanwhile. */
async function resume(): Promise<void> {
  if (useSession.getState().source === null) return;
  await reopenSource();
  useAskAgain.getState().askAgain();
}

let booted = false;
/** What main pushes, what comes from the command line, and the life of the engine. */
export function useShellEvents(boot: BootInfo): void {
  useEffect(() => {
    if (booted) return;
    booted = true;
    onShellEvent(handle);
    let wasDown = false;
    connection.onState((state) => {
      useEngineState.setState({ state, ...(state === 'up' ? { error: null } : {}) });
      if (state === 'down') wasDown = true;
      if (state === 'up' && wasDown) {
        wasDown = false;
        void resume();
      }
    });
    const [first] = boot.openFiles;
    if (first !== undefined) void openPath(first).catch(notifyError);
  }, [boot]);
  useEffect(() => {
    const check = (): void => void useSession.getState().check();
    window.addEventListener('focus', check);
    return () => window.removeEventListener('focus', check);
  }, []);
}
