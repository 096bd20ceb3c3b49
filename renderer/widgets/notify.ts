import { notifications } from '@mantine/notifications';
import { toErrorData } from '../../protocol/index.ts';

const closeButtonProps = { 'aria-label': 'Dismiss' };

/** What has been done, for a moment. */
export function notifyDone(message: string): void {
  notifications.show({ message, autoClose: 3000, closeButtonProps });
}

/** What failed, why, and what to do. */
export function notifyFailure(thrown: unknown): void {
  const { message, hint, code } = toErrorData(thrown);
  notifications.show({
    color: 'red',
    title: message,
    message: `${hint} (${code})`,
    autoClose: 10_000,
    closeButtonProps,
  });
}
