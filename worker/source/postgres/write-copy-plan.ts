import type { Pointer } from '../../segment/column-memory.ts';
import { AT, GROUP_ROWS, type Parts, type Words } from '../pages/reader-state.ts';
import { HOUR_BYTES } from '../pages/write-plan.ts';
import { COPY, EVENT_SLOT_BYTES, NONE } from './copy-kernel.ts';
import type { PropertyPlan, RowPlan } from './scan-sql.ts';
import type { ServerEvents } from './server-events.ts';

/** What the kernel has to know of rows beside where their cells are. */
export interface KernelRows {
  readonly counting: boolean;
  /** ms; events outside are passed over. */
  readonly fromTime: number;
  readonly toTime: number;
  /** Numbers of rows that are left to the twin. */
  readonly suspects: readonly number[];
}

const FIRST_HOURS = 4_096;
const EVENT_SLOTS = 4_096;
const KINDS: Partial<Readonly<Record<PropertyPlan['kind'], number>>> = { column: 0, none: 0, json: 1 };

/** Whether the kernel knows how all cells of such a row are read. */
export function isForKernel({ time, recordedAt }: ServerEvents, plan: RowPlan): boolean {
  const isText = (p: PropertyPlan): boolean =>
    p.kind === 'json' || p.kind === 'none' || (p.kind === 'column' && p.cell === 'text');
  return (
    plan.seq >= 0 &&
    plan.actor >= 0 &&
    plan.json < 0 &&
    time.kind === 'micros' &&
    (plan.recordedAt < 0 || recordedAt?.kind === 'micros') &&
    plan.properties.every(isText)
  );
}

/** Tells the kernel where the cells of a row are, and gives it the tables it fills on the way. */
export function writeCopyPlan(
  parts: Parts,
  { state, copy }: { readonly state: Words; readonly copy: Words },
  plan: RowPlan,
  { counting, fromTime, toTime, suspects }: KernelRows,
): void {
  const cells = plan.select.length;
  const words = {
    cellCount: cells,
    cells: writeCells(parts, cells),
    seq: plan.seq,
    time: plan.time,
    event: plan.event,
    actor: plan.actor,
    recorded: plan.recordedAt,
    hour: plan.hour,
    flags: plan.flags,
    properties: writeProperties(parts, plan),
    propertyCount: plan.properties.length,
    events: parts.take(EVENT_SLOTS * EVENT_SLOT_BYTES),
    eventsMask: EVENT_SLOTS - 1,
    // Until the twin has seen a row.
    eventCode: NONE,
    counting: counting ? 1 : 0,
  } as const;
  for (const [name, value] of Object.entries(words)) copy.set(COPY[name as keyof typeof words], value);
  copy.setFloat(COPY.lastSeq, Number.NEGATIVE_INFINITY);
  copy.setFloat(COPY.fromTime, fromTime);
  copy.setFloat(COPY.toTime, toTime);
  if (suspects.length > 0) writeSuspects(parts, copy, suspects);
  state.set(AT.hours, parts.take(FIRST_HOURS * HOUR_BYTES));
  state.set(AT.hoursMask, FIRST_HOURS - 1);
  state.set(AT.tags, parts.take(8 * GROUP_ROWS));
  state.setFloat(AT.hourStart, -1);
}

/** One more than a row has: null, for a property that no row has. */
function writeCells(parts: Parts, cells: number): Pointer {
  const words = new Uint32Array(2 * (cells + 1));
  words[2 * cells + 1] = NONE;
  return parts.bytes(new Uint8Array(words.buffer));
}

function writeProperties(parts: Parts, { properties, select }: RowPlan): Pointer {
  const words = new Uint32Array(2 * properties.length);
  properties.forEach((plan, p) => {
    words[2 * p] = 'at' in plan ? plan.at : select.length;
    words[2 * p + 1] = KINDS[plan.kind] ?? 0;
  });
  return parts.bytes(new Uint8Array(words.buffer));
}

const BITS_A_SUSPECT = 16;
const FEWEST_BITS = 4_096;
const MOST_BITS = 1 << 24;

/** A bit for each, by the kernel's hash of its number. */
function writeSuspects(parts: Parts, copy: Words, suspects: readonly number[]): void {
  const wanted = 2 ** Math.ceil(Math.log2(BITS_A_SUSPECT * suspects.length));
  const mask = Math.min(MOST_BITS, Math.max(FEWEST_BITS, wanted)) - 1;
  const bytes = new Uint8Array((mask + 1) / 8);
  for (const seq of suspects) {
    const bit = (Math.imul(seq | 0, 0x9e37_79b1) >>> 8) & mask;
    bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
  copy.set(COPY.suspects, parts.bytes(bytes));
  copy.set(COPY.suspectsMask, mask);
}
