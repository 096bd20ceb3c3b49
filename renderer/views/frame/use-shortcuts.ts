import { useEffect } from 'react';
import { hasRules, isPanelOpen, usePanel } from '../../stores/panel.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { getCommands } from './command-registry.ts';
import { runCommand } from './run-command.ts';
import { findCommand, isTyping } from './shortcuts.ts';

/** Things that float close themselves on Escape. */
const FLOATING = 'dialog, [role="dialog"], [role="menu"], [role="listbox"], [data-floating]';

/** Escape goes back from the timeline to the list, and from the list to the rules (or closes the panel); it never throws typing away. */
function escape(event: KeyboardEvent): void {
  if (isTyping(event.target) || document.querySelector(FLOATING) !== null) return;
  const { tab, trail, back, showRules, close } = usePanel.getState();
  if (!isPanelOpen()) return;
  const ruled = hasRules(useWorkspace.getState().document.view);
  if (ruled && tab !== 'actors') return;
  if (trail.length > 1) back();
  else if (ruled) showRules();
  else close();
}

/** One listener for all shortcuts of the command table. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === 'Escape') return escape(event);
      const command = findCommand(event, getCommands());
      if (command === undefined) return;
      event.preventDefault(); // also where it is off: Ctrl+S must never save the page
      void runCommand(command);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
