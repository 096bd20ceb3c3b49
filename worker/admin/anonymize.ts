import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { EngineError } from '../../protocol/errors.ts';
import { fileError } from '../source/check-file.ts';

/** Values of these keys are words of the model, not of people. */
const KEPT = new Set(['plan', 'period', 'status', 'currency']);
const EMAIL = /\S@\S/;
/** Numbers, times and UUIDs written as text. */
const FORMAL =
  /^(?:-?\d+(?:\.\d+)?|\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const LEAST_KEY = 32;

/**
 * Replaces e-mail addresses and free text by a keyed hash: the same text becomes the same mark in every snapshot made with
 * the same key, and nobody without the key can tell which text it was, or try one. Ids stay, unless they are addresses.
 */
export class Anonymizer {
  readonly #key: string;
  readonly #kept: ReadonlySet<string>;
  readonly #known = new Map<string, string>();

  /** `keep`: further keys of metadata whose values stay. */
  constructor(key: string, keep: readonly string[] = []) {
    this.#key = key;
    this.#kept = new Set([...KEPT, ...keep]);
  }

  /** Tells two keys apart without telling them. */
  get fingerprint(): string {
    return this.text('key of this snapshot').slice(5, 13);
  }

  text(value: string): string {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const mark = `anon_${createHmac('sha256', this.#key).update(value).digest('base64url').slice(0, 22)}`;
    if (this.#known.size > 200_000) this.#known.clear();
    this.#known.set(value, mark);
    return mark;
  }

  id(value: string): string {
    return EMAIL.test(value) ? this.text(value) : value;
  }

  /** Metadata as JSON text; what is no JSON object becomes a mark inside one. */
  metadata(text: string): string {
    try {
      return JSON.stringify(this.#walk(JSON.parse(text), ''));
    } catch {
      return JSON.stringify({ unreadable: this.text(text) });
    }
  }

  #walk(value: unknown, key: string): unknown {
    if (typeof value === 'string') return this.#value(value, key);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#walk(item, key));
    const entries = Object.entries(value).map(([name, inner]) => [this.id(name), this.#walk(inner, name)] as const);
    return Object.fromEntries(entries);
  }

  #value(value: string, key: string): string {
    if (EMAIL.test(value)) return this.text(value);
    const stays = value === '' || key.endsWith('_id') || this.#kept.has(key) || FORMAL.test(value);
    return stays ? value : this.text(value);
  }
}

/** The key in this file; made when there is none, readable by its owner alone. Throws E_REFUSED when others can read it. */
export function readKeyFile(path: string): string {
  try {
    writeFileSync(path, `${randomBytes(LEAST_KEY).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(thrown, path);
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new EngineError('E_REFUSED', 'Others can read the key file.', { hint: `Run chmod 600 ${path}.` });
  return checkKey(readFileSync(path, 'utf8').trim(), path);
}

/** Throws E_USAGE when there is none, or one that could be guessed. */
export function readKeyVariable(name: string, env: Readonly<Record<string, string | undefined>>): string {
  return checkKey(env[name] ?? '', `The variable ${name}`);
}

function checkKey(key: string, where: string): string {
  if (key.length >= LEAST_KEY) return key;
  throw new EngineError('E_USAGE', `${where} holds no key of at least ${LEAST_KEY} characters.`, {
    hint: 'Make one with `openssl rand -base64 32`, or name a new --key-file: then one is made.',
  });
}
