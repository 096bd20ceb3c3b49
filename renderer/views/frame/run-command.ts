import { notifications } from '@mantine/notifications';
import { toErrorData } from '../../../protocol/index.ts';
import { getCommands, type Command } from './command-registry.ts';

/** Says what went wrong, beside whatever the user is doing. */
export function notifyError(thrown: unknown): void {
  const error = toErrorData(thrown);
  if (error.code === 'E_CANCELLED') return;
  notifications.show({
    color: 'danger',
    title: error.message,
    message: `${error.hint} (${error.code})`,
    autoClose: 12_000,
  });
}

/** Runs a command; a failure becomes a notification. */
export async function runCommand(command: Command): Promise<void> {
  if (command.isEnabled?.() === false) return;
  try {
    await command.run();
  } catch (thrown) {
    notifyError(thrown);
  }
}

export async function runCommandById(id: string): Promise<void> {
  const command = getCommands().find((c) => c.id === id);
  if (command !== undefined) await runCommand(command);
}
