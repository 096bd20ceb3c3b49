/**
 * Which rows of a long list are on the screen. Browsers cap the height of an element (Chromium: about 33 million px),
 * so beyond `MAX_HEIGHT` the scroll bar is a lever: its position means a share of the list.
 */
export const ROW_HEIGHT = 44;
export const MAX_HEIGHT = 20_000_000;

export interface ListWindow {
  /** Height of the scrolled element, px. */
  readonly height: number;
  /** First and behind the last row to draw. */
  readonly from: number;
  readonly to: number;
  /** Where row `from` is drawn, px from the top of the scrolled element. */
  readonly top: number;
}
const MARGIN = 4;

export function getListWindow(total: number, scrollTop: number, viewport: number): ListWindow {
  const full = total * ROW_HEIGHT;
  const height = Math.min(full, MAX_HEIGHT);
  const hidden = Math.max(0, height - viewport);
  // Rows scrolled away, with fraction; equal to scrollTop / ROW_HEIGHT while the list is not squeezed.
  const offset = hidden === 0 ? 0 : (Math.min(scrollTop, hidden) / hidden) * ((full - viewport) / ROW_HEIGHT);
  const first = Math.max(0, Math.floor(offset) - MARGIN);
  const to = Math.min(total, Math.ceil(offset + viewport / ROW_HEIGHT) + MARGIN);
  return { height, from: first, to, top: Math.max(0, Math.min(scrollTop, hidden)) + (first - offset) * ROW_HEIGHT };
}

/** The scroll position that shows `row` whole, as near to the present one as possible. */
export function getScrollTo(total: number, row: number, scrollTop: number, viewport: number): number {
  const full = total * ROW_HEIGHT;
  const height = Math.min(full, MAX_HEIGHT);
  const hidden = Math.max(0, height - viewport);
  if (hidden === 0) return 0;
  const perPixel = (full - viewport) / hidden;
  const top = Math.min(scrollTop, hidden) * perPixel;
  const wanted = Math.min(Math.max(top, (row + 1) * ROW_HEIGHT - viewport), row * ROW_HEIGHT);
  return wanted === top ? scrollTop : wanted / perPixel;
}

/** Row a key leads to; null = not a key of lists. */
export function getNextRow(total: number, row: number, key: string, page: number): number | null {
  const last = total - 1;
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: last,
  };
  const next = moves[key];
  return next === undefined || total === 0 ? null : Math.max(0, Math.min(last, next));
}
