import { Menu } from '@mantine/core';
import { Copy, Users } from 'lucide-react';
import { createContext, memo, useContext, type ReactElement, type ReactNode } from 'react';
import { getTipText, type Tip } from '../../charts/picture.ts';
import { notifyDone, notifyFailure } from '../../widgets/notify.ts';

export interface MarkMenuProps {
  /** The mark that was right-clicked last. */
  readonly mark: { readonly tip: Tip; readonly onSelect?: (() => void) | undefined } | null;
  /** Nothing is under the pointer: the browser's own menu. */
  readonly disabled: boolean;
  readonly onToggle: (open: boolean) => void;
}

/** The drawing inside the menu: it changes with every answer, the menu around it does not. */
const Drawing = createContext<ReactNode>(null);
function Drawn(): ReactNode {
  return useContext(Drawing);
}

/** What can be done with the thing under a right click (or the menu key). */
export function MarkMenu({ children, ...menu }: MarkMenuProps & { readonly children: ReactNode }): ReactElement {
  return (
    <Drawing value={children}>
      <StillMenu {...menu} />
    </Drawing>
  );
}

const StillMenu = memo(function StillMenu({ mark, disabled, onToggle }: MarkMenuProps): ReactElement {
  const copy = (): void => {
    if (mark === null) return;
    navigator.clipboard.writeText(getTipText(mark.tip)).then(() => notifyDone('Numbers copied'), notifyFailure);
  };
  return (
    <Menu width={184} onChange={onToggle}>
      <Menu.ContextMenu disabled={disabled}>
        <div>
          <Drawn />
        </div>
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
});
