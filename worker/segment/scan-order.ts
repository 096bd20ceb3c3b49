/**
 * Where the scan rows of a segment's events are (u32 an event, in event order): columns scanned later and the way back to
 * the source need them, questions do not. A file holds them in this machine's byte order, from byte `at` on.
 */
export type ScanOrder =
  | { readonly kind: 'memory'; readonly rows: Uint32Array }
  | { readonly kind: 'file'; readonly path: string; readonly at: number; readonly length: number };
