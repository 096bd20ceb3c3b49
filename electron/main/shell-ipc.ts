import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { EngineError, type Reply } from '../../protocol/index.ts';
import { answerShellCall, type ShellHandlers } from '../../worker/files/shell-handlers.ts';
import { originOf } from './origin.ts';

/** The only channel from the window to main. */
export const SHELL_CHANNEL = 'shell';

export interface ShellIpcOptions {
  readonly handlers: ShellHandlers;
  readonly trustedOrigin: string;
  /** Whether these are the contents of our window. */
  readonly isOurs: (contents: unknown) => boolean;
}

/** 17: every call is checked for its sender first, then by the schema of its method. Never rejects. */
export function installShellIpc(ipcMain: Pick<IpcMain, 'handle'>, options: ShellIpcOptions): void {
  ipcMain.handle(
    SHELL_CHANNEL,
    (event: IpcMainInvokeEvent, method: unknown, argument: unknown): Promise<Reply<unknown>> => {
      if (!isTrustedSender(event, options)) return Promise.resolve(refusal());
      return answerShellCall(options.handlers, method, argument ?? null);
    },
  );
}

type Sender = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>;

/** The top frame of our window, showing our page. */
export function isTrustedSender(
  { sender, senderFrame }: Sender,
  { trustedOrigin, isOurs }: Omit<ShellIpcOptions, 'handlers'>,
): boolean {
  if (senderFrame === null || senderFrame === undefined) return false;
  return (
    isOurs(sender) &&
    senderFrame === sender.mainFrame &&
    senderFrame.parent === null &&
    originOf(senderFrame.url) === trustedOrigin
  );
}

function refusal(): Reply<never> {
  return {
    ok: false,
    error: new EngineError('E_REFUSED', 'This page may not ask Tributary for anything.', {
      hint: 'Restart Tributary.',
    }).toData(),
  };
}
