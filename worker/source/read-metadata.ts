/**
 * Picks keys out of a JSON object without building it. Values as text: strings as they are, `true` = "true", integers
 * as written, other numbers as JavaScript writes them, objects and lists as JSON; null and missing = null.
 *
 *   read('{"user_id":"u1","paid":true,"n":1.50}')  with keys user_id, paid, n  →  ['u1', 'true', '1.5']
 */
export class MetadataReader {
  /** By key, in the order asked for; valid until the next `read`. */
  readonly values: (string | null)[];
  readonly #indexOf: ReadonlyMap<string, number>;

  constructor(keys: readonly string[]) {
    this.values = keys.map(() => null);
    this.#indexOf = new Map(keys.map((key, index) => [key, index]));
  }

  /** False when the text is no JSON object; values are then all null. */
  read(text: string): boolean {
    this.values.fill(null);
    if (this.#readFlat(text)) return true;
    this.values.fill(null);
    return this.#readAny(text);
  }

  /** One pass over the usual form: no escapes, no nesting. Anything else is left to JSON.parse. */
  #readFlat(text: string): boolean {
    const end = text.length;
    if (text.charCodeAt(0) !== OPEN) return false;
    let at = 1;
    if (text.charCodeAt(1) === CLOSE) return end === 2;
    for (;;) {
      if (text.charCodeAt(at) !== QUOTE) return false;
      const keyEnd = plainStringEnd(text, at + 1);
      if (keyEnd < 0) return false;
      let from = keyEnd + 1;
      if (text.charCodeAt(from) !== COLON) return false;
      from++;
      if (text.charCodeAt(from) === SPACE) from++;
      const isString = text.charCodeAt(from) === QUOTE;
      const to = isString ? plainStringEnd(text, from + 1) : bareEnd(text, from);
      if (to < 0) return false;
      const index = this.#indexOf.get(text.slice(at + 1, keyEnd));
      const bare = isString ? null : text.slice(from, to);
      if (bare !== null && !BARE.test(bare)) return false;
      if (index !== undefined) this.values[index] = bare === null ? text.slice(from + 1, to) : bareText(bare);
      at = isString ? to + 1 : to;
      const next = text.charCodeAt(at);
      if (next === CLOSE) return at === end - 1;
      if (next !== COMMA) return false;
      at++;
      if (text.charCodeAt(at) === SPACE) at++;
    }
  }

  #readAny(text: string): boolean {
    let object: unknown;
    try {
      object = JSON.parse(text, keepIntegers);
    } catch {
      return false;
    }
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return false;
    for (const [key, value] of Object.entries(object)) {
      const index = this.#indexOf.get(key);
      if (index !== undefined) this.values[index] = valueText(value);
    }
    return true;
  }
}

/** Top-level keys whose value is JSON null, e.g. 1 for `{"a":null,"b":1}`; 0 for what is no object. */
export function countNullKeys(text: string): number {
  if (!text.includes('null')) return 0;
  try {
    const object: unknown = JSON.parse(text);
    return typeof object === 'object' && object !== null && !Array.isArray(object)
      ? Object.values(object).filter((v) => v === null).length
      : 0;
  } catch {
    return 0;
  }
}

const OPEN = 123;
const CLOSE = 125;
const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const COMMA = 44;
const SPACE = 32;
/** What JSON allows without quotes. */
const BARE = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** Index of the closing quote; -1 when there is an escape, a control character or no end. */
function plainStringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) return at;
    if (c === BACKSLASH || c < SPACE) return -1;
  }
  return -1;
}

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

/** Integers beyond 2^53 keep their digits where the engine tells the source text (V8 11.4 and later). */
function keepIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const digits = context?.source;
  return typeof value === 'number' && digits !== undefined && !Number.isSafeInteger(value) && /^-?\d+$/.test(digits)
    ? digits
    : value;
}

function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean);
}
