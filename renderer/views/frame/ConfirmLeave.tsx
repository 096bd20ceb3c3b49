import { Button, Group, Modal } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { Workspace } from '../../../protocol/index.ts';
import { confirmLeave, saveWorkspace } from '../../stores/files.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { notifyError } from './run-command.ts';

/** Asks before unsaved work is replaced by something else. */
export function ConfirmLeave(): ReactElement {
  const [answer, setAnswer] = useState<((goOn: boolean) => void) | null>(null);
  // Asked once: a file that turns out to need a mapping first is opened in two steps.
  const discarded = useRef<Workspace | null>(null);
  useEffect(() => {
    confirmLeave.ask = () => {
      const { dirty, document } = useWorkspace.getState();
      if (!dirty || document.source === null || document === discarded.current) return Promise.resolve(true);
      return new Promise((resolve) => setAnswer(() => resolve));
    };
  }, []);
  const settle = (goOn: boolean): void => {
    answer?.(goOn);
    setAnswer(null);
  };
  const discard = (): void => {
    discarded.current = useWorkspace.getState().document;
    settle(true);
  };
  const save = async (): Promise<void> => {
    try {
      if (await saveWorkspace()) settle(true);
    } catch (thrown) {
      notifyError(thrown);
    }
  };
  return (
    <Modal opened={answer !== null} onClose={() => settle(false)} title="Save your changes first?" size={420}>
      <p>The workspace has changes that are not in a file yet.</p>
      <Group mt="lg" justify="flex-end">
        <Button variant="subtle" color="danger" mr="auto" onClick={discard}>
          Discard changes
        </Button>
        <Button onClick={() => settle(false)}>Cancel</Button>
        <Button variant="filled" data-autofocus onClick={() => void save()}>
          Save
        </Button>
      </Group>
    </Modal>
  );
}
