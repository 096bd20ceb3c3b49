import { useCallback } from 'react';
import { create } from 'zustand';

const useTabs = create<{ readonly byView: Readonly<Record<string, string>> }>()(() => ({ byView: {} }));

/** Which tab of a view is open; coming back to a view finds it as it was left. */
export function useTab<T extends string>(view: string, tabs: readonly T[]): [T, (tab: T) => void] {
  const stored = useTabs((s) => s.byView[view]);
  const [first] = tabs;
  const tab = tabs.find((t) => t === stored) ?? first;
  if (tab === undefined) throw new Error(`The view ${view} has no tabs.`);
  const setTab = useCallback((next: T) => useTabs.setState((s) => ({ byView: { ...s.byView, [view]: next } })), [view]);
  return [tab, setTab];
}
