import { WASM } from '../kernels/generated/rollup.ts';
import { defineKernel } from '../kernels/load-kernel.ts';

type Exports = 'tally' | 'tallyOne';
type RollupKernel = Readonly<
  Record<`${Exports}${16 | 32}` | `${'countCodes' | 'addSums'}${8 | 16 | 32}`, (...args: number[]) => number>
>;
export const rollupKernel = defineKernel<RollupKernel>(WASM);
