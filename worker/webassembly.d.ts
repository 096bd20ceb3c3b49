/** The part of WebAssembly's JavaScript API that the engine uses: neither @types/node nor the ES libraries have it. */
export {};
declare global {
  namespace WebAssembly {
    interface MemoryDescriptor {
      initial: number;
      maximum: number;
      shared: true;
    }
    class Memory {
      constructor(descriptor: MemoryDescriptor);
      readonly buffer: SharedArrayBuffer;
      /** Pages of 64 KiB before; throws RangeError. */
      grow(pages: number): number;
    }
    class Module {
      constructor(bytes: Uint8Array);
    }
    class Instance {
      constructor(module: Module, imports: Record<string, Record<string, unknown>>);
      readonly exports: Record<string, unknown>;
    }
  }
}
