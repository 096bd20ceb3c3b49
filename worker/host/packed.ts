/** Documented, and left out of the types. */
declare module 'v8' {
  interface DefaultSerializer {
    _writeHostObject(view: View): void;
  }
  interface DefaultDeserializer {
    _readHostObject(): unknown;
  }
}

type View = ArrayBufferView<ArrayBufferLike>;
/** A structured-cloneable value as bytes in shared memory, and the columns of it that lie there already. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly columns: readonly View[];
}

/**
 * Partials go from thread to thread past the host. A hundred thousand groups as objects would be read and written
 * again by the host on the way, which is then deaf for seconds; packed, it passes on pointers. A column with a shared
 * buffer of its own is not copied at all: it must not be written to any more. Views on a part of a buffer, as kernels'
 * working space is, are copied.
 */
export function pack(value: unknown): Packed {
  const writer = getClasses().newWriter();
  writer.writeHeader();
  writer.writeValue(value);
  const written = writer.releaseBuffer();
  const bytes = new Uint8Array(new SharedArrayBuffer(written.length));
  bytes.set(written);
  return { bytes, columns: writer.columns };
}

export function unpack({ bytes, columns }: Packed): unknown {
  const reader = getClasses().newReader(bytes.slice(), columns);
  reader.readHeader();
  return reader.readValue();
}

const COPIED = 0;
const SHARED = 1;

let classes: ReturnType<typeof makeClasses> | null = null;
const getClasses = (): ReturnType<typeof makeClasses> => (classes ??= makeClasses());

/** Made when first needed: an answer that is not sent anywhere does not wait for `node:v8`. */
function makeClasses() {
  const { DefaultDeserializer, DefaultSerializer } = process.getBuiltinModule('node:v8');

  class PackWriter extends DefaultSerializer {
    readonly columns: View[] = [];

    /** Called by v8 for every view. */
    override _writeHostObject(view: View): void {
      const own = view.byteOffset === 0 && view.byteLength === view.buffer.byteLength;
      if (own && view.buffer instanceof SharedArrayBuffer) {
        this.writeUint32(SHARED);
        this.writeUint32(this.columns.push(view) - 1);
        return;
      }
      this.writeUint32(COPIED);
      super._writeHostObject(view);
    }
  }

  class PackReader extends DefaultDeserializer {
    private readonly columns: readonly View[];

    constructor(bytes: Uint8Array, columns: readonly View[]) {
      super(bytes);
      this.columns = columns;
    }

    override _readHostObject(): unknown {
      if (this.readUint32() === COPIED) return super._readHostObject();
      return this.columns[this.readUint32()];
    }
  }

  return {
    newWriter: () => new PackWriter(),
    newReader: (bytes: Uint8Array, columns: readonly View[]) => new PackReader(bytes, columns),
  };
}
