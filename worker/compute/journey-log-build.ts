import { defineKernel } from '../kernels/load-kernel.ts';
import { WASM } from '../kernels/generated/journey.ts';
import { getScratch } from '../kernels/scratch.ts';
import { PAGE_BYTES, viewF64, viewU32, viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import { getTime, type ActorRange, type EventIndex, type Segment } from '../segment/segment.ts';
import type { StringTable } from '../segment/string-table.ts';
import { JourneyMachine } from './journey-machine.ts';
import { createLog, LOG_END_MS, type JourneyLog } from './journey-log.ts';
import { getDue, type CompiledJourney } from './journey-model.ts';
import { compileProgram, TooManySymbols, type DeadlineProgram, type JourneyProgram } from './journey-program.ts';
import type { EventPredicate } from './predicate.ts';

type Kernel = Readonly<Record<'runPlain' | 'runTracked' | 'readDues', (...args: number[]) => number>>;
const kernel = defineKernel<Kernel>(WASM);

/** A range's events and what of them exists (null = all). */
export interface LogInput {
  readonly segment: Segment;
  readonly range: ActorRange;
  readonly journey: CompiledJourney;
  readonly exists: EventPredicate | null;
  readonly checkpoint: (actorsDone: number) => void;
}

/** By the kernel where the columns lie for it, else by the machine: the same log. */
export function buildJourneyLog(input: LogInput): JourneyLog {
  const { memory } = input.segment;
  if (memory === null) return buildLogByMachine(input);
  try {
    return buildLogByKernel(input, memory);
  } catch (error) {
    if (error instanceof TooManySymbols) return buildLogByMachine(input);
    throw error;
  }
}

/** The twin of the kernel. */
export function buildLogByMachine({ segment, range, journey, exists, checkpoint }: LogInput): JourneyLog {
  const machine = new JourneyMachine(segment, journey, { asOfMs: Infinity, endMs: LOG_END_MS, exists });
  const parts = new LogParts(segment, range, journey);
  for (let actor = range.from; actor < range.to; actor++) {
    if ((actor & 127) === 0) checkpoint(actor - range.from);
    const { length, times, states, events, seen } = machine.run(actor);
    const first = findFirstExisting(segment, actor, exists);
    const isMove = length > 0 && events[0] === first;
    const count = length + (seen && !isMove ? 1 : 0);
    const part = { times: new Float64Array(count), states: new Uint8Array(count), ends: Uint32Array.of(count) };
    if (count > length) part.times[0] = getTime(segment, first);
    part.times.set(times.subarray(0, length), count - length);
    part.states.set(states.subarray(0, length), count - length);
    parts.add(part);
  }
  return parts.join();
}

function findFirstExisting({ offsets }: Segment, actor: number, exists: EventPredicate | null): EventIndex {
  let event = offsets[actor] ?? 0;
  const end = offsets[actor + 1] ?? 0;
  while (exists !== null && event < end && !exists(event)) event++;
  return event;
}

function buildLogByKernel(input: LogInput, memory: ColumnMemory): JourneyLog {
  const parts = new LogParts(input.segment, input.range, input.journey);
  forEachLogPart(input, memory, 0, (part) => parts.add(part));
  return parts.join();
}

/**
 * Shows the log slice by slice where the kernel writes it. `reserved` bytes of this thread's scratch are the caller's, at
 * `reservedAt`: they stay where they are. Throws TooManySymbols.
 */
export function forEachLogPart(
  { segment, range, journey, exists, checkpoint }: LogInput,
  memory: ColumnMemory,
  reserved: number,
  visit: (part: LogPart, reservedAt: Pointer) => void,
): void {
  const program = compileProgram(segment, journey, exists);
  const slices: Slice[] = [];
  for (let from = range.from; from < range.to; from = slices.at(-1)?.to ?? range.to)
    slices.push(cutSlice(segment.offsets, from, range.to));
  const largest = slices.reduce((bytes, slice) => Math.max(bytes, measure(program, slice).bytes), 0);
  const scratch = getScratch(memory, reserved + largest);
  for (const slice of slices) {
    checkpoint(slice.from - range.from);
    visit(runSlice(segment, program, memory, slice, scratch + reserved), scratch);
  }
  checkpoint(range.to - range.from);
}

interface Slice extends ActorRange {
  readonly first: EventIndex;
  readonly events: number;
  /** Events of the actor that has most. */
  readonly most: number;
}
const SLICE_EVENTS = 1 << 16;
/** Actors between two looks at whether the question was taken back. */
export const CHECK_ACTORS = 1 << 14;

/** Some tens of thousands of events; at least one actor. */
function cutSlice(offsets: Uint32Array, from: number, limit: number): Slice {
  const first = offsets[from] ?? 0;
  let to = from;
  let most = 0;
  do {
    most = Math.max(most, (offsets[to + 1] ?? 0) - (offsets[to] ?? 0));
    to++;
  } while (to < limit && to - from < SLICE_EVENTS && (offsets[to + 1] ?? 0) - first <= SLICE_EVENTS);
  return { from, to, first, events: (offsets[to] ?? 0) - first, most };
}

/** What a slice's changes are, as views on scratch: copy before the next slice. */
export interface LogPart {
  readonly times: Float64Array;
  readonly states: Uint8Array;
  /** Changes up to and with an actor, counted from the first of the part. */
  readonly ends: Uint32Array;
}

/** Working space of a slice: offsets of its pieces, one after the other and all aligned to 16 bytes. */
function measure(program: JourneyProgram, { events, most, from, to }: Slice) {
  const { trackers, deadlines } = program;
  const room = events * (1 + deadlines.length);
  const cells = 16 * 2 ** Math.ceil(Math.log2(Math.max(8, 2 * most * trackers)));
  const sizes = {
    program: program.maxBytes,
    symbols: events,
    opens: 256,
    times: 8 * room,
    states: room,
    ends: 4 * (to - from),
    dues: 8 * events * deadlines.length,
    cells: trackers === 0 ? 0 : cells,
    heap: 24 * most * deadlines.length,
  };
  let bytes = 0;
  const offsets = Object.entries(sizes).map(([name, size]): [string, number] => {
    const at = bytes;
    bytes += Math.ceil(size / 16 + 1) * 16;
    return [name, at];
  });
  return { bytes, offsets, room, cellBytes: sizes.cells };
}
type Piece = 'program' | 'symbols' | 'opens' | 'times' | 'states' | 'ends' | 'dues' | 'cells' | 'heap';

function layOut(program: JourneyProgram, slice: Slice, start: Pointer) {
  const { offsets, ...sizes } = measure(program, slice);
  const at = Object.fromEntries(offsets.map(([name, offset]) => [name, start + offset]));
  return { ...sizes, at: at as { readonly [K in Piece]: Pointer } };
}

function runSlice(
  segment: Segment,
  program: JourneyProgram,
  memory: ColumnMemory,
  slice: Slice,
  start: Pointer,
): LogPart {
  const { offsets, seconds, millis, types, baseSeconds } = segment;
  const { at, room, cellBytes } = layOut(program, slice, start);
  const symbols = program.symbolOf === null ? types.byteOffset : at.symbols - slice.first;
  if (program.symbolOf !== null) fillSymbols(viewU8(memory, at.symbols, slice.events), slice.first, program.symbolOf);
  const dues = program.deadlines.map((deadline, d) => (deadline.dues === null ? 0 : at.dues + 8 * d * slice.events));
  program.deadlines.forEach((deadline, d) => readDues(memory, deadline, symbols, slice, dues[d] ?? 0, at.opens));
  program.write(memory, at.program, dues);
  const common = [
    at.program,
    offsets.byteOffset,
    seconds.byteOffset,
    millis.byteOffset,
    symbols,
    baseSeconds,
    slice.from,
    slice.to,
    at.times,
    at.states,
    at.ends,
  ];
  viewU8(memory, at.cells, cellBytes).fill(0);
  const { runPlain, runTracked } = kernel.on(memory);
  const length =
    program.trackers === 0
      ? runPlain(...common)
      : runTracked(...common, program.trackers, at.cells, at.heap, LOG_END_MS);
  if (length > room) throw new Error('a slice has more changes than it can have');
  return {
    times: viewF64(memory, at.times, length),
    states: viewU8(memory, at.states, length),
    ends: viewU32(memory, at.ends, slice.to - slice.from),
  };
}

/** Texts in the column memory are read by the kernel, unless one is spelled unusually. */
function readDues(
  memory: ColumnMemory,
  { dues, opens }: DeadlineProgram,
  symbols: Pointer,
  { first, events }: Slice,
  out: Pointer,
  opensAt: Pointer,
): void {
  if (dues === null) return;
  const { codes, values } = dues;
  if (liesIn(memory, values)) {
    viewU8(memory, opensAt, opens.length).set(opens);
    const width = codes.BYTES_PER_ELEMENT;
    const texts = [codes.byteOffset, width, values.offsets.byteOffset, values.bytes.byteOffset] as const;
    if (kernel.on(memory).readDues(symbols, first, first + events, opensAt, ...texts, out) === 0) return;
  }
  const symbolOf = viewU8(memory, symbols + first, events);
  const instants = viewF64(memory, out, events);
  let n = 0;
  for (let i = 0; i < events; i++) if (opens[symbolOf[i] ?? 0] === 1) instants[n++] = getDue(dues, first + i);
}

/**
 * Whether a table's columns lie in the memory. Buffers cannot be compared, for each growth makes a new one; what lies in
 * the memory shows the same bytes at the same place.
 */
function liesIn(memory: ColumnMemory, { bytes, offsets }: StringTable): boolean {
  if (bytes.byteOffset < PAGE_BYTES || offsets.byteOffset < PAGE_BYTES) return false;
  if (Math.max(bytes.byteOffset + bytes.length, offsets.byteOffset + offsets.byteLength) > memory.buffer.byteLength)
    return false;
  const there = {
    bytes: viewU8(memory, bytes.byteOffset, bytes.length),
    offsets: viewU32(memory, offsets.byteOffset, offsets.length),
  };
  return Array.from({ length: PROBES + 1 }, (_, i) => i / PROBES).every((share) => {
    const [b, o] = [Math.floor(share * (bytes.length - 1)), Math.floor(share * (offsets.length - 1))];
    return there.bytes[b] === bytes[b] && there.offsets[o] === offsets[o];
  });
}
const PROBES = 16;

function fillSymbols(out: Uint8Array, first: EventIndex, symbolOf: (event: EventIndex) => number): void {
  for (let i = 0; i < out.length; i++) out[i] = symbolOf(first + i);
}

/**
 * Puts the changes of actors that come in order into one log. It has room for all that there can be: what is not touched
 * takes no memory, and to join pieces would hold them twice.
 */
class LogParts {
  readonly #log: JourneyLog;
  #actors = 0;
  #length = 0;

  constructor({ offsets }: Segment, range: ActorRange, { deadlines }: CompiledJourney) {
    const events = (offsets[range.to] ?? 0) - (offsets[range.from] ?? 0);
    this.#log = createLog(range, events * (1 + deadlines.length));
  }

  add({ times, states, ends }: LogPart): void {
    const { offsets } = this.#log;
    for (let i = 0; i < ends.length; i++) offsets[this.#actors + i + 1] = this.#length + (ends[i] ?? 0);
    this.#log.times.set(times, this.#length);
    this.#log.states.set(states, this.#length);
    this.#actors += ends.length;
    this.#length += times.length;
  }

  join(): JourneyLog {
    const { times, states, ...log } = this.#log;
    return { ...log, times: times.subarray(0, this.#length), states: states.subarray(0, this.#length) };
  }
}
