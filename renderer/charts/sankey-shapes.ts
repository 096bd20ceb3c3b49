import { NODE_WIDTH, type PlacedLink, type PlacedStub } from './sankey-layout.ts';

/** SVG path data. The area of a link, and its two solid edges. */
export function getLinkArea({ x0, x1, y0, y1, thickness }: PlacedLink): string {
  const middle = (x0 + x1) / 2;
  const t = Math.max(1, thickness);
  return `M${x0},${y0}C${middle},${y0} ${middle},${y1} ${x1},${y1}V${y1 + t}C${middle},${y1 + t} ${middle},${y0 + t} ${x0},${y0 + t}Z`;
}
export function getLinkEdges({ x0, x1, y0, y1, thickness }: PlacedLink): string {
  const middle = (x0 + x1) / 2;
  const edge = (shift: number): string =>
    `M${x0},${y0 + shift}C${middle},${y0 + shift} ${middle},${y1 + shift} ${x1},${y1 + shift}`;
  return thickness < 3 ? edge(thickness / 2) : `${edge(0.5)}${edge(thickness - 0.5)}`;
}

const STUB_LENGTH = 18;
const DROP_BELOW = 9;
const getDropWidth = (thickness: number): number => Math.min(Math.max(thickness, 3), 26);
/**
 * Stubs: what goes on beyond the picture leaves straight to the right, the remainder too (grey); a drop-off turns
 * downwards; a remainder comes in from the left.
 */
export function getStubArea({ kind, x, y, thickness }: PlacedStub): string {
  const t = Math.max(1, thickness);
  if (kind === 'remainderIn') return `M${x - STUB_LENGTH},${y}H${x}V${y + t}H${x - STUB_LENGTH}Z`;
  if (kind !== 'dropOff') return `M${x},${y}H${x + STUB_LENGTH}V${y + t}H${x}Z`;
  const out = getDropWidth(t);
  const low = y + t + DROP_BELOW;
  return `M${x},${y}C${x + out},${y} ${x + out},${y + Math.min(t, out)} ${x + out},${low}H${x - NODE_WIDTH / 2}L${x},${y + t}Z`;
}
/** Where a drop-off ends: the short solid line below. */
export function getStubEdge({ kind, x, y, thickness }: PlacedStub): string {
  const t = Math.max(1, thickness);
  if (kind === 'remainderIn') return `M${x - STUB_LENGTH},${y}H${x}M${x - STUB_LENGTH},${y + t}H${x}`;
  if (kind !== 'dropOff') return `M${x},${y}H${x + STUB_LENGTH}M${x},${y + t}H${x + STUB_LENGTH}`;
  const out = getDropWidth(t);
  return `M${x},${y}C${x + out},${y} ${x + out},${y + Math.min(t, out)} ${x + out},${y + t + DROP_BELOW}`;
}

/** Px that a stub takes, right of its node and down from its upper edge. */
export function getStubSize({ kind, thickness }: Pick<PlacedStub, 'kind' | 'thickness'>): {
  readonly width: number;
  readonly height: number;
} {
  const t = Math.max(1, thickness);
  return kind === 'dropOff' ? { width: getDropWidth(t), height: t + DROP_BELOW } : { width: STUB_LENGTH, height: t };
}
