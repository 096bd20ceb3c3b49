import {
  EngineError,
  type Reply,
  type SHELL_METHODS,
  type ShellAnswers,
  type ShellEvent,
  type ShellMethod,
} from '../../protocol/index.ts';
import type { z } from 'zod';
import './carrier.ts';

type ArgumentOf<M extends ShellMethod> = z.input<(typeof SHELL_METHODS)[M]>;

/** True in Electron, false in browser mode. */
export const isDesktop = (): boolean => window.tributary !== undefined;

const unreachable = (cause: unknown): EngineError =>
  new EngineError('E_ENGINE_LOST', 'Tributary does not answer.', {
    hint: 'See whether it is still running where it was started.',
    details: String(cause),
    cause,
  });

async function post<M extends ShellMethod>(method: M, argument: ArgumentOf<M>): Promise<Reply<ShellAnswers[M]>> {
  try {
    const response = await fetch(`/api/shell/${method}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', 'x-tributary': '1' },
      body: JSON.stringify(argument),
    });
    return (await response.json()) as Reply<ShellAnswers[M]>;
  } catch (cause) {
    throw unreachable(cause);
  }
}

/** Asks the program around the window (Electron main, or the browser-mode server). Throws `EngineError`. */
export async function shell<M extends ShellMethod>(method: M, argument: ArgumentOf<M>): Promise<ShellAnswers[M]> {
  const reply = await (window.tributary === undefined
    ? post(method, argument)
    : window.tributary.call(method, argument));
  if (reply.ok) return reply.value;
  throw EngineError.fromData(reply.error);
}

/** Events pushed by Electron main; never called in browser mode. */
export function onShellEvent(listener: (event: ShellEvent) => void): void {
  window.tributary?.onEvent(listener);
}

/** Absolute path of a dropped file; null in browser mode, where the browser hides it. */
export const pathOfFile = (file: File): string | null => window.tributary?.pathOf(file) ?? null;
