import { create } from 'zustand';
import type { Analysis, Selection, View } from '../../protocol/index.ts';
import { useWorkspace } from './workspace.ts';

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

/** Views whose panel would be empty: it is closed there until actors are shown, whatever the other views have. */
const WITHOUT_RULES: ReadonlySet<View> = new Set(['overview', 'live', 'compare', 'sql', 'data']);
export const hasRules = (view: View): boolean => !WITHOUT_RULES.has(view);

interface PanelState {
  /** In views that have rules: the user's choice, kept with the workspace. */
  readonly open: boolean;
  /** In views without rules. */
  readonly openWithout: boolean;
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

/** Which of the two is on the screen. */
const openKey = (): 'open' | 'openWithout' =>
  hasRules(useWorkspace.getState().document.view) ? 'open' : 'openWithout';

export const usePanel = create<PanelState>()((set, get) => {
  const go = (trail: readonly PanelContent[]): void =>
    set({ trail, content: trail.at(-1) ?? null, tab: 'actors', [openKey()]: true });
  return {
    open: true,
    openWithout: false,
    tab: 'rules',
    content: null,
    trail: [],
    showActors: (what) => go([{ kind: 'actors', ...what }]),
    showTimeline: ({ actor, analysis }) => {
      const list = get().trail.filter((c) => c.kind === 'actors');
      go([...list, { kind: 'timeline', actor, analysis: analysis ?? null }]);
    },
    showRules: () => set({ tab: 'rules', [openKey()]: true }),
    back: () => {
      const { trail } = get();
      if (trail.length > 1) go(trail.slice(0, -1));
    },
    setTab: (tab) => set({ tab, [openKey()]: true }),
    toggle: () => set({ [openKey()]: !get()[openKey()] }),
    close: () => set({ [openKey()]: false }),
    reset: () => set({ content: null, trail: [], tab: 'rules', openWithout: false }),
  };
});

/** Whether the panel is on the screen in the view that is shown. */
export function usePanelOpen(): boolean {
  const ruled = useWorkspace((s) => hasRules(s.document.view));
  return usePanel((s) => (ruled ? s.open : s.openWithout));
}
export const isPanelOpen = (): boolean => usePanel.getState()[openKey()];
