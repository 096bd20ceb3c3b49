// Wire codec for WebSocket: JSON head + raw binary attachments, 8-byte aligned so that
// Float64Array views can be made without a copy on the receiving side.
const TA = { Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array } as const;
type TAName = keyof typeof TA;
const align = (n: number): number => (n + 7) & ~7;

export function encode(value: unknown): Uint8Array {
  const bufs: Uint8Array[] = [];
  const head = JSON.stringify(walk(value));
  function add(u8: Uint8Array): number { bufs.push(u8); return bufs.length - 1; }
  function walk(v: unknown): unknown {
    if (v === undefined) return { $: 'u' };
    if (v === null || typeof v === 'string' || typeof v === 'boolean') return v;
    if (typeof v === 'number') return Number.isFinite(v) && !Object.is(v, -0) ? v : { $: 'n', v: Object.is(v, -0) ? '-0' : String(v) };
    if (typeof v === 'bigint') return { $: 'i', v: v.toString() };
    if (v instanceof ArrayBuffer) return { $: 'b', i: add(new Uint8Array(v)) };
    if (ArrayBuffer.isView(v)) {
      const name = v.constructor.name === 'Buffer' ? 'Uint8Array' : v.constructor.name;
      return { $: 't', n: name, i: add(new Uint8Array(v.buffer as ArrayBuffer, v.byteOffset, v.byteLength)) };
    }
    if (v instanceof Date) return { $: 'd', v: v.getTime() };
    if (v instanceof Map) return { $: 'm', v: [...v].map(([k, x]) => [walk(k), walk(x)]) };
    if (v instanceof Set) return { $: 's', v: [...v].map(walk) };
    if (v instanceof Error) return { $: 'e', name: v.name, message: v.message, stack: v.stack };
    if (Array.isArray(v)) return v.map(walk);
    if (typeof v === 'object') {
      const o: Record<string, unknown> = {};
      for (const [k, x] of Object.entries(v)) if (typeof x !== 'function' && x !== undefined) o[k === '$' ? '$$' : k] = walk(x);
      return o;
    }
    throw new TypeError(`cannot encode ${typeof v}`);
  }
  const headBytes = new TextEncoder().encode(head);
  let off = align(8 + 4 * bufs.length + headBytes.length);
  const starts: number[] = [];
  for (const b of bufs) { starts.push(off); off = align(off + b.byteLength); }
  const out = new Uint8Array(off);
  const dv = new DataView(out.buffer);
  dv.setUint32(0, headBytes.length, true);
  dv.setUint32(4, bufs.length, true);
  bufs.forEach((b, i) => dv.setUint32(8 + 4 * i, b.byteLength, true));
  out.set(headBytes, 8 + 4 * bufs.length);
  bufs.forEach((b, i) => out.set(b, starts[i]!));
  return out;
}
export function decode(input: ArrayBuffer): unknown {
  const dv = new DataView(input);
  const hl = dv.getUint32(0, true), n = dv.getUint32(4, true);
  const lens = Array.from({ length: n }, (_, i) => dv.getUint32(8 + 4 * i, true));
  const head = new TextDecoder().decode(new Uint8Array(input, 8 + 4 * n, hl));
  let off = align(8 + 4 * n + hl);
  const starts = lens.map((l) => { const s = off; off = align(off + l); return s; });
  const un = (v: any): unknown => {
    if (v === null || typeof v !== 'object') return v;
    if (Array.isArray(v)) return v.map(un);
    switch (v.$) {
      case 'u': return undefined;
      case 'n': return Number(v.v);
      case 'i': return BigInt(v.v);
      case 'b': return input.slice(starts[v.i]!, starts[v.i]! + lens[v.i]!);
      case 't': { const C = TA[v.n as TAName] as any; return new C(input, starts[v.i]!, lens[v.i]! / C.BYTES_PER_ELEMENT); }
      case 'd': return new Date(v.v);
      case 'm': return new Map(v.v.map(([k, x]: [unknown, unknown]) => [un(k), un(x)]));
      case 's': return new Set(v.v.map(un));
      case 'e': { const e = new Error(v.message); e.name = v.name; e.stack = v.stack; return e; }
      default: { const o: Record<string, unknown> = {}; for (const k of Object.keys(v)) o[k === '$$' ? '$' : k] = un(v[k]); return o; }
    }
  };
  return un(JSON.parse(head));
}

