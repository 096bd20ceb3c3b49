import { Menu } from '@mantine/core';
import { ChartColumn, Copy, PanelRight, Pin, PinOff } from 'lucide-react';
import type { ReactElement } from 'react';
import type { DetailTab } from './DetailPane.tsx';

export interface GridMenuProps {
  /** In the window. */
  readonly at: { readonly x: number; readonly y: number };
  /** Is the column under the pointer pinned? null = there is none. */
  readonly isPinned: boolean | null;
  readonly onPin: () => void;
  readonly onCopy: () => void;
  readonly onOpen: (tab: DetailTab) => void;
  readonly onClose: () => void;
}
/** What fits the cell or column under the pointer. */
export function GridMenu({ at, isPinned, onPin, onCopy, onOpen, onClose }: GridMenuProps): ReactElement {
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={0} width={200}>
      <Menu.Target>
        <span style={{ position: 'fixed', left: at.x, top: at.y }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Copy size={13} />} onClick={onCopy}>
          Copy
        </Menu.Item>
        <Menu.Item leftSection={<PanelRight size={13} />} onClick={() => onOpen('row')}>
          Show the row
        </Menu.Item>
        <Menu.Item leftSection={<ChartColumn size={13} />} onClick={() => onOpen('column')}>
          Column statistics
        </Menu.Item>
        {isPinned !== null && (
          <Menu.Item leftSection={isPinned ? <PinOff size={13} /> : <Pin size={13} />} onClick={onPin}>
            {isPinned ? 'Unpin the column' : 'Pin the column left'}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
