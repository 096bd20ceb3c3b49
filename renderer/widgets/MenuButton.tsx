import { Button, Menu } from '@mantine/core';
import { ChevronDown } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';

export interface MenuButtonProps {
  readonly label: string;
  readonly icon: ReactElement;
  /** Of the list, px. */
  readonly width: number;
  /** One of several beside each other, without a border. */
  readonly isQuiet?: boolean;
  readonly disabled?: boolean;
  /** On hover: why it is disabled, or what to expect of it. */
  readonly hint?: string | undefined;
  /** `Menu.Item`s. */
  readonly children: ReactNode;
}
/** A small button that opens a list of what can be done. */
export function MenuButton({ label, icon, width, isQuiet, disabled, hint, children }: MenuButtonProps): ReactElement {
  const look = isQuiet === true ? { variant: 'subtle', color: 'gray' } : {};
  return (
    <Menu position="bottom-end" width={width} returnFocus>
      <Menu.Target>
        <Button
          size="xs"
          {...look}
          disabled={disabled === true}
          title={hint}
          leftSection={icon}
          rightSection={<ChevronDown size={11} />}
        >
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
