import type { ColumnMemory, Pointer } from '../../segment/column-memory.ts';
import type { PagePlan } from './page-plan.ts';
import { AT, GROUP_ROWS, type Parts, type Words } from './reader-state.ts';

const FIRST_HOURS = 4_096;
/** A counter of an hour: see the kernel's `_pages-hours.ts`. */
export const HOUR_BYTES = 24;
const KEY_BYTES = 32;
/** See the kernel's `_pages-json.ts`. */
const SHAPES_BYTES = 64 * 10 * 48;
/** See the kernel's `_pages-layout.ts`. */
const layoutsBytes = (slots: number): number => (512 + 1) * (64 + 8 * slots);

/** Tells the kernel how to read a record, and gives it the tables it fills on the way. */
export function writePlan(memory: ColumnMemory, parts: Parts, state: Words, plan: PagePlan): void {
  const words = {
    roles: parts.bytes(Uint8Array.from(plan.roles)),
    roleCount: plan.roles.length,
    keys: writeKeys(memory, parts, plan),
    keyCount: plan.keys.length,
    keyLengths: plan.keys.reduce((bits, [key]) => bits | (1 << (key.length & 31)), 0),
    valueCount: plan.slots,
    timeKind: plan.timeKind,
    recordedKind: plan.recordedKind,
    hourKeyed: plan.hourKeyed ? 1 : 0,
    hasJson: plan.keys.length > 0 ? 1 : 0,
    skipsActorless: plan.skipsActorless ? 1 : 0,
    hours: parts.take(FIRST_HOURS * HOUR_BYTES),
    hoursMask: FIRST_HOURS - 1,
    tags: parts.take(8 * GROUP_ROWS),
    shapes: parts.take(SHAPES_BYTES),
    layouts: parts.take(layoutsBytes(plan.slots)),
  } as const;
  for (const [name, value] of Object.entries(words)) state.set(AT[name as keyof typeof words], value);
  state.setFloat(AT.hourStart, -1);
}

/** Length, slot, first and last 8 bytes, pointer. */
function writeKeys(memory: ColumnMemory, parts: Parts, { keys }: PagePlan): Pointer {
  const at = parts.take(KEY_BYTES * keys.length);
  const view = new DataView(memory.buffer);
  keys.forEach(([key, slot], i) => {
    const bytes = Buffer.from(key);
    const entry = at + KEY_BYTES * i;
    view.setUint32(entry, bytes.length, true);
    view.setUint32(entry + 4, slot, true);
    for (let b = 0; b < Math.min(8, bytes.length); b++) {
      view.setUint8(entry + 8 + b, bytes[b] ?? 0);
      view.setUint8(entry + 16 + b, bytes[Math.max(0, bytes.length - 8) + b] ?? 0);
    }
    view.setUint32(entry + 24, parts.bytes(bytes), true);
  });
  return at;
}
