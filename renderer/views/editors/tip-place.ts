interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface Size {
  readonly width: number;
  readonly height: number;
}
const GAP = 8;

/**
 * Where a tip stands so that it hides neither its mark nor leaves the drawing: right of the mark, else left of it,
 * else (a wide mark) below it, else above.
 */
export function getTipPlace(mark: Box, tip: Size, drawing: Size): { left: number; top: number } {
  const right = mark.x + mark.width + GAP;
  const left = mark.x - tip.width - GAP;
  const top = Math.max(0, Math.min(mark.y, drawing.height - tip.height));
  if (right + tip.width <= drawing.width) return { left: right, top };
  if (left >= 0) return { left, top };
  const below = mark.y + mark.height + GAP;
  const across = Math.max(0, Math.min(mark.x, drawing.width - tip.width));
  if (below + tip.height <= drawing.height) return { left: across, top: below };
  return { left: across, top: Math.max(0, mark.y - tip.height - GAP) };
}
