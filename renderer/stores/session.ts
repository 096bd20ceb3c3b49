import { create } from 'zustand';
import {
  EngineError,
  toErrorData,
  type ErrorData,
  type Inspection,
  type Progress,
  type SourceInfo,
  type SourceRef,
  type Vocabulary,
} from '../../protocol/index.ts';
import { engine, setCurrentSource } from '../engine/client.ts';

/** A file that needs a mapping before it can be opened. */
export interface MappingTask {
  readonly ref: SourceRef;
  readonly inspection: Inspection;
  /** Why it could not be opened as it is. */
  readonly error: ErrorData | null;
}

interface SessionState {
  readonly phase: 'none' | 'opening' | 'open' | 'failed';
  /** While another source is opening, the old one stays here (and usable). */
  readonly source: SourceInfo | null;
  readonly vocabulary: Vocabulary | null;
  /** `source` shows only its latest rows (`source.partial`) while all of them are read, with `progress`, to take its place. */
  readonly isReadingAll: boolean;
  /** What is opening, or failed to. */
  readonly ref: SourceRef | null;
  readonly progress: Progress | null;
  readonly error: ErrorData | null;
  /** The file is no longer the one that was opened: answers are of the old one. */
  readonly changed: boolean;
  readonly mapping: MappingTask | null;

  /** True when it is open. A file of unknown shape ends with `mapping` set instead. Never throws. */
  readonly open: (ref: SourceRef) => Promise<boolean>;
  /** Opens the same ref again (after a change of the file, or of the engine's life). */
  readonly reopen: () => Promise<boolean>;
  /** Also ends the reading of all rows behind a preview, which stays, marked as one. */
  readonly cancelOpen: () => void;
  /** Goes on where `cancelOpen` left a preview. */
  readonly readAll: () => Promise<void>;
  /**
   * The same source as it is now, in the place of what is open, without a word on the way: what is on the screen stays until
   * the answers of the new event set are there. `isFollowed`: somebody looks for changes, answers need not. Null = something else was opened meanwhile. Throws `EngineError`.
   */
  readonly follow: (isFollowed?: boolean) => Promise<SourceInfo | null>;
  readonly close: () => Promise<void>;
  /** The mapping editor for a file; `ref.mapping` is where it starts. */
  readonly editMapping: (ref: SourceRef) => Promise<void>;
  readonly leaveMapping: () => void;
  readonly dismissError: () => void;
  /** Looks whether the file has changed (when the window gets the focus). */
  readonly check: () => Promise<void>;
  readonly markChanged: () => void;
}

let opening: AbortController | null = null;

/** A source whose shape we must ask about, as opposed to one that cannot be read. */
const needsMapping = (error: ErrorData): boolean =>
  error.code === 'E_BAD_MAPPING' || error.code === 'E_NO_SUCH_TABLE' || error.code === 'E_NO_SUCH_COLUMN';

/** Rejects with E_CANCELLED when the signal aborts: names are counted for seconds in a large source, too long for a Stop. */
function stopOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Open it again.' }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

export const useSession = create<SessionState>()((set, get) => {
  const begin = (ref: SourceRef): AbortController => {
    opening?.abort();
    opening = new AbortController();
    set({ phase: 'opening', ref, progress: null, error: null, isReadingAll: false });
    return opening;
  };
  /** Back to where one was: the old source if there is one. */
  const rest = (error: ErrorData | null): void => {
    const open = get().source !== null;
    set({
      phase: open ? 'open' : error === null ? 'none' : 'failed',
      error,
      progress: null,
      isReadingAll: false,
      ...(open ? { ref: get().source?.ref ?? null } : {}),
    });
  };
  const settle = (thrown: unknown, mine: AbortController): ErrorData | null => {
    if (mine !== opening) return null;
    const error = toErrorData(thrown);
    rest(error.code === 'E_CANCELLED' ? null : error);
    return error;
  };
  const inspectForMapping = async (ref: SourceRef, error: ErrorData | null, mine: AbortController): Promise<void> => {
    const inspection = await engine.inspect(
      { ...ref, mapping: null },
      { signal: mine.signal, onProgress: (progress) => set({ progress }) },
    );
    if (mine !== opening) return;
    rest(null);
    set({ mapping: { ref, inspection, error } });
  };

  /** Puts a source that the engine has open in the place of the one before. False = something else was opened meanwhile. */
  const show = async (source: SourceInfo, mine: AbortController): Promise<boolean> => {
    const { sourceId } = source;
    const vocabulary =
      source.vocabulary ?? (await Promise.race([engine.vocabulary({ sourceId }), stopOf(mine.signal)]));
    if (mine !== opening) return false;
    const old = get().source;
    setCurrentSource(source.sourceId);
    set({
      phase: 'open',
      source,
      vocabulary,
      isReadingAll: source.partial !== undefined,
      ref: source.ref,
      progress: null,
      error: null,
      changed: false,
      mapping: null,
    });
    if (old !== null && old.sourceId !== source.sourceId) void engine.close(old.sourceId).catch(() => undefined);
    return true;
  };
  /** All rows in the place of a preview. Whatever happens, the preview is there and marked until then. */
  const complete = async (ref: SourceRef, mine: AbortController): Promise<void> => {
    try {
      const onProgress = (progress: Progress): void => {
        if (mine === opening) set({ progress });
      };
      await show(await engine.open(ref, { signal: mine.signal, onProgress }), mine);
    } catch (thrown) {
      settle(thrown, mine);
    }
  };

  return {
    phase: 'none',
    source: null,
    vocabulary: null,
    isReadingAll: false,
    ref: null,
    progress: null,
    error: null,
    changed: false,
    mapping: null,
    open: async (ref) => {
      const mine = begin(ref);
      try {
        const onProgress = (progress: Progress): void => set({ progress });
        const source = await engine.open(ref, { build: 'preview', signal: mine.signal, onProgress });
        if (!(await show(source, mine))) return false;
        if (source.partial !== undefined) void complete(ref, mine);
        return true;
      } catch (thrown) {
        const error = settle(thrown, mine);
        if (error === null || !needsMapping(error)) return false;
        if (get().mapping !== null) return false; // the editor is open and shows the error itself
        try {
          set({ phase: 'opening' });
          await inspectForMapping(ref, (ref.mapping ?? null) === null ? null : error, mine);
        } catch (second) {
          settle(second, mine);
        }
        return false;
      }
    },
    reopen: async () => {
      const ref = get().source?.ref ?? get().ref;
      return ref === null ? false : get().open(ref);
    },
    cancelOpen: () => opening?.abort(),
    readAll: async () => {
      const { source, isReadingAll } = get();
      if (source?.partial === undefined || isReadingAll) return;
      opening?.abort();
      opening = new AbortController();
      set({ isReadingAll: true, progress: null, error: null });
      await complete(source.ref, opening);
    },
    follow: async (isFollowed = true) => {
      const { source, phase } = get();
      if (source === null || source.partial !== undefined || phase !== 'open') return null;
      const mine = (opening = new AbortController());
      const next = await engine.follow(source.ref, isFollowed, { signal: mine.signal });
      return (await show(next, mine)) ? next : null;
    },
    close: async () => {
      opening?.abort();
      opening = null;
      const { source } = get();
      setCurrentSource(null);
      set({
        phase: 'none',
        source: null,
        vocabulary: null,
        isReadingAll: false,
        ref: null,
        progress: null,
        error: null,
        changed: false,
        mapping: null,
      });
      if (source !== null) await engine.close(source.sourceId).catch(() => undefined);
    },
    editMapping: async (ref) => {
      const mine = begin(ref);
      try {
        await inspectForMapping(ref, null, mine);
      } catch (thrown) {
        settle(thrown, mine);
      }
    },
    leaveMapping: () => set({ mapping: null, error: null }),
    dismissError: () => set({ error: null, phase: get().source === null ? 'none' : 'open' }),
    check: async () => {
      const { source, changed } = get();
      if (source === null || changed) return;
      try {
        await engine.checkSource(source.sourceId);
      } catch (thrown) {
        if (thrown instanceof EngineError && thrown.code === 'E_SOURCE_CHANGED') set({ changed: true });
      }
    },
    markChanged: () => set({ changed: true }),
  };
});
