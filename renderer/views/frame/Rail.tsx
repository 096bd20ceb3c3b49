import { Tooltip, UnstyledButton } from '@mantine/core';
import { CircleHelp, Command as CommandIcon } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import type { View } from '../../../protocol/index.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import classes from './Rail.module.css';
import { runCommandById } from './run-command.ts';
import { formatShortcut } from './shortcuts.ts';
import { getViewShortcut, VIEW_INFO, VIEW_ORDER } from './view-info.ts';

export function Rail(): ReactElement {
  return (
    <nav className={classes.rail} aria-label="Views">
      {VIEW_ORDER.map((view) => (
        <ViewButton key={view} view={view} shortcut={formatShortcut(getViewShortcut(view))} />
      ))}
      <span className={classes.gap} />
      <RailButton
        label="Find a command"
        hint={formatShortcut('mod+K')}
        onClick={() => void runCommandById('window.palette')}
      >
        <CommandIcon size={18} aria-hidden />
      </RailButton>
      <RailButton label="Keyboard shortcuts" hint="?" onClick={() => void runCommandById('help.shortcuts')}>
        <CircleHelp size={18} aria-hidden />
      </RailButton>
    </nav>
  );
}

function ViewButton({ view, shortcut }: { readonly view: View; readonly shortcut: string }): ReactElement {
  const active = useWorkspace((s) => s.document.view === view);
  const { title, icon: Icon } = VIEW_INFO[view];
  return (
    <RailButton label={title} hint={shortcut} active={active} onClick={() => useWorkspace.getState().setView(view)}>
      <Icon size={18} strokeWidth={active ? 2.2 : 1.8} aria-hidden />
      <span className={classes.name} aria-hidden>
        {title}
      </span>
    </RailButton>
  );
}

interface RailButtonProps {
  readonly label: string;
  readonly hint: string;
  readonly active?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}
function RailButton({ label, hint, active = false, onClick, children }: RailButtonProps): ReactElement {
  return (
    <Tooltip label={`${label}  ${hint}`} position="right">
      <UnstyledButton
        className={classes.button}
        aria-label={label}
        aria-current={active ? 'page' : undefined}
        onClick={onClick}
      >
        {children}
      </UnstyledButton>
    </Tooltip>
  );
}
