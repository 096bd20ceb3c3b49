import { roomFor } from '../kernels/scratch.ts';
import { viewU32, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import { LEFT_OUT, type EventBytes } from './event-bytes.ts';
import type { KernelPass } from './kernel-pass.ts';

/**
 * Questions whose events are all kept and have few nodes: what the kernel counts of them in windows of four codes
 * (kernels/assembly/transitions.ts, second half), and back.
 */
export interface FewNodes {
  /** Node by code; every code has one. */
  readonly nodes: Uint8Array;
  readonly scratchBytes: number;
}
/** Where its tables lie. */
export interface FewTables {
  readonly windows: Pointer;
  readonly actors: Pointer;
  readonly ends: Pointer;
}

const MOST_NODES = 8;
const MOST_CODES = 15;
const NO_CODE = 15;
const WINDOW_BYTES = 16;
const WINDOWS = 1 << 16;
const EDGES = MOST_NODES * MOST_NODES;
const END_CODES = 16;

export function findFewNodes({ table }: EventBytes, nodeCount: number): FewNodes | null {
  if (table === null || table.length > MOST_CODES || nodeCount > MOST_NODES || table.includes(LEFT_OUT)) return null;
  return { nodes: table, scratchBytes: roomFor(WINDOW_BYTES * WINDOWS) + roomFor(4 * EDGES) + roomFor(8 * END_CODES) };
}

export function placeFew(
  memory: ColumnMemory,
  { nodes }: FewNodes,
  { take, borrow }: Pick<KernelPass, 'take' | 'borrow'>,
): FewTables {
  const windows = borrow(WINDOW_BYTES * WINDOWS);
  const words = viewU32(memory, windows, (WINDOW_BYTES / 4) * WINDOWS);
  forEachWindow(nodes, (window, path) => {
    const word = 4 * window;
    words.fill(0, word, word + 3);
    for (let i = 1; i < path.length; i++) {
      const edge = (path[i - 1] ?? 0) * MOST_NODES + (path[i] ?? 0);
      const half = word + (edge >> 5);
      words[half] = (words[half] ?? 0) | (1 << (edge & 31));
    }
  });
  return { windows, actors: take(4 * EDGES), ends: take(8 * END_CODES) };
}

/** All windows of up to four codes, and the nodes they stand for. */
function forEachWindow(nodes: Uint8Array, visit: (window: number, path: readonly number[]) => void): void {
  const path: number[] = [];
  // The bits of the first code, the third, the second, the fourth: as the kernel packs them.
  const shifts: readonly number[] = [0, 8, 4, 12];
  const add = (window: number): void => {
    const rest = shifts.slice(path.length).reduce((bits, shift) => bits | (NO_CODE << shift), 0);
    visit(window | rest, path);
    const shift = shifts[path.length];
    if (shift === undefined) return;
    nodes.forEach((node, code) => {
      path.push(node);
      add(window | (code << shift));
      path.pop();
    });
  };
  add(0);
}

/** What was counted, by `from * width + to`; the boundary nodes come last. */
export function readFew(
  memory: ColumnMemory,
  tables: FewTables,
  { nodes }: FewNodes,
  width: number,
  collapse: boolean,
): { readonly count: Float64Array; readonly actors: Float64Array } {
  const count = new Float64Array(width * width);
  const actors = new Float64Array(width * width);
  const add = (column: Float64Array, from: number, to: number, n: number): void => {
    // A node that repeats is one node: it has no step to itself.
    if (!collapse || from !== to) column[from * width + to] = (column[from * width + to] ?? 0) + n;
  };
  const words = viewU32(memory, tables.windows, (WINDOW_BYTES / 4) * WINDOWS);
  forEachWindow(nodes, (window, path) => {
    const n = words[4 * window + 2] ?? 0;
    if (n > 0) for (let i = 1; i < path.length; i++) add(count, path[i - 1] ?? 0, path[i] ?? 0, n);
  });
  viewU32(memory, tables.actors, EDGES).forEach((n, edge) => {
    if (n > 0) add(actors, Math.floor(edge / MOST_NODES), edge % MOST_NODES, n);
  });
  const ends = viewU32(memory, tables.ends, 2 * END_CODES);
  nodes.forEach((node, code) => {
    for (const column of [count, actors]) {
      add(column, width - 2, node, ends[code] ?? 0);
      add(column, node, width - 1, ends[END_CODES + code] ?? 0);
    }
  });
  return { count, actors };
}
