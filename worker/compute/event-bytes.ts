import { defineKernel } from '../kernels/load-kernel.ts';
import { WASM } from '../kernels/generated/mask.ts';
import { roomFor, type Layout } from '../kernels/scratch.ts';
import { viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { ActorIndex, EventIndex, Segment, TypeColumn } from '../segment/segment.ts';
import { toPredicate, type CodeTest, type EventTest } from './event-test.ts';

export type MaskKernel = Readonly<
  Record<
    | 'gather8'
    | 'gather16'
    | 'gather32'
    | 'gatherFew'
    | 'spreadActors'
    | 'andBytes'
    | 'orBytes'
    | 'addBit'
    | 'leaveOut'
    | 'findBounds',
    (...args: number[]) => number
  >
>;
export const maskKernel = defineKernel<MaskKernel>(WASM);

/** Byte of an event that does not take part. */
export const LEFT_OUT = 255;

/** A run of actors and of their events. */
export interface EventSlice {
  readonly first: ActorIndex;
  readonly last: ActorIndex;
  readonly from: EventIndex;
  readonly to: EventIndex;
}

/**
 * A byte for each event, as kernels read it: `table[bytes[event]]`, where `bytes` is a pointer to event 0. Without
 * conditions these are the codes of a column themselves (event types, mostly) and nothing is written; else the bytes of a slice of events are made
 * before the kernel sees it.
 */
export interface EventBytes {
  /** What each code stands for where the bytes are those of a column; null = they are made. */
  readonly table: Uint8Array | null;
  /** Working space that `place` takes, for slices of up to `events` events. */
  scratchBytes(events: number): number;
  place(layout: Layout, events: number): PlacedBytes;
}
export interface PlacedBytes {
  readonly table: Pointer;
  /** Makes the bytes of a slice; the pointer for event 0, which may be negative as a number of 32 bits. */
  fill(slice: EventSlice): Pointer;
}

/** The byte is `table[code]` where the event passes `filter`, else LEFT_OUT. */
export function compileCodes(
  segment: Segment,
  memory: ColumnMemory,
  codes: TypeColumn | 'actors',
  table: Uint8Array,
  filter: EventTest,
): EventBytes {
  if (filter === true && codes !== 'actors' && codes.BYTES_PER_ELEMENT === 1) return readColumn(memory, codes, table);
  const all: CodeTest = { kind: 'codes', codes, answers: table };
  return makeBytes(segment, memory, [all, filter], (masks, out, slice) => {
    masks.write(all, out, slice, SET);
    if (filter === true) return;
    const temp = masks.temp(slice, (at) => masks.write(filter, at, slice, SET));
    masks.kernel.leaveOut(out + slice.from, temp + slice.from, slice.to - slice.from);
  });
}

/** Bit k of the byte = the event passes `tests[k]`. */
export function compileBits(segment: Segment, memory: ColumnMemory, tests: readonly EventTest[]): EventBytes {
  if (segment.types.BYTES_PER_ELEMENT === 1 && tests.every((test) => isOfTypes(segment, test)))
    return readColumn(memory, segment.types, tableOfBits(segment, tests));
  return makeBytes(segment, memory, tests, (masks, out, slice) => {
    tests.forEach((test, bit) => {
      if (bit === 0) return masks.write(test, out, slice, SET);
      const temp = masks.temp(slice, (at) => masks.write(test, at, slice, SET));
      masks.kernel.addBit(out + slice.from, temp + slice.from, slice.to - slice.from, bit);
    });
  });
}

const isOfTypes = ({ types }: Segment, test: EventTest): boolean =>
  typeof test === 'boolean' || (test.kind === 'codes' && test.codes === types);

function tableOfBits({ eventNames }: Segment, tests: readonly EventTest[]): Uint8Array {
  return Uint8Array.from(eventNames, (_, type) =>
    tests.reduce<number>((bits, test, bit) => {
      const passes = typeof test === 'boolean' ? test : test.kind === 'codes' && test.answers[type] === 1;
      return bits | (passes ? 1 << bit : 0);
    }, 0),
  );
}

const TABLE_BYTES = 256;
function readColumn(memory: ColumnMemory, codes: TypeColumn, table: Uint8Array): EventBytes {
  return {
    table,
    scratchBytes: () => roomFor(TABLE_BYTES),
    place(layout) {
      const at = layout.take(TABLE_BYTES);
      viewU8(memory, at, TABLE_BYTES).set(table);
      return { table: at, fill: () => codes.byteOffset };
    },
  };
}

function makeBytes(
  segment: Segment,
  memory: ColumnMemory,
  tests: readonly EventTest[],
  write: (masks: MaskWriter, out: Pointer, slice: EventSlice) => void,
): EventBytes {
  const tables = tests.flatMap(listCodeTests);
  const temps = 1 + Math.max(...tests.map(depthOf));
  return {
    table: null,
    scratchBytes: (events) =>
      roomFor(TABLE_BYTES) +
      (1 + temps) * roomFor(events) +
      tables.reduce((sum, { answers }) => sum + roomFor(answers.length), 0),
    place(layout, events) {
      const table = layout.take(TABLE_BYTES);
      viewU8(memory, table, TABLE_BYTES).forEach((_, code, same) => (same[code] = code));
      const out = layout.take(events);
      const masks = createMaskWriter(segment, memory, layout, { events, temps, tables });
      const fill = (slice: EventSlice): Pointer => {
        write(masks, out - slice.from, slice);
        return out - slice.from;
      };
      return { table, fill };
    },
  };
}

const SET = 0;
const AND = 1;
const OR = 2;
type Mode = typeof SET | typeof AND | typeof OR;
/** Codes up to this many are looked up sixteen at a time. */
const FEW = 16;

/** Writes tests as bytes 0 and 1; pointers are those of event 0. */
interface MaskWriter {
  readonly kernel: MaskKernel;
  write(test: EventTest, out: Pointer, slice: EventSlice, mode: Mode): void;
  /** Hands bytes of its own to `fill`, which are the caller's until it writes another test. */
  temp(slice: EventSlice, fill: (at: Pointer) => void): Pointer;
}

function createMaskWriter(
  segment: Segment,
  memory: ColumnMemory,
  layout: Layout,
  room: { readonly events: number; readonly temps: number; readonly tables: readonly CodeTest[] },
): MaskWriter {
  const kernel = maskKernel.on(memory);
  const temps = Array.from({ length: room.temps }, () => layout.take(room.events));
  const tableOf = new Map(
    room.tables.map(({ answers }) => {
      const at = layout.take(answers.length);
      viewU8(memory, at, answers.length).set(answers);
      return [answers, at] as const;
    }),
  );
  let depth = 0;
  const temp: MaskWriter['temp'] = (slice, fill) => {
    const at = (temps[depth++] ?? 0) - slice.from;
    fill(at);
    depth--;
    return at;
  };
  const writeConstant = (value: boolean, out: Pointer, { from, to }: EventSlice, mode: Mode): void => {
    if (mode === SET || value === (mode === OR)) viewU8(memory, out + from, to - from).fill(value ? 1 : 0);
  };
  const writeCodes = ({ codes, answers }: CodeTest, out: Pointer, slice: EventSlice, mode: Mode): void => {
    const table = tableOf.get(answers) ?? 0;
    const { from, to } = slice;
    if (codes === 'actors') {
      kernel.spreadActors(segment.offsets.byteOffset, table, slice.first, slice.last, out, mode);
      return;
    }
    const width = codes.BYTES_PER_ELEMENT;
    const few = width === 1 && answers.length <= FEW;
    const gather = few
      ? kernel.gatherFew
      : width === 1
        ? kernel.gather8
        : width === 2
          ? kernel.gather16
          : kernel.gather32;
    gather(codes.byteOffset, table, from, to, out, mode);
  };
  const write: MaskWriter['write'] = (test, out, slice, mode) => {
    const { from, to } = slice;
    if (typeof test === 'boolean') return writeConstant(test, out, slice, mode);
    if (test.kind === 'codes') return writeCodes(test, out, slice, mode);
    if (test.kind !== 'predicate' && mode === SET)
      return test.tests.forEach((part, i) => write(part, out, slice, i === 0 ? SET : test.kind === 'all' ? AND : OR));
    if (test.kind === 'predicate' && mode === SET) {
      const passes = toPredicate(segment, test);
      const bytes = viewU8(memory, out + from, to - from);
      for (let event = from; event < to; event++) bytes[event - from] = passes(event) ? 1 : 0;
      return;
    }
    const other = temp(slice, (at) => write(test, at, slice, SET));
    (mode === AND ? kernel.andBytes : kernel.orBytes)(out + from, other + from, to - from);
  };
  return { kernel, write, temp };
}

function listCodeTests(test: EventTest): readonly CodeTest[] {
  if (typeof test === 'boolean' || test.kind === 'predicate') return [];
  return test.kind === 'codes' ? [test] : test.tests.flatMap(listCodeTests);
}

/** How many masks must be held at once beside the one that is written. */
function depthOf(test: EventTest): number {
  if (typeof test === 'boolean' || test.kind === 'codes') return 0;
  return test.kind === 'predicate' ? 1 : 1 + Math.max(...test.tests.map(depthOf));
}
