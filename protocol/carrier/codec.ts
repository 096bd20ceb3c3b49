/**
 * Messages as bytes, for carriers without structured clone (WebSocket). Plain data and binary columns only:
 *
 *   u32 length of head · u32 number of attachments · u32 length of each · head (JSON) · attachments, 8-byte aligned
 *
 * so that a Float64Array is a view on what was received, not a copy. What JSON lacks is written as an object with
 * the key `$`: `{ "$": "undefined" }`, `{ "$": "number", "text": "NaN" }`, `{ "$": "bigint", "text": "9" }`,
 * `{ "$": "Float64Array", "at": 0 }`. A key of the data that consists of dollar signs gets one more.
 */
const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type ViewName = keyof typeof VIEWS;

export interface CodecLimits {
  readonly maxBytes: number;
  /** Levels of nesting. */
  readonly maxDepth: number;
}
export const DEFAULT_LIMITS: CodecLimits = { maxBytes: 256 * 1024 * 1024, maxDepth: 100 };
const MAX_ATTACHMENTS = 10_000;
const DOLLARS = /^\$+$/;

/** Throws TypeError for what is not data (functions, symbols, class instances). */
export function encode(value: unknown, limits: CodecLimits = DEFAULT_LIMITS): Uint8Array<ArrayBuffer> {
  const attachments: Uint8Array[] = [];
  const head = new TextEncoder().encode(JSON.stringify(toJson(value, attachments, limits.maxDepth)));
  const headStart = 8 + 4 * attachments.length;
  const starts: number[] = [];
  let end = headStart + head.byteLength;
  for (const attachment of attachments) {
    starts.push(align(end));
    end = align(end) + attachment.byteLength;
  }
  if (end > limits.maxBytes) throw new RangeError(`message of ${end} bytes is over the limit of ${limits.maxBytes}`);
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, head.byteLength, true);
  view.setUint32(4, attachments.length, true);
  attachments.forEach((attachment, i) => view.setUint32(8 + 4 * i, attachment.byteLength, true));
  bytes.set(head, headStart);
  attachments.forEach((attachment, i) => bytes.set(attachment, starts[i]));
  return bytes;
}

/** Throws TypeError or RangeError for anything that `encode` does not make. */
export function decode(input: ArrayBuffer, limits: CodecLimits = DEFAULT_LIMITS): unknown {
  if (input.byteLength > limits.maxBytes)
    throw new RangeError(`message of ${input.byteLength} bytes is over the limit of ${limits.maxBytes}`);
  const { head, attachments } = split(input);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(head));
  } catch (cause) {
    throw new TypeError('malformed message: head is not JSON', { cause });
  }
  return fromJson(json, attachments, limits.maxDepth);
}

const align = (offset: number): number => (offset + 7) & ~7;

function split(input: ArrayBuffer): { head: Uint8Array; attachments: Uint8Array<ArrayBuffer>[] } {
  const view = new DataView(input);
  const headLength = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  if (count > MAX_ATTACHMENTS) throw new RangeError('malformed message: too many attachments');
  const headStart = 8 + 4 * count;
  let end = headStart + headLength;
  const head = new Uint8Array(input, headStart, headLength);
  const attachments: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(8 + 4 * i, true);
    attachments.push(new Uint8Array(input, align(end), length));
    end = align(end) + length;
  }
  if (end !== input.byteLength) throw new RangeError('malformed message: wrong length');
  return { head, attachments };
}

function toJson(value: unknown, attachments: Uint8Array[], depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { $: 'number', text: Object.is(value, -0) ? '-0' : String(value) };
  if (value === undefined) return { $: 'undefined' };
  if (typeof value === 'bigint') return { $: 'bigint', text: String(value) };
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} cannot be sent`);
  if (depth === 0) throw new RangeError('message is nested too deep');
  if (Array.isArray(value)) return value.map((item) => toJson(item, attachments, depth - 1));
  if (value instanceof ArrayBuffer) return attach('ArrayBuffer', new Uint8Array(value), attachments);
  if (ArrayBuffer.isView(value))
    return attach(viewName(value), new Uint8Array(value.buffer, value.byteOffset, value.byteLength), attachments);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`a ${value.constructor.name} cannot be sent`);
  const json: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value))
    setOwn(json, DOLLARS.test(key) ? `$${key}` : key, toJson(item, attachments, depth - 1));
  return json;
}

function attach(name: ViewName | 'ArrayBuffer', bytes: Uint8Array, attachments: Uint8Array[]): unknown {
  attachments.push(bytes);
  return { $: name, at: attachments.length - 1 };
}

function viewName(view: ArrayBufferView): ViewName {
  // Node's Buffer is a Uint8Array of another name.
  const name = Object.keys(VIEWS).find((known) => view instanceof VIEWS[known as ViewName]);
  if (name === undefined) throw new TypeError(`a ${view.constructor.name} cannot be sent`);
  return name as ViewName;
}

function fromJson(json: unknown, attachments: readonly Uint8Array<ArrayBuffer>[], depth: number): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (depth === 0) throw new RangeError('message is nested too deep');
  if (Array.isArray(json)) return json.map((item) => fromJson(item, attachments, depth - 1));
  if (Object.hasOwn(json, '$')) return fromTag(json as Record<string, unknown>, attachments);
  const value: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(json))
    setOwn(value, DOLLARS.test(key) ? key.slice(1) : key, fromJson(item, attachments, depth - 1));
  return value;
}

function fromTag(tag: Record<string, unknown>, attachments: readonly Uint8Array<ArrayBuffer>[]): unknown {
  const name = tag['$'];
  const text = typeof tag['text'] === 'string' ? tag['text'] : '';
  if (name === 'undefined') return undefined;
  if (name === 'number') return Number(text);
  if (name === 'bigint' && /^-?\d{1,400}$/.test(text)) return BigInt(text);
  const bytes = typeof tag['at'] === 'number' ? attachments[tag['at']] : undefined;
  if (bytes === undefined || typeof name !== 'string') throw new TypeError('malformed message: unknown tag');
  if (name === 'ArrayBuffer') return bytes.slice().buffer;
  if (!Object.hasOwn(VIEWS, name)) throw new TypeError('malformed message: unknown tag');
  const View = VIEWS[name as ViewName];
  return new View(bytes.buffer, bytes.byteOffset, bytes.byteLength / View.BYTES_PER_ELEMENT);
}

/** Plain assignment to the key `__proto__` would change the prototype instead of making a property. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
