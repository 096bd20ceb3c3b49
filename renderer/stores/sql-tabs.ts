import {
  EMPTY_SQL,
  HISTORY_LENGTH,
  type ChartSetup,
  type SavedQuery,
  type SqlHistoryEntry,
  type SqlLimits,
  type SqlPart,
  type SqlTab,
} from '../../protocol/index.ts';
import { useWorkspace } from './workspace.ts';

/** Tabs, saved queries and history: all in the workspace document, none of it an undo step. */
const edit = (change: (old: SqlPart) => SqlPart): void => useWorkspace.getState().setSql(change);
const part = (): SqlPart => useWorkspace.getState().document.sql;

export const useSqlPart = <T>(select: (sql: SqlPart) => T): T => useWorkspace((s) => select(s.document.sql));
export const getTab = (id: string): SqlTab | undefined => part().tabs.find((t) => t.id === id);
export const getActiveTab = (): SqlTab | undefined => getTab(part().activeTab ?? '') ?? part().tabs[0];

/** `Query 3`: the first number that is free. */
function newTitle(): string {
  const taken = new Set(part().tabs.map((t) => t.title));
  let n = 1;
  while (taken.has(`Query ${n}`)) n++;
  return `Query ${n}`;
}

/** A new tab at the end, shown. Answers its id. */
export function addTab(given: Partial<Omit<SqlTab, 'id'>> = {}): string {
  const id = crypto.randomUUID();
  const tab: SqlTab = {
    title: newTitle(),
    text: '',
    savedId: null,
    params: {},
    chart: null,
    columns: [],
    ...given,
    id,
  };
  edit((old) => ({ ...old, tabs: [...old.tabs, tab], activeTab: id }));
  return id;
}

/** A statement from elsewhere (a chart, a table, the history) in a tab of its own; the view changes to SQL. */
export function openInSql(sqlText: string, title?: string): string {
  const same = part().tabs.find((t) => t.text === sqlText);
  if (same !== undefined) showTab(same.id);
  const id = same?.id ?? addTab({ text: sqlText, ...(title === undefined ? {} : { title }) });
  useWorkspace.getState().setView('sql');
  return id;
}

export const showTab = (id: string): void => edit((old) => (old.activeTab === id ? old : { ...old, activeTab: id }));

export function changeTab(id: string, change: Partial<Omit<SqlTab, 'id'>>): void {
  edit((old) => ({ ...old, tabs: old.tabs.map((t) => (t.id === id ? { ...t, ...change } : t)) }));
}

/** What was closed last, for "reopen". */
const closed: SqlTab[] = [];
export function closeTab(id: string): void {
  const { tabs, activeTab } = part();
  const index = tabs.findIndex((t) => t.id === id);
  const tab = tabs[index];
  if (tab === undefined) return;
  if (tab.text.trim() !== '') closed.push(tab);
  const left = tabs.filter((t) => t.id !== id);
  const next = left[Math.min(index, left.length - 1)]?.id ?? null;
  edit((old) => ({ ...old, tabs: left, activeTab: activeTab === id ? next : activeTab }));
}
export function reopenTab(): void {
  const tab = closed.pop();
  if (tab !== undefined) edit((old) => ({ ...old, tabs: [...old.tabs, tab], activeTab: tab.id }));
}
export function moveTab(id: string, to: number): void {
  edit((old) => {
    const tab = old.tabs.find((t) => t.id === id);
    if (tab === undefined) return old;
    const rest = old.tabs.filter((t) => t !== tab);
    return { ...old, tabs: [...rest.slice(0, to), tab, ...rest.slice(to)] };
  });
}

/** Saves the tab's text under a name; the tab stays bound to it, and saving again replaces it. */
export function saveQuery(tabId: string, name: string): void {
  const tab = getTab(tabId);
  if (tab === undefined) return;
  const id = tab.savedId ?? crypto.randomUUID();
  const { text, chart, columns } = tab;
  const saved: SavedQuery = { id, name, text, chart, columns, savedAt: Date.now() };
  edit((old) => ({
    ...old,
    saved: [...old.saved.filter((s) => s.id !== id), saved],
    tabs: old.tabs.map((t) => (t.id === tabId ? { ...t, savedId: id, title: name } : t)),
  }));
}
export function removeSaved(id: string): void {
  edit((old) => ({
    ...old,
    saved: old.saved.filter((s) => s.id !== id),
    tabs: old.tabs.map((t) => (t.savedId === id ? { ...t, savedId: null } : t)),
  }));
}
export function openSaved(saved: SavedQuery): void {
  const open = part().tabs.find((t) => t.savedId === saved.id);
  if (open !== undefined) showTab(open.id);
  else {
    const { name, text, chart, columns } = saved;
    addTab({ title: name, text, chart, columns, savedId: saved.id });
  }
}

export function addHistory(entry: Omit<SqlHistoryEntry, 'id'>): void {
  edit((old) => ({
    ...old,
    history: [{ ...entry, id: crypto.randomUUID() }, ...old.history].slice(0, HISTORY_LENGTH),
  }));
}
export const clearHistory = (): void => edit((old) => ({ ...old, history: EMPTY_SQL.history }));
export const setLimits = (limits: SqlLimits | null): void => edit((old) => ({ ...old, limits }));
export const setChart = (id: string, chart: ChartSetup | null): void => changeTab(id, { chart });
