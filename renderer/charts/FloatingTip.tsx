import { useLayoutEffect, useRef } from 'react';
import type { ChartTheme } from './palette.ts';
import type { Tip } from './picture.ts';
import { createTipElement } from './tip-element.ts';

/** A tooltip near a point of its (positioned) parent, kept inside it. The same DOM as echarts' tooltips get. */
export function FloatingTip({
  tip,
  at,
  theme,
}: {
  readonly tip: Tip;
  readonly at: { readonly x: number; readonly y: number };
  readonly theme: ChartTheme;
}) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = host.current;
    const frame = box?.parentElement;
    if (box === null || frame === null || frame === undefined) return;
    box.replaceChildren(createTipElement(tip, theme));
    const right = at.x + 14 + box.offsetWidth <= frame.clientWidth;
    const x = right ? at.x + 14 : Math.max(0, at.x - 14 - box.offsetWidth);
    const y = Math.max(0, Math.min(at.y + 14, frame.clientHeight - box.offsetHeight));
    box.style.transform = `translate(${x}px, ${y}px)`;
  }, [tip, at.x, at.y, theme]);
  return (
    <div
      ref={host}
      aria-hidden="true"
      style={{
        position: 'absolute',
        left: 0,
        top: 0,
        zIndex: 20,
        width: 'max-content',
        maxWidth: 360,
        pointerEvents: 'none',
        padding: 8,
        background: theme.raised,
        border: `1px solid ${theme.borderStrong}`,
        borderRadius: 6,
        boxShadow: '0 4px 16px rgb(0 0 0 / 18%)',
      }}
    />
  );
}
