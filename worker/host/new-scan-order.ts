import type { ScanOrder } from '../segment/scan-order.ts';
import type { ScanOrderFile } from './scan-order-file.ts';

/** Where the scan rows of a segment with `length` events go that grew out of one with `like`. */
export type NewScanOrder = (like: ScanOrder, length: number) => ScanOrder;
export const createScanOrder =
  (createFile: (length: number) => ScanOrderFile): NewScanOrder =>
  (like, length) =>
    like.kind === 'file'
      ? createFile(length)
      : { kind: 'memory', rows: new Uint32Array(new SharedArrayBuffer(4 * length)) };
