import type { ChartTheme } from './palette.ts';
import type { Tip } from './picture.ts';

function element(tag: string, style: Partial<CSSStyleDeclaration>, text?: string): HTMLElement {
  const node = document.createElement(tag);
  Object.assign(node.style, style);
  // textContent, never innerHTML: event names and values come from files.
  if (text !== undefined) node.textContent = text;
  return node;
}

/** A tooltip as DOM: title, rows of colour, label, exact number and note, footer. */
export function createTipElement(tip: Tip, theme: ChartTheme): HTMLElement {
  const box = element('div', {
    font: '400 12px/16px var(--font, Inter), sans-serif',
    color: theme.text,
    maxWidth: '360px',
    whiteSpace: 'normal',
  });
  box.append(
    element(
      'div',
      { fontWeight: '600', overflowWrap: 'anywhere', marginBottom: tip.rows.length > 0 ? '4px' : '0' },
      tip.title,
    ),
  );
  const grid = element('div', {
    display: 'grid',
    gridTemplateColumns: 'auto 1fr auto auto',
    columnGap: '8px',
    rowGap: '2px',
    alignItems: 'center',
  });
  for (const row of tip.rows) {
    grid.append(
      element('span', { width: '8px', height: '8px', borderRadius: '2px', background: row.color ?? 'transparent' }),
      element('span', { overflowWrap: 'anywhere', color: theme.muted }, row.label),
      element('span', { textAlign: 'right', fontVariantNumeric: 'tabular-nums' }, row.value),
      element('span', { textAlign: 'right', color: theme.muted, fontVariantNumeric: 'tabular-nums' }, row.note ?? ''),
    );
  }
  if (tip.rows.length > 0) box.append(grid);
  if (tip.footer !== undefined) box.append(element('div', { color: theme.muted, marginTop: '4px' }, tip.footer));
  return box;
}
