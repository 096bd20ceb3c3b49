import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { notifyFailure } from './notify.ts';

export interface NoticeAction {
  readonly label: string;
  readonly run: () => Promise<void> | void;
}
/** What has been done, and what can be done with it: long enough to be reached for. */
export function notifyAction(message: string, { label, run }: NoticeAction): void {
  const id = crypto.randomUUID();
  const act = (): void => {
    notifications.hide(id);
    Promise.resolve().then(run).catch(notifyFailure);
  };
  notifications.show({
    id,
    message: (
      <Group justify="space-between" gap={8} wrap="nowrap">
        <span>{message}</span>
        <Button size="xs" onClick={act}>
          {label}
        </Button>
      </Group>
    ),
    autoClose: 12_000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
  });
}
