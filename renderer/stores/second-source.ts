import { create } from 'zustand';
import { toErrorData, type ErrorData, type Progress, type SourceInfo, type SourceRef } from '../../protocol/index.ts';
import { engine } from '../engine/client.ts';
import { connection } from '../engine/connection.ts';
import { openSource } from './files.ts';
import { useSession } from './session.ts';
import { useWorkspace } from './workspace.ts';

interface SecondState {
  /** Open beside the source of the workspace. */
  readonly source: SourceInfo | null;
  readonly progress: Progress | null;
  readonly isOpening: boolean;
  readonly error: ErrorData | null;
  /** Opens what the workspace holds its source against, unless it is open. Never throws. */
  readonly ensure: () => Promise<void>;
  readonly cancel: () => void;
}

let opening: AbortController | null = null;

/** The second source of the workspace: opened when it is looked at, closed when another takes its place. */
export const useSecond = create<SecondState>()((set, get) => {
  const close = (): void => {
    opening?.abort();
    opening = null;
    const { source } = get();
    set({ source: null, progress: null, isOpening: false, error: null });
    // The same file may be open as the first source too: the engine has it once.
    if (source !== null && source.sourceId !== useSession.getState().source?.sourceId)
      void engine.close(source.sourceId).catch(() => undefined);
  };
  const open = async (ref: SourceRef): Promise<void> => {
    close();
    const mine = (opening = new AbortController());
    set({ isOpening: true });
    try {
      const onProgress = (progress: Progress): void => {
        if (mine === opening) set({ progress });
      };
      const source = await engine.open(ref, { signal: mine.signal, onProgress });
      if (mine === opening) set({ source, isOpening: false, progress: null });
    } catch (thrown) {
      if (mine !== opening) return;
      const error = toErrorData(thrown);
      set({ isOpening: false, progress: null, error: error.code === 'E_CANCELLED' ? null : error });
    }
  };
  useWorkspace.subscribe(({ document: now }, { document: before }) => {
    if (JSON.stringify(now.second) !== JSON.stringify(before.second)) close();
  });
  // The engine has a file open once: where both were the same, it went with the first.
  useSession.subscribe(({ source: now }, { source: before }) => {
    if (before !== null && before.sourceId !== now?.sourceId && before.sourceId === get().source?.sourceId)
      set({ source: null });
  });
  // Another engine has nothing open.
  connection.onState((state) => {
    if (state === 'down') set({ source: null, isOpening: false, progress: null, error: null });
  });
  return {
    source: null,
    progress: null,
    isOpening: false,
    error: null,
    ensure: async () => {
      const { second } = useWorkspace.getState().document;
      if (second !== null && get().source === null && !get().isOpening) await open(second);
    },
    cancel: () => opening?.abort(),
  };
});

/** The second becomes the first and the other way round, on the same document. */
export async function swapSources(): Promise<void> {
  const { document, setSource, setSecond } = useWorkspace.getState();
  const { source: first, second } = document;
  if (first === null || second === null) return;
  setSource(second);
  if (await openSource(second)) setSecond(first);
  else setSource(first);
}
