import { useEffect } from 'react';
import { isDesktop, shell } from '../../engine/shell.ts';
import { useSession } from '../../stores/session.ts';
import { fileNameOf } from '../../stores/workspace-path.ts';
import { useWorkspace } from '../../stores/workspace.ts';

/** `● orders.tributary.json · Tributary`; main needs `dirty` to ask before it closes, a browser tab asks itself. */
export function useWindowTitle(): void {
  const source = useSession((s) => s.source?.name ?? null);
  const path = useWorkspace((s) => s.path);
  const dirty = useWorkspace((s) => s.dirty && s.document.source !== null);
  useEffect(() => {
    const name = path === null ? source : fileNameOf(path);
    const title = name === null ? 'Tributary' : `${name} · Tributary`;
    document.title = dirty ? `● ${title}` : title;
    void shell('setTitle', { title, dirty }).catch(() => undefined);
  }, [source, path, dirty]);
  useEffect(() => {
    if (!dirty || isDesktop()) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [dirty]);
}
