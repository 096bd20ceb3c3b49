/**
 * Picks keys out of a JSON object without building it. Values as text: strings as they are, `true` = "true", integers
 * as written, other numbers as JavaScript writes them, objects and lists as JSON; null and missing = null.
 *
 *   read('{"user_id":"u1","paid":true,"n":1.50}')  with keys user_id, paid, n  →  ['u1', 'true', '1.5']
 */
export class MetadataReader {
  /** By key, in the order asked for; valid until the next `read`. */
  readonly values: (string | null)[];
  /** Some key of the last text is there with the value null. */
  hasNull = false;
  /** The last text has characters beyond ASCII. */
  nonAscii = false;
  readonly #indexOf: ReadonlyMap<string, number>;
  /** Bit n: some key asked for has n characters (modulo 32). Most other keys are passed over without a look-up. */
  readonly #lengths: number;
  /** All character codes of the text so far, or-ed together. */
  #bits = 0;

  constructor(keys: readonly string[]) {
    this.values = keys.map(() => null);
    this.#indexOf = new Map(keys.map((key, index) => [key, index]));
    this.#lengths = keys.reduce((bits, key) => bits | (1 << (key.length & 31)), 0);
  }

  /** False when the text is no JSON object; values are then all null. */
  read(text: string): boolean {
    this.clear();
    const flat = this.#readFlat(text);
    if (flat) this.nonAscii = this.#bits > 127;
    if (flat) return true;
    this.clear();
    this.nonAscii = NON_ASCII.test(text);
    return this.#readAny(text);
  }

  clear(): void {
    this.values.fill(null);
    this.hasNull = false;
    this.nonAscii = false;
    this.#bits = 0;
  }

  /** One pass over the usual form: no escapes, no nesting. Anything else is left to JSON.parse. */
  #readFlat(text: string): boolean {
    const end = text.length;
    if (text.charCodeAt(0) !== OPEN) return false;
    if (text.charCodeAt(1) === CLOSE) return end === 2;
    for (let at = 1; ; at++) {
      if (text.charCodeAt(at) === SPACE) at++;
      if (text.charCodeAt(at) !== QUOTE) return false;
      const keyEnd = this.#stringEnd(text, at + 1);
      if (keyEnd < 0 || text.charCodeAt(keyEnd + 1) !== COLON) return false;
      const length = keyEnd - at - 1;
      const index =
        (this.#lengths & (1 << (length & 31))) === 0 ? undefined : this.#indexOf.get(text.slice(at + 1, keyEnd));
      at = keyEnd + (text.charCodeAt(keyEnd + 2) === SPACE ? 3 : 2);
      at = text.charCodeAt(at) === QUOTE ? this.#takeString(text, at + 1, index) : this.#takeBare(text, at, index);
      if (at < 0) return false;
      const next = text.charCodeAt(at);
      if (next === CLOSE) return at === end - 1;
      if (next !== COMMA) return false;
    }
  }

  /** Index behind the closing quote, or -1. */
  #takeString(text: string, from: number, index: number | undefined): number {
    const to = this.#stringEnd(text, from);
    if (to < 0) return -1;
    if (index !== undefined) this.values[index] = text.slice(from, to);
    return to + 1;
  }

  /** A number, true, false or null up to the next comma or brace; -1 when it is none of these. */
  #takeBare(text: string, from: number, index: number | undefined): number {
    const to = bareEnd(text, from);
    if (to < 0) return -1;
    const token = text.slice(from, to);
    if (!BARE.test(token)) return -1;
    if (token === 'null') this.hasNull = true;
    if (index !== undefined) this.values[index] = bareText(token);
    return to;
  }

  /** Index of the closing quote; -1 when there is an escape, a control character or no end. */
  #stringEnd(text: string, from: number): number {
    const end = text.length;
    let bits = this.#bits;
    for (let at = from; at < end; at++) {
      const c = text.charCodeAt(at);
      if (c === QUOTE) {
        this.#bits = bits;
        return at;
      }
      if (c === BACKSLASH || c < SPACE) return -1;
      bits |= c;
    }
    return -1;
  }

  #readAny(text: string): boolean {
    const object = parseObject(text);
    if (object === null) return false;
    for (const [key, value] of Object.entries(object)) {
      if (value === null) this.hasNull = true;
      const index = this.#indexOf.get(key);
      if (index !== undefined) this.values[index] = valueText(value);
    }
    return true;
  }
}

/** Every key with its value as text; [] when the text is no JSON object. */
export function readAllKeys(text: string): readonly (readonly [key: string, value: string | null])[] {
  return Object.entries(parseObject(text) ?? {}).map(([key, value]) => [key, valueText(value)]);
}

function parseObject(text: string): object | null {
  try {
    const object: unknown = JSON.parse(text, keepIntegers);
    return typeof object === 'object' && object !== null && !Array.isArray(object) ? object : null;
  } catch {
    return null;
  }
}

// oxlint-disable-next-line no-control-regex
const NON_ASCII = /[^\x00-\x7f]/;
const OPEN = 123;
const CLOSE = 125;
const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const COMMA = 44;
const SPACE = 32;
/** What JSON allows without quotes. */
const BARE = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

function bareEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === COMMA || c === CLOSE) return at;
  }
  return -1;
}

function bareText(token: string): string | null {
  if (token === 'null') return null;
  if (token === 'true' || token === 'false' || /^-?\d+$/.test(token)) return token;
  return String(Number(token));
}

/** Integers beyond 2^53 keep their digits where the engine can tell and keep them (V8 11.4 and later). */
function keepIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const digits = context?.source;
  const isLarge =
    typeof value === 'number' && !Number.isSafeInteger(value) && digits !== undefined && /^-?\d+$/.test(digits);
  return isLarge ? ((JSON as { rawJSON?: (text: string) => unknown }).rawJSON?.(digits) ?? value) : value;
}

function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean);
}
