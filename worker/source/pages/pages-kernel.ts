import { WASM } from '../../kernels/generated/pages.ts';
import { defineKernel } from '../../kernels/load-kernel.ts';

/** Exports of worker/kernels/assembly/pages.ts. All pointers are offsets into the memory of the build. */
export type PagesKernel = {
  readonly parse: (state: number) => number;
  readonly flush: (state: number) => number;
  readonly putOddRow: (state: number, rowid: number, time: number, recordedAt: number) => number;
  readonly moveHours: (state: number, table: number, mask: number) => number;
  readonly moveStrings: (...args: number[]) => number;
  readonly takeLeaves: (...args: number[]) => number;
  readonly exportStrings: (column: number, bytes: number, offsets: number, from: number, to: number) => number;
};
export const pagesKernel = defineKernel<PagesKernel>(WASM);
