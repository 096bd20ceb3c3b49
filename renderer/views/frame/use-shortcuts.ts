import { useEffect } from 'react';
import { getCommands } from './command-registry.ts';
import { runCommand } from './run-command.ts';
import { findCommand } from './shortcuts.ts';

/** One listener for all shortcuts of the command table. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const command = findCommand(event, getCommands());
      if (command === undefined) return;
      event.preventDefault(); // also where it is off: Ctrl+S must never save the page
      void runCommand(command);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
