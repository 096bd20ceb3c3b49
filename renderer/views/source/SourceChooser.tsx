import { Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChooser, type ChooserTask } from '../../stores/files.ts';
import { FolderBrowser } from './FolderBrowser.tsx';

const TITLES: Readonly<Record<ChooserTask['purpose'], string>> = {
  source: 'Open a snapshot',
  workspace: 'Open a workspace',
  certificate: 'Choose a CA file',
  save: 'Save the workspace',
  export: 'Export to a file',
};

/** Forms that want a file are at Mantine's 200. */
const ABOVE_FORMS = 210;

/** Browser mode's file dialog: the files of the machine on which Tributary runs. */
export function SourceChooser(): ReactElement {
  const task = useChooser((s) => s.task);
  return (
    <Modal
      opened={task !== null}
      onClose={() => task?.resolve(null)}
      title={task === null ? '' : TITLES[task.purpose]}
      size={640}
      zIndex={ABOVE_FORMS}
    >
      {task !== null && <FolderBrowser task={task} />}
    </Modal>
  );
}
