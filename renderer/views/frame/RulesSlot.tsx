import { type ReactElement, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { create } from 'zustand';

/** The element of the right panel's Rules tab, while it is on the screen. */
export const useRulesHost = create<{ readonly host: HTMLElement | null; readonly count: number }>()(() => ({
  host: null,
  count: 0,
}));

/** What the active view wants in the Rules tab. A portal: the state stays in the view. */
export function RulesSlot({ children }: { readonly children: ReactNode }): ReactElement | null {
  const host = useRulesHost((s) => s.host);
  return host === null ? null : createPortal(children, host);
}
