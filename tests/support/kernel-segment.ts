import { allocate, createColumnMemory, viewU16, viewU32, viewU8 } from '../../worker/segment/column-memory.ts';
import type { PropertyColumn, Segment, TypeColumn } from '../../worker/segment/segment.ts';

/** The same segment with its columns where kernels read them, as the real builder leaves them. */
export function toKernelSegment(segment: Segment): Segment {
  const memory = createColumnMemory();
  const copy = <T extends Uint8Array | Uint16Array | Uint32Array>(
    view: (memory: WebAssembly.Memory, at: number, length: number) => T,
    values: TypeColumn,
    width: number,
  ): T => {
    const column = view(memory, allocate(memory, width * values.length), values.length);
    column.set(values);
    return column;
  };
  const narrow = (values: TypeColumn, codes: number): TypeColumn =>
    codes <= 0x100 ? copy(viewU8, values, 1) : codes <= 0x1_0000 ? copy(viewU16, values, 2) : copy(viewU32, values, 4);
  const properties = [...segment.properties].map(([name, { codes, values }]): [string, PropertyColumn] => [
    name,
    { codes: narrow(codes, values.length + 1), values },
  ]);
  return {
    ...segment,
    memory,
    offsets: copy(viewU32, segment.offsets, 4),
    seconds: copy(viewU32, segment.seconds, 4),
    millis: copy(viewU16, segment.millis, 2),
    types: narrow(segment.types, segment.eventNames.length),
    properties: new Map(properties),
  };
}
