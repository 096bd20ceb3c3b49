import { create } from 'zustand';
import type { Analysis, Selection } from '../../protocol/index.ts';

export interface ActorsContent {
  readonly kind: 'actors';
  readonly analysis: Analysis;
  readonly selection: Selection;
  /** What was clicked, e.g. `Dropped before Payment`. */
  readonly title: string;
}
export interface TimelineContent {
  readonly kind: 'timeline';
  readonly actor: string;
  readonly analysis: Analysis | null;
}
export type PanelContent = ActorsContent | TimelineContent;

interface PanelState {
  readonly open: boolean;
  readonly tab: 'rules' | 'actors';
  /** Shown in the Actors tab; the last of `trail`. */
  readonly content: PanelContent | null;
  /** The way to `content`, for Back: a list, then one actor's timeline. */
  readonly trail: readonly PanelContent[];
  readonly showActors: (what: Omit<ActorsContent, 'kind'>) => void;
  readonly showTimeline: (what: { actor: string; analysis?: Analysis | null | undefined }) => void;
  readonly showRules: () => void;
  readonly back: () => void;
  readonly setTab: (tab: 'rules' | 'actors') => void;
  readonly toggle: () => void;
  /** Closes the panel; its content stays for the next time. */
  readonly close: () => void;
  /** Another source: nothing of the old one may stay. */
  readonly reset: () => void;
}

export const usePanel = create<PanelState>()((set, get) => {
  const go = (trail: readonly PanelContent[]): void =>
    set({ trail, content: trail.at(-1) ?? null, tab: 'actors', open: true });
  return {
    open: true,
    tab: 'rules',
    content: null,
    trail: [],
    showActors: (what) => go([{ kind: 'actors', ...what }]),
    showTimeline: ({ actor, analysis }) => {
      const list = get().trail.filter((c) => c.kind === 'actors');
      go([...list, { kind: 'timeline', actor, analysis: analysis ?? null }]);
    },
    showRules: () => set({ tab: 'rules', open: true }),
    back: () => {
      const { trail } = get();
      if (trail.length > 1) go(trail.slice(0, -1));
    },
    setTab: (tab) => set({ tab, open: true }),
    toggle: () => set({ open: !get().open }),
    close: () => set({ open: false }),
    reset: () => set({ content: null, trail: [], tab: 'rules' }),
  };
});
