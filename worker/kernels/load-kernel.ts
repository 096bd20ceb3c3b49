import type { ColumnMemory } from '../segment/column-memory.ts';

/** The exports of a kernel: pointers, indexes and counts as numbers. */
export type KernelExports = Readonly<Record<string, (...args: number[]) => number>>;

/** A compiled kernel: `E` says what it exports. Instances are made per memory and kept as long as that lives. */
export interface Kernel<E extends KernelExports> {
  on(memory: ColumnMemory): E;
}

/** `base64` is the module that `npm run kernels` made of `worker/kernels/assembly/<name>.ts`. Compiled at first use. */
export function defineKernel<E extends KernelExports>(base64: string): Kernel<E> {
  let module: WebAssembly.Module | null = null;
  const instances = new WeakMap<ColumnMemory, E>();
  return {
    on(memory) {
      let exports = instances.get(memory);
      if (exports === undefined) {
        module ??= new WebAssembly.Module(Buffer.from(base64, 'base64'));
        const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
        exports = instance.exports as unknown as E;
        instances.set(memory, exports);
      }
      return exports;
    },
  };
}

function abort(): never {
  throw new Error('a kernel reached what it holds impossible');
}
