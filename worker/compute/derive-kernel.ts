import { WASM } from '../kernels/generated/derive.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import type { Pointer } from '../segment/column-memory.ts';
import type { ActorRange } from '../segment/segment.ts';
import type { FillActors } from './derived.ts';

type FillTypes = (
  offsets: Pointer,
  types: Pointer,
  first: number,
  end: number,
  present: Pointer,
  repeated: Pointer,
) => number;
export const DERIVE_KERNEL = defineKernel<{
  readonly types8: FillTypes;
  readonly types16: FillTypes;
  readonly types32: FillTypes;
  readonly behind: (
    offsets: Pointer,
    types: Pointer,
    seconds: Pointer,
    millis: Pointer,
    first: number,
    end: number,
    out: Pointer,
    width: number,
  ) => number;
  readonly firsts: (
    offsets: Pointer,
    types: Pointer,
    seconds: Pointer,
    first: number,
    end: number,
    columns: Pointer,
    sink: Pointer,
  ) => number;
}>(WASM);

const SLICE_ACTORS = 32_768;

/** In slices, so that a long first call does not stay in slow code and a cancel gets through. */
export function fillInSlices(
  { from, to }: ActorRange,
  checkpoint: (actorsDone: number) => void,
  fill: FillActors,
): void {
  for (let first = from; first < to; first += SLICE_ACTORS) {
    checkpoint(first - from);
    fill(first, Math.min(first + SLICE_ACTORS, to));
  }
}
