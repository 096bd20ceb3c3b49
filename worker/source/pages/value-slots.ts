import { allocate, viewU8, type ColumnMemory, type Pointer } from '../../segment/column-memory.ts';
import { ACTOR_SLOT, EVENT_SLOT, type PagePlan } from './page-plan.ts';
import { PagesUnusable } from './pages-unusable.ts';
import { NO_VALUE, type Parts } from './reader-state.ts';

/** An event that the kernel left to the row reader. */
export interface OddEvent {
  readonly time: number;
  readonly recordedAt: number;
  readonly event: string;
  readonly actor: string;
  /** By kept property. */
  readonly properties: readonly (string | null)[];
}

const encoder = new TextEncoder();
const FIRST_TEXT = 4_096;
/** Behind each text: the kernel loads 8 bytes at once. */
const PADDING = 8;
/** Keys of the kernel have 24 bits for the length. */
const MAX_STRING = 0xff_ffff;

/** Where the kernel finds the strings of a row: for each slot a pointer and a length. Written here for odd rows. */
export class ValueSlots {
  readonly at: Pointer;
  readonly #memory: ColumnMemory;
  readonly #plan: PagePlan;
  readonly #slots: Uint32Array;
  #text: Uint8Array;

  constructor(memory: ColumnMemory, parts: Parts, plan: PagePlan) {
    this.#memory = memory;
    this.#plan = plan;
    this.at = parts.take(8 * plan.slots);
    this.#slots = new Uint32Array(memory.buffer, this.at, 2 * plan.slots);
    this.#text = viewU8(memory, parts.take(FIRST_TEXT), FIRST_TEXT);
  }

  /** The next event lies over this one. Throws PagesUnusable for a text that is longer than the kernel knows. */
  put({ event, actor, properties }: OddEvent): void {
    const bySlot = new Map<number, string | null>();
    this.#plan.propertySlots.forEach((slot, p) => bySlot.set(slot, properties[p] ?? null));
    bySlot.set(EVENT_SLOT, event).set(ACTOR_SLOT, actor);
    let bytes = 0;
    for (const value of bySlot.values()) bytes += 3 * (value?.length ?? 0) + PADDING;
    this.#makeRoom(bytes);
    let at = 0;
    for (const [slot, value] of bySlot) {
      const written = value === null ? 0 : encoder.encodeInto(value, this.#text.subarray(at)).written;
      if (written > MAX_STRING) throw new PagesUnusable('a text is very long');
      this.#slots[2 * slot] = this.#text.byteOffset + at;
      this.#slots[2 * slot + 1] = value === null ? NO_VALUE : written;
      at += written + PADDING;
    }
  }

  #makeRoom(bytes: number): void {
    if (bytes > this.#text.length) this.#text = viewU8(this.#memory, allocate(this.#memory, 2 * bytes), 2 * bytes);
  }
}
