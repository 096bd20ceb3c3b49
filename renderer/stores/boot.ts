import { create } from 'zustand';
import { toErrorData, type BootInfo, type ErrorData, type Recent } from '../../protocol/index.ts';
import { shell } from '../engine/shell.ts';
import { useSettings } from './settings.ts';

interface BootState {
  readonly boot: BootInfo | null;
  /** The program around the window did not answer. */
  readonly error: ErrorData | null;
  readonly recents: readonly Recent[];
  readonly load: () => Promise<void>;
  readonly setRecents: (recents: readonly Recent[]) => void;
  readonly addRecent: (recent: Omit<Recent, 'openedAt'>) => Promise<void>;
  readonly removeRecent: (recent: Recent) => Promise<void>;
  readonly clearRecents: () => Promise<void>;
  /** The recovery was taken or thrown away, the failure read. */
  readonly forgetRecovery: () => void;
  readonly forgetFailure: () => void;
}

export const useBoot = create<BootState>()((set, get) => ({
  boot: null,
  error: null,
  recents: [],
  load: async () => {
    try {
      const boot = await shell('boot', null);
      useSettings.getState().load(boot.settings);
      set({ boot, recents: boot.recents, error: null });
    } catch (thrown) {
      set({ error: toErrorData(thrown) });
    }
  },
  setRecents: (recents) => set({ recents }),
  // Recents are a convenience: that one could not be kept is not worth an error.
  addRecent: async (recent) => {
    const recents = await shell('addRecent', { ...recent, openedAt: Date.now() }).catch(() => get().recents);
    set({ recents });
  },
  removeRecent: async (recent) => {
    const rest = get().recents.filter((r) => r !== recent);
    set({ recents: rest });
    await shell('clearRecents', null).catch(() => undefined);
    // Oldest first, so that the order stays.
    for (const kept of rest.toReversed()) await shell('addRecent', kept).catch(() => undefined);
  },
  clearRecents: async () => {
    await shell('clearRecents', null).catch(() => undefined);
    set({ recents: [] });
  },
  forgetRecovery: () => {
    const { boot } = get();
    if (boot !== null) set({ boot: { ...boot, recovery: null } });
    void shell('clearRecovery', null).catch(() => undefined);
  },
  forgetFailure: () => {
    const { boot } = get();
    if (boot !== null) set({ boot: { ...boot, lastFailure: null } });
  },
}));
