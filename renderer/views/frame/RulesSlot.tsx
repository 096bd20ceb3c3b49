import { startTransition, useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { create } from 'zustand';

/** The element of the right panel's Rules tab, while it is on the screen. */
export const useRulesHost = create<{ readonly host: HTMLElement | null; readonly count: number }>()(() => ({
  host: null,
  count: 0,
}));

/** While a picture is made again and again. */
const LATEST_MS = 300;

/** What the active view wants in the Rules tab. A portal: the state stays in the view. */
export function RulesSlot({ children }: { readonly children: ReactNode }): ReactElement | null {
  const host = useRulesHost((s) => s.host);
  // The picture comes first, which React makes behind any other transition; the rules when there is nothing to do, in
  // slices that let the window answer.
  const [isTurn, setTurn] = useState(false);
  useEffect(() => {
    const turn = requestIdleCallback(() => startTransition(() => setTurn(true)), { timeout: LATEST_MS });
    return () => cancelIdleCallback(turn);
  }, []);
  return host === null || !isTurn ? null : createPortal(children, host);
}
