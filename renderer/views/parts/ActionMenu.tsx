import { Menu } from '@mantine/core';
import { Fragment, type ReactElement, type ReactNode } from 'react';

export interface Action {
  readonly label: string;
  readonly icon?: ReactNode;
  /** Right of the label: a count, a hint. */
  readonly note?: string;
  readonly run: () => void;
}
export interface ActionMenuProps {
  /** Window coordinates. */
  readonly at: { readonly x: number; readonly y: number };
  readonly title: string;
  /** Groups are divided by a line. */
  readonly groups: readonly (readonly Action[])[];
  readonly onClose: () => void;
}

/** What fits the thing under the pointer. */
export function ActionMenu({ at, title, groups, onClose }: ActionMenuProps): ReactElement {
  return (
    <Menu
      key={`${at.x},${at.y}`}
      opened
      onClose={onClose}
      // Not "keydown": the key that opened the menu is still on its way to the document.
      clickOutsideEvents={['mousedown', 'touchstart']}
      position="bottom-start"
      width={288}
      returnFocus
      trapFocus
    >
      <Menu.Target>
        <span style={{ position: 'fixed', left: at.x, top: at.y, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label style={{ overflowWrap: 'anywhere' }}>{title}</Menu.Label>
        {groups
          .filter((group) => group.length > 0)
          .map((group, i) => (
            <Fragment key={group[0]?.label}>
              {i > 0 ? <Menu.Divider /> : null}
              {group.map((action) => (
                <Menu.Item
                  key={action.label}
                  leftSection={action.icon}
                  rightSection={action.note === undefined ? null : <small>{action.note}</small>}
                  onClick={action.run}
                  style={{ overflowWrap: 'anywhere' }}
                >
                  {action.label}
                </Menu.Item>
              ))}
            </Fragment>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
