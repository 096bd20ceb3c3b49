import { useCallback, useMemo } from 'react';
import { create } from 'zustand';
import {
  EMPTY_SQL,
  parseWorkspace,
  WORKSPACE_VERSION,
  type Analysis,
  type AnalysisOf,
  type AnalysisType,
  type SourceRef,
  type SqlPart,
  type View,
  type Workspace,
} from '../../protocol/index.ts';
import { getGesture } from './gesture.ts';
import { amend, newHistory, record, redo, undo, withoutEmptyStep, type History } from './history.ts';

export const newWorkspace = (source: SourceRef | null): Workspace => ({
  kind: 'tributary-workspace',
  version: WORKSPACE_VERSION,
  source,
  second: null,
  timezone: 'UTC',
  range: { from: null, to: null },
  asOf: null,
  knownAt: null,
  view: 'overview',
  analyses: {},
  saved: [],
  segments: [],
  sql: EMPTY_SQL,
  layout: { rightPanelOpen: true, rightPanelWidth: 320 },
});

const isSameRange = (a: Workspace['range'], b: Workspace['range']): boolean => a.from === b.from && a.to === b.to;

/** What makes a document worth saving: everything but where one happens to look. */
const contentOf = (document: Workspace): string => {
  const sql = { ...document.sql, activeTab: null, history: null };
  return JSON.stringify({ ...document, view: null, layout: null, sql });
};

interface WorkspaceState {
  readonly document: Workspace;
  /** File of the workspace; null = never saved. */
  readonly path: string | null;
  /** The document differs from its file. */
  readonly dirty: boolean;
  readonly history: History<Workspace>;
  readonly savedContent: string;

  /** One undo step; the same label within 1 s, or in one drag, merges. */
  readonly change: (edit: (old: Workspace) => Workspace, label: string) => void;
  /** Not an undo step: the engine has it open. */
  readonly setSource: (source: SourceRef) => void;
  /** Not an undo step either; null = nothing to compare with. */
  readonly setSecond: (second: SourceRef | null) => void;
  readonly setAnalysis: (key: string, analysis: Analysis, label: string) => void;
  readonly setRange: (range: Workspace['range']) => void;
  readonly setAsOf: (asOf: string | null) => void;
  readonly setKnownAt: (knownAt: string | null) => void;
  readonly setTimezone: (timezone: string) => void;
  /** Not an undo step. */
  readonly setView: (view: View) => void;
  /** Not an undo step. */
  readonly setLayout: (layout: Partial<Workspace['layout']>) => void;
  /** Not an undo step: the editor has its own. */
  readonly setSql: (edit: (old: SqlPart) => SqlPart) => void;
  /** Keeps a named copy of an analysis. */
  readonly keepAnalysis: (name: string, analysis: Analysis) => void;
  readonly removeKept: (id: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;

  /** A new document, or one read from a file (`path`), or recovered (`dirty`). Forgets undo. */
  readonly load: (document: Workspace, path: string | null, options?: { readonly dirty?: boolean }) => void;
  /** `written` is what the file holds; the document may have changed while it was written. */
  readonly markSaved: (path: string, written: Workspace) => void;
}

export const useWorkspace = create<WorkspaceState>()((set, get) => {
  const put = (history: History<Workspace>): void =>
    set({ history, document: history.present, dirty: contentOf(history.present) !== get().savedContent });
  const change: WorkspaceState['change'] = (edit, label) => {
    const { history } = get();
    const next = edit(history.present);
    if (next === history.present) return;
    const isSame = (a: Workspace, b: Workspace): boolean => contentOf(a) === contentOf(b);
    put(withoutEmptyStep(record(history, next, label, Date.now(), getGesture()), isSame));
  };
  const first = newWorkspace(null);
  return {
    document: first,
    path: null,
    dirty: false,
    history: newHistory(first),
    savedContent: contentOf(first),
    change,
    setSource: (source) => put(amend(get().history, { ...get().document, source })),
    setSecond: (second) => put(amend(get().history, { ...get().document, second })),
    setAnalysis: (key, analysis, label) =>
      change((old) => ({ ...old, analyses: { ...old.analyses, [key]: analysis } }), label),
    setRange: (range) => change((old) => (isSameRange(old.range, range) ? old : { ...old, range }), 'Change the range'),
    setAsOf: (asOf) => change((old) => (old.asOf === asOf ? old : { ...old, asOf }), 'Change as of'),
    setKnownAt: (knownAt) => change((old) => ({ ...old, knownAt }), 'Change known at'),
    setTimezone: (timezone) => change((old) => ({ ...old, timezone }), 'Change the time zone'),
    setView: (view) => put(amend(get().history, { ...get().document, view })),
    setLayout: (layout) =>
      put(amend(get().history, { ...get().document, layout: { ...get().document.layout, ...layout } })),
    setSql: (edit) => put(amend(get().history, { ...get().document, sql: edit(get().document.sql) })),
    keepAnalysis: (name, analysis) =>
      change((old) => ({ ...old, saved: [...old.saved, { id: crypto.randomUUID(), name, analysis }] }), `Keep ${name}`),
    removeKept: (id) =>
      change((old) => ({ ...old, saved: old.saved.filter((s) => s.id !== id) }), 'Remove a kept analysis'),
    // Undo goes back in the content, not in where one looks or what is open.
    undo: () => put(keepPlace(undo(get().history), get().document)),
    redo: () => put(keepPlace(redo(get().history), get().document)),
    load: (document, path, options = {}) => {
      const savedContent = options.dirty === true ? '' : contentOf(document);
      set({ document, path, dirty: options.dirty === true, history: newHistory(document), savedContent });
    },
    markSaved: (path, written) => {
      const savedContent = contentOf(written);
      set({ path, savedContent, dirty: contentOf(get().document) !== savedContent });
    },
  };
});

const keepPlace = (history: History<Workspace>, place: Workspace): History<Workspace> =>
  amend(history, { ...history.present, view: place.view, layout: place.layout, source: place.source, sql: place.sql });

/** The shell has made its paths absolute. Throws E_BAD_WORKSPACE or E_UNSUPPORTED. */
export function readWorkspaceText(text: string): Workspace {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // parseWorkspace says what is wrong with it.
  }
  return parseWorkspace(json);
}

/**
 * The analysis being edited under `key` (`funnel`, `retention.lifecycle`, …), or `initial()` while the user has not
 * touched it. `change` works on the newest one.
 */
export function useAnalysis<T extends AnalysisType>(
  key: string,
  initial: () => AnalysisOf<T> & { type: T },
): [AnalysisOf<T>, (change: (old: AnalysisOf<T>) => AnalysisOf<T>, label: string) => void] {
  const stored = useWorkspace((s) => s.document.analyses[key]);
  const source = useWorkspace((s) => s.document.source);
  // oxlint-disable-next-line react/exhaustive-deps -- `initial` is usually an inline function; it may depend on the source only.
  const fallback = useMemo(initial, [key, source]);
  const fits = stored !== undefined && stored.type === fallback.type;
  const current = (fits ? stored : fallback) as AnalysisOf<T>;
  const change = useCallback(
    (edit: (old: AnalysisOf<T>) => AnalysisOf<T>, label: string) => {
      const { document, setAnalysis } = useWorkspace.getState();
      const newest = document.analyses[key];
      const old = (newest !== undefined && newest.type === fallback.type ? newest : fallback) as AnalysisOf<T>;
      setAnalysis(key, edit(old), label);
    },
    [key, fallback],
  );
  return [current, change];
}
