import { Kbd } from '@mantine/core';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { Search } from 'lucide-react';
import { useEffect, type ReactElement } from 'react';
import { useAllCommands, type Command } from './command-registry.ts';
import { runCommand } from './run-command.ts';
import { formatShortcut } from './shortcuts.ts';

/** Commands in the order of their groups; what cannot be done now is left out. */
export function getPaletteGroups(commands: readonly Command[]): SpotlightActionGroupData[] {
  const groups = new Map<string, Command[]>();
  for (const command of commands) {
    if (command.id === 'window.palette' || command.isEnabled?.() === false) continue;
    groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  }
  return [...groups].map(([group, members]) => ({
    group,
    actions: members.map((command) => ({
      id: command.id,
      label: command.title,
      keywords: [...(command.keywords ?? []), command.group],
      onClick: () => void runCommand(command),
      ...(command.shortcut === undefined ? {} : { rightSection: <Kbd>{formatShortcut(command.shortcut)}</Kbd> }),
    })),
  }));
}

/**
 * Commands that come while a name is typed, as with a view that is still being shown: the spotlight chooses the first one
 * found when the text changes, and only then. Marked as it marks them, for Enter runs what is marked.
 */
function selectFirstFound(): void {
  const found = document.querySelector(`[aria-label="${LABEL}"]`);
  if (found === null || found.querySelector('[data-selected]') !== null) return;
  if (found.querySelector('input')?.value !== '')
    found.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
}
const LABEL = 'Commands';

/** ⌘K: every command by typing a part of its name. */
export function Palette(): ReactElement {
  const commands = useAllCommands();
  useEffect(selectFirstFound, [commands]);
  return (
    <Spotlight
      actions={getPaletteGroups(commands)}
      shortcut={null}
      nothingFound="No command has this name."
      highlightQuery
      scrollable
      maxHeight={420}
      size={560}
      attributes={{ content: { 'aria-label': LABEL } }}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Commands found' } }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 0 }}
      searchProps={{
        placeholder: 'Find a command',
        'aria-label': 'Find a command',
        leftSection: <Search size={16} aria-hidden />,
      }}
    />
  );
}
