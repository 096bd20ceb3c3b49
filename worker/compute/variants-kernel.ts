import type { VariantsQuery } from '../../protocol/index.ts';
import { WASM } from '../kernels/generated/variants.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { layOutScratch, roomFor, type Layout } from '../kernels/scratch.ts';
import { viewU32, viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { ComputeContext } from './compute-module.ts';
import { openPass } from './kernel-pass.ts';
import { compileNodeBytes } from './path-nodes.ts';

/** Distinct sequences as node codes end to end, in order of first sight. */
export interface VariantsPartial {
  /** variantCount + 1 */
  readonly offsets: Float64Array | Uint32Array;
  /** Bytes from the kernel. */
  readonly nodes: Int32Array | Uint8Array;
  readonly actors: Float64Array | Uint32Array;
}

type VariantsKernel = Readonly<Record<'collect' | 'addAll', (...args: number[]) => number>>;
const kernel = defineKernel<VariantsKernel>(WASM);
const STATE_BYTES = 12;
const ENTRY_BYTES = 16;
const FIRST_SLOTS = 1 << 12;

/** Most variants, and most nodes of all of them together. */
interface Size {
  readonly variants: number;
  readonly nodes: number;
}
const slotBytes = ({ variants }: Size): number =>
  4 * Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2(4 * variants + 4)));
const roomOf = (size: Size): number =>
  roomFor(STATE_BYTES) + roomFor(slotBytes(size)) + roomFor(size.variants * ENTRY_BYTES) + roomFor(size.nodes);

/** An empty set in working space. */
interface VariantSet {
  readonly state: Pointer;
  readonly slots: Pointer;
  readonly entries: Pointer;
  readonly sequences: Pointer;
}
function placeSet(memory: ColumnMemory, layout: Layout, size: Size): VariantSet {
  const set = {
    state: layout.take(STATE_BYTES),
    slots: layout.take(slotBytes(size)),
    entries: layout.take(size.variants * ENTRY_BYTES),
    sequences: layout.take(size.nodes),
  };
  viewU32(memory, set.state, 3).set([0, FIRST_SLOTS - 1, 0]);
  viewU32(memory, set.slots, FIRST_SLOTS).fill(0);
  return set;
}

function readSet(memory: ColumnMemory, { state, entries, sequences }: VariantSet): VariantsPartial {
  const [count = 0, , used = 0] = viewU32(memory, state, 3);
  const words = viewU32(memory, entries, 4 * count);
  const offsets = new Uint32Array(count + 1);
  const actors = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    offsets[i] = words[4 * i + 1] ?? 0;
    actors[i] = words[4 * i + 3] ?? 0;
  }
  offsets[count] = used;
  return { offsets, actors, nodes: viewU8(memory, sequences, used).slice() };
}

/** The partial by kernel; null = the twin must do it. */
export function collectVariants(context: ComputeContext, query: VariantsQuery): VariantsPartial | null {
  const { segment, range } = context;
  const { memory, offsets } = segment;
  const nodes = memory === null ? null : compileNodeBytes(context, memory, query);
  if (memory === null || nodes === null) return null;
  const size = { variants: range.to - range.from, nodes: (offsets[range.to] ?? 0) - (offsets[range.from] ?? 0) };
  const pass = openPass(context, memory, context, nodes.bytes, () => roomOf(size));
  const set = placeSet(memory, { take: pass.borrow }, size);
  const { collect } = kernel.on(memory);
  const collapse = query.collapseRepeats ? 1 : 0;
  const { state, slots, entries, sequences } = set;
  pass.forEachSlice(({ starts, ends, first, last, bytes }) => {
    collect(starts, ends, first, last, bytes, pass.table, collapse, state, slots, entries, sequences);
  });
  return readSet(memory, set);
}

/** All partials as one; null = the twin must do it. */
export function addVariants(memory: ColumnMemory | null, partials: readonly VariantsPartial[]): VariantsPartial | null {
  if (memory === null || !partials.every(({ nodes }) => nodes instanceof Uint8Array)) return null;
  const size = {
    variants: partials.reduce((sum, { actors }) => sum + actors.length, 0),
    nodes: partials.reduce((sum, { nodes }) => sum + nodes.length, 0),
  };
  const most = Math.max(0, ...partials.map(({ actors }) => actors.length));
  const mostNodes = Math.max(0, ...partials.map(({ nodes }) => nodes.length));
  const inputBytes = roomFor(4 * most + 4) + roomFor(4 * most) + roomFor(mostNodes);
  const layout = layOutScratch(memory, roomOf(size) + inputBytes);
  const set = placeSet(memory, layout, size);
  const at = { offsets: layout.take(4 * most + 4), actors: layout.take(4 * most), nodes: layout.take(mostNodes) };
  const { addAll } = kernel.on(memory);
  for (const { offsets, actors, nodes } of partials) {
    viewU32(memory, at.offsets, offsets.length).set(offsets);
    viewU32(memory, at.actors, actors.length).set(actors);
    viewU8(memory, at.nodes, nodes.length).set(nodes);
    addAll(at.nodes, at.offsets, at.actors, actors.length, set.state, set.slots, set.entries, set.sequences);
  }
  return readSet(memory, set);
}
