import { useEffect } from 'react';
import { formatWorkspace } from '../../../protocol/index.ts';
import { shell } from '../../engine/shell.ts';
import { useBoot } from '../../stores/boot.ts';
import { useWorkspace } from '../../stores/workspace.ts';

const EVERY_MS = 3000;

/**
 * Keeps unsaved work in the recovery file, every few seconds while there is some. A recovery from last time that the
 * user has not decided about is left alone until there is newer unsaved work.
 */
export function useRecoveryAutosave(): void {
  useEffect(() => {
    let kept = '';
    const keep = (): void => {
      const { dirty, document, path } = useWorkspace.getState();
      const text = dirty && document.source !== null ? formatWorkspace(document) : '';
      if (text === kept) return;
      const before = kept;
      kept = text;
      if (text === '') {
        if (before !== '') useBoot.getState().forgetRecovery();
        return;
      }
      shell('writeRecovery', { savedAt: Date.now(), workspacePath: path, content: text }).catch(() => {
        kept = before; // tried again in a few seconds
      });
    };
    const timer = setInterval(keep, EVERY_MS);
    window.addEventListener('pagehide', keep);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pagehide', keep);
    };
  }, []);
}
