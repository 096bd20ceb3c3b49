import { Menu } from '@mantine/core';
import { Copy, Users } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { getTipText, type Tip } from '../../charts/picture.ts';
import { notifyDone, notifyFailure } from '../../widgets/notify.ts';

export interface MarkMenuProps {
  /** The mark that was right-clicked last. */
  readonly mark: { readonly tip: Tip; readonly onSelect?: (() => void) | undefined } | null;
  /** Nothing is under the pointer: the browser's own menu. */
  readonly disabled: boolean;
  readonly onToggle: (open: boolean) => void;
  readonly children: ReactNode;
}

/** What can be done with the thing under a right click (or the menu key). */
export function MarkMenu({ mark, disabled, onToggle, children }: MarkMenuProps): ReactElement {
  const copy = (): void => {
    if (mark === null) return;
    navigator.clipboard.writeText(getTipText(mark.tip)).then(() => notifyDone('Numbers copied'), notifyFailure);
  };
  return (
    <Menu width={184} onChange={onToggle}>
      <Menu.ContextMenu disabled={disabled}>
        <div>{children}</div>
      </Menu.ContextMenu>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Users size={13} />} disabled={mark?.onSelect === undefined} onClick={mark?.onSelect}>
          Show the actors
        </Menu.Item>
        <Menu.Item leftSection={<Copy size={13} />} onClick={copy}>
          Copy the numbers
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
