import { WASM } from '../../kernels/generated/copy.ts';
import { defineKernel } from '../../kernels/load-kernel.ts';
import type { PagesKernel } from '../pages/pages-kernel.ts';

/** Exports of worker/kernels/assembly/copy.ts. `state` = that of the page reader, `copy` = see `COPY`. */
export type CopyKernel = Pick<PagesKernel, 'flush' | 'moveHours' | 'moveStrings' | 'exportStrings'> & {
  readonly parse: (state: number, copy: number) => number;
  readonly putOddRow: (
    state: number,
    copy: number,
    seq: number,
    time: number,
    recordedAt: number,
    event: number,
  ) => number;
  readonly learnEvent: (copy: number, at: number, length: number, code: number) => number;
};
export const copyKernel = defineKernel<CopyKernel>(WASM);

/** Offsets in bytes; the kernel's `_copy-state.ts` has the same. */
export const COPY = {
  at: 0,
  end: 4,
  cellCount: 8,
  cells: 12,
  seq: 16,
  time: 20,
  event: 24,
  actor: 28,
  recorded: 32,
  hour: 36,
  flags: 40,
  properties: 44,
  propertyCount: 48,
  events: 52,
  eventsMask: 56,
  eventCode: 64,
  types: 68,
  seqs: 72,
  suspects: 76,
  suspectsMask: 80,
  counting: 84,
  hash: 88,
  unordered: 92,
  lastSeq: 96,
  fromTime: 104,
  toTime: 112,
} as const;
export const COPY_BYTES = 128;
export const NONE = 0xffff_ffff;
/** Longest name of an event that the kernel knows. */
export const MAX_NAME = 64;
export const EVENT_SLOT_BYTES = 80;
