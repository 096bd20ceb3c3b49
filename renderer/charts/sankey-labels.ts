import { getStubSize } from './sankey-shapes.ts';
import { truncateMiddle } from './truncate.ts';
import { FOOT, HEAD, NODE_WIDTH, type PlacedNode, type PlacedStub, type SankeyLayout } from './sankey-layout.ts';

/** Pixels: one line of 12/16, and two of them. */
export const LINE = 16;
const PAD = 6;
/** What a stub beside the label may take. */
const STUB_ROOM = 18;

export interface SankeyLabel {
  readonly nodeIds: readonly string[];
  /** One or two lines: the name; count and share. One line holds both. */
  readonly name: string;
  readonly figures: string;
  readonly lines: 1 | 2;
  readonly x: number;
  /** Upper edge. */
  readonly y: number;
  /** Untruncated, for hover. */
  readonly full: string;
}
export interface LabelText {
  readonly figures: (node: PlacedNode) => string;
  /** Width in px at 12 px. */
  readonly width: (text: string) => number;
}

interface Slot {
  readonly nodes: readonly PlacedNode[];
  readonly lines: 1 | 2;
  /** Where the middle of the label should be. */
  readonly middle: number;
}

/** Labels of all columns, never over one another: moved a little, shortened to one line, or shared by small neighbours. */
export function computeSankeyLabels(layout: SankeyLayout, text: LabelText): SankeyLabel[] {
  const width = layout.columnWidth - NODE_WIDTH - 2 * PAD - 4;
  const fitsOneLine = (node: PlacedNode): boolean =>
    text.width(`${node.name}  ${text.figures(node)}`) <= width - STUB_ROOM;
  return layout.columns.flatMap((column) => {
    const wanted = column.map((node): Slot => ({
      nodes: [node],
      lines: node.height >= LINE * 1.25 || !fitsOneLine(node) ? 2 : 1,
      middle: getMiddle([node]),
    }));
    const slots = settle(fitSlots(wanted, layout.height - HEAD + FOOT / 2), layout.height);
    const tops = spreadSlots(slots, HEAD - LINE / 2, layout.height);
    return slots.map((slot, i) => toLabel(slot, tops[i] ?? 0, width, layout.stubs, text));
  });
}

/** A label may stand this far from the middle of its node. */
const FAR = LINE;
/** Two lines are given up, smallest first, while a label is pushed too far from its node. */
function settle(all: readonly Slot[], bottom: number): readonly Slot[] {
  const slots = [...all];
  for (;;) {
    const tops = spreadSlots(slots, HEAD - LINE / 2, bottom);
    const pushed = slots.some((slot, i) => Math.abs((tops[i] ?? 0) + (slot.lines * LINE) / 2 - slot.middle) > FAR);
    const two = slots.filter((slot) => slot.lines === 2).toSorted((a, b) => valueOf(a) - valueOf(b))[0];
    if (!pushed || two === undefined) return slots;
    slots[slots.indexOf(two)] = { ...two, lines: 1 };
  }
}

const getMiddle = (nodes: readonly PlacedNode[]): number => {
  const top = Math.min(...nodes.map((n) => n.y));
  return (top + Math.max(...nodes.map((n) => n.y + n.height))) / 2;
};
const valueOf = (slot: Slot | undefined): number => slot?.nodes.reduce((sum, n) => sum + n.value, 0) ?? 0;
const heightOf = (slots: readonly Slot[]): number => slots.reduce((sum, slot) => sum + slot.lines * LINE, 0);

/** Too many for the column: first one line each, from the smallest up, then the smallest neighbours share a line. */
function fitSlots(all: readonly Slot[], room: number): Slot[] {
  const slots = [...all];
  while (heightOf(slots) > room) {
    const two = slots.filter((slot) => slot.lines === 2).toSorted((a, b) => valueOf(a) - valueOf(b))[0];
    if (two !== undefined) {
      slots[slots.indexOf(two)] = { ...two, lines: 1 };
      continue;
    }
    if (slots.length < 2) break;
    let least = 0;
    for (let i = 1; i + 1 < slots.length; i++)
      if (valueOf(slots[i]) + valueOf(slots[i + 1]) < valueOf(slots[least]) + valueOf(slots[least + 1])) least = i;
    const nodes = [...(slots[least]?.nodes ?? []), ...(slots[least + 1]?.nodes ?? [])];
    slots.splice(least, 2, { nodes, lines: 1, middle: getMiddle(nodes) });
  }
  return slots;
}

/**
 * Upper edges: as near to the wanted places as possible without overlap (pool adjacent violators): labels that would
 * overlap form a block, which sits where its members want to be on average.
 */
export function spreadSlots(
  slots: readonly { readonly lines: number; readonly middle: number }[],
  top: number,
  bottom: number,
): number[] {
  interface Block {
    first: number;
    count: number;
    height: number;
    /** Sum of wanted tops of the block's first label. */
    wanted: number;
  }
  const placeOf = (block: Block): number =>
    Math.min(Math.max(block.wanted / block.count, top), Math.max(top, bottom - block.height));
  const blocks: Block[] = [];
  slots.forEach((slot, i) => {
    const height = slot.lines * LINE;
    blocks.push({ first: i, count: 1, height, wanted: slot.middle - height / 2 });
    for (
      let last = blocks.at(-1), before = blocks.at(-2);
      last !== undefined && before !== undefined && placeOf(before) + before.height > placeOf(last);
      last = blocks.at(-1), before = blocks.at(-2)
    ) {
      before.wanted += last.wanted - last.count * before.height;
      before.count += last.count;
      before.height += last.height;
      blocks.pop();
    }
  });
  return blocks.flatMap((block) => {
    let y = placeOf(block);
    return slots.slice(block.first, block.first + block.count).map((slot) => {
      const at = y;
      y += slot.lines * LINE;
      return at;
    });
  });
}

/** Labels stand beside what leaves their node, not on it. */
function getIndent(node: PlacedNode, y: number, lines: number, stubs: readonly PlacedStub[]): number {
  const own = stubs.filter((stub) => stub.nodeId === node.id && stub.kind !== 'remainderIn');
  const widths = own.map((stub) => {
    const size = getStubSize(stub);
    const meets = y < stub.y + size.height && y + lines * LINE > stub.y;
    return meets ? size.width : 0;
  });
  return Math.max(0, ...widths);
}

function toLabel(
  slot: Slot,
  y: number,
  columnRoom: number,
  stubs: readonly PlacedStub[],
  text: LabelText,
): SankeyLabel {
  const [first] = slot.nodes;
  const indent = Math.max(0, ...slot.nodes.map((node) => getIndent(node, y, slot.lines, stubs)));
  const width = columnRoom - indent;
  const x = (first?.x ?? 0) + NODE_WIDTH + PAD + indent;
  const nodeIds = slot.nodes.map((n) => n.id);
  const full = slot.nodes.map((n) => `${n.name}  ${text.figures(n)}`).join('\n');
  if (slot.nodes.length > 1)
    return { nodeIds, lines: 1, x, y, full, figures: '', name: getSharedLine(slot.nodes, width, text) };
  const figures = first === undefined ? '' : text.figures(first);
  const room = slot.lines === 2 ? width : width - text.width(`${figures}  `);
  const name = truncateMiddle(first?.name ?? '', (candidate) => text.width(candidate) <= Math.max(room, 24));
  return { nodeIds, lines: slot.lines, x, y, full, name, figures };
}

/** `email, search, +3`: largest first, as many as fit. */
function getSharedLine(nodes: readonly PlacedNode[], width: number, text: LabelText): string {
  const names = nodes.toSorted((a, b) => b.value - a.value).map((n) => n.name);
  for (let keep = names.length; keep > 0; keep--) {
    const rest = names.length - keep;
    const line = [...names.slice(0, keep), ...(rest === 0 ? [] : [`+${rest}`])].join(', ');
    if (text.width(line) <= width) return line;
  }
  const rest = names.length - 1;
  return `${truncateMiddle(names[0] ?? '', (candidate) => text.width(`${candidate}, +${rest}`) <= width)}, +${rest}`;
}
