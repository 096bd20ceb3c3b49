import { Button, Menu } from '@mantine/core';
import { ChevronDown, FlaskConical, FolderOpen } from 'lucide-react';
import type { ReactElement } from 'react';
import { getRefName, SAMPLE_REF } from '../../../protocol/index.ts';
import { useBoot } from '../../stores/boot.ts';
import { pickSource } from '../../stores/files.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { notifyError } from '../frame/run-command.ts';

/** Recent sources, a file, or the sample. */
export function ChooseSecond(): ReactElement {
  const recents = useBoot((s) => s.recents);
  const first = useWorkspace((s) => s.document.source);
  const { setSecond } = useWorkspace.getState();
  const known = recents.flatMap(({ ref }) => (ref && JSON.stringify(ref) !== JSON.stringify(first) ? [ref] : []));
  const pick = async (): Promise<void> => {
    const ref = await pickSource();
    if (ref !== null) setSecond(ref);
  };
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button rightSection={<ChevronDown size={14} />}>Second source</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<FolderOpen size={14} />} onClick={() => void pick().catch(notifyError)}>
          A snapshot…
        </Menu.Item>
        <Menu.Item leftSection={<FlaskConical size={14} />} onClick={() => setSecond(SAMPLE_REF)}>
          The sample
        </Menu.Item>
        {known.length === 0 ? null : <Menu.Label>Recent</Menu.Label>}
        {known.slice(0, 8).map((ref) => (
          <Menu.Item key={JSON.stringify(ref)} onClick={() => setSecond(ref)}>
            {getRefName(ref)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
