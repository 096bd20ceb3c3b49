import { viewU16, viewU32, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import { roomFor, type Layout } from '../kernels/scratch.ts';
import type { IntervalGrid } from './time-bucket.ts';

/** How kernels find the interval of a second (`bucketOf` in kernels/assembly/_events.ts). */
export interface BucketMap {
  /** 1 = intervals are numbered in 16 bits, else 0: kernels have a function for each. */
  readonly narrow: 0 | 1;
  readonly scratchBytes: number;
  /** Pointer to the description. */
  place(memory: ColumnMemory, layout: Layout): Pointer;
}
const MAX_GRANULES = 1 << 21;
const DESCRIPTION_BYTES = 28;

/** Grids come again as the same objects (time-bucket.ts), and hours of years are many bounds to go through. */
const maps = new WeakMap<IntervalGrid, { readonly baseSeconds: number; readonly map: BucketMap | null }>();

/** null = the bounds are no whole seconds, or have too fine a granule: the twin must look them up. */
export function mapBuckets(grid: IntervalGrid, baseSeconds: number): BucketMap | null {
  const known = maps.get(grid);
  if (known?.baseSeconds === baseSeconds) return known.map;
  const map = makeMap(grid, baseSeconds);
  maps.set(grid, { baseSeconds, map });
  return map;
}

function makeMap(grid: IntervalGrid, baseSeconds: number): BucketMap | null {
  const { starts, end } = grid;
  const count = starts.length;
  if (count === 0) return null;
  const first = (starts[0] ?? 0) / 1000;
  // One interval over everything: any second is in it.
  if (count === 1) return describe({ add: 0, shift: 0, factor: 0, by: 0 }, new Uint16Array(1));
  const bounds = new Float64Array(count + 1);
  let granule = 0;
  for (let i = 0; i <= count; i++) {
    const bound = (starts[i] ?? end) / 1000 - first;
    if (!Number.isInteger(bound)) return null;
    bounds[i] = bound;
    if (granule === 0 || bound % granule !== 0) granule = greatestDivisor(granule, bound);
  }
  if (!Number.isInteger(first)) return null;
  const span = bounds[count] ?? 0;
  const division = divideBy(granule, span);
  if (division === null || span / granule > MAX_GRANULES) return null;
  const table = count <= 0x1_0000 ? new Uint16Array(span / granule) : new Uint32Array(span / granule);
  for (let i = 0; i < count; i++) table.fill(i, (bounds[i] ?? 0) / granule, (bounds[i + 1] ?? 0) / granule);
  return describe({ add: baseSeconds - first, ...division }, table, table.length === count);
}

interface Division {
  readonly shift: number;
  readonly factor: number;
  readonly by: number;
}

/** `isEven` = every granule is an interval: the table says nothing. */
function describe(
  division: Division & { readonly add: number },
  table: Uint16Array | Uint32Array,
  isEven = false,
): BucketMap {
  const { add, shift, factor, by } = division;
  return {
    narrow: table instanceof Uint16Array ? 1 : 0,
    scratchBytes: roomFor(DESCRIPTION_BYTES) + roomFor(table.byteLength),
    place(memory, layout) {
      const at = layout.take(DESCRIPTION_BYTES);
      const values = layout.take(table.byteLength);
      if (table instanceof Uint16Array) viewU16(memory, values, table.length).set(table);
      else viewU32(memory, values, table.length).set(table);
      const isNarrow = table instanceof Uint16Array ? 1 : 0;
      viewU32(memory, at, 7).set([add, shift, factor, by, values, isNarrow, isEven ? 1 : 0]);
      return at;
    },
  };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/**
 * `n / divisor` for n up to `most` as `((n >> shift) * factor) >> by`: with divisor = odd << shift and
 * factor = 2^by / odd, rounded up, the error stays below one while (n >> shift) * odd < 2^by. null = it needs more bits.
 */
export function divideBy(divisor: number, most: number): Division | null {
  const shift = 31 - Math.clz32(divisor & -divisor);
  const odd = divisor / 2 ** shift;
  const largest = Math.floor(most / 2 ** shift);
  const by = bitsOf(largest) + bitsOf(odd);
  const factor = Math.ceil(2 ** by / odd);
  return by > 52 || factor > 0xffff_ffff || divisor > 0x7fff_ffff ? null : { shift, factor, by };
}

const bitsOf = (value: number): number => Math.floor(Math.log2(Math.max(1, value))) + 1;
