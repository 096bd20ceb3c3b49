import { create } from 'zustand';
import { SettingsSchema, type Settings } from '../../protocol/index.ts';
import { shell } from '../engine/shell.ts';

interface SettingsState {
  readonly settings: Settings;
  /** Taken from `boot`, not saved again. */
  readonly load: (settings: Settings) => void;
  readonly setTheme: (theme: Settings['theme']) => void;
  /** 0.5 to 2. */
  readonly setZoom: (zoom: number) => void;
  /** Worker threads of the engine, which is started anew with them; null = as many as the machine has. */
  readonly setThreads: (threads: number | null) => Promise<void>;
  /** Bytes the engine is kept below; it is started anew; null = no limit. */
  readonly setMemoryLimit: (memoryLimit: number | null) => Promise<void>;
  /** Size of a resizable panel by a stable key such as `frame.right`, in px. */
  readonly setPanel: (key: string, size: number) => void;
}

const ZOOM_STEPS = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;
/** The next zoom step up (`1`) or down (`-1`). */
export function getZoomStep(zoom: number, direction: 1 | -1): number {
  const next =
    direction === 1 ? ZOOM_STEPS.find((z) => z > zoom + 0.001) : ZOOM_STEPS.findLast((z) => z < zoom - 0.001);
  return next ?? zoom;
}

const SAVE_AFTER_MS = 400;
let timer: ReturnType<typeof setTimeout> | undefined;
function saveSoon(settings: Settings): void {
  clearTimeout(timer);
  // A setting that cannot be kept is not worth an error in the user's way: it holds for this session.
  timer = setTimeout(() => void shell('saveSettings', settings).catch(() => undefined), SAVE_AFTER_MS);
}

export const useSettings = create<SettingsState>()((set, get) => {
  const change = (part: Partial<Settings>): void => {
    const settings = { ...get().settings, ...part };
    set({ settings });
    saveSoon(settings);
  };
  /** The engine reads these when it starts: they are written first. */
  const changeEngine = async (part: Partial<Settings>): Promise<void> => {
    change(part);
    clearTimeout(timer);
    await shell('saveSettings', get().settings);
    await shell('restartEngine', null);
  };
  return {
    settings: SettingsSchema.parse({}),
    load: (settings) => set({ settings }),
    setTheme: (theme) => change({ theme }),
    setZoom: (zoom) => change({ zoom: Math.min(2, Math.max(0.5, zoom)) }),
    setThreads: async (threads) => {
      if (get().settings.threads !== threads) await changeEngine({ threads });
    },
    setMemoryLimit: async (memoryLimit) => {
      if (get().settings.memoryLimit !== memoryLimit) await changeEngine({ memoryLimit });
    },
    setPanel: (key, size) => {
      const { panels } = get().settings;
      if (panels[key] !== size) change({ panels: { ...panels, [key]: size } });
    },
  };
});
