import { MetadataReader } from '../read-metadata.ts';
import { jsonText, readCell, readText } from './cells.ts';
import type { Tuple } from './copy-rows.ts';
import type { RowColumns } from './row-columns.ts';
import type { PropertyPlan, RowPlan } from './scan-sql.ts';

const TOO_LARGE_MARK = 3;
const QUOTE = 34;
const BACKSLASH = 92;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What else a row is, for properties that are not in its cells. */
export interface RowNames {
  readonly event: () => string;
  readonly actor: () => Uint8Array;
}

/** The values of properties in the cells of a row. `fail` hears of values that were too large to be sent. */
export class RowValues {
  readonly #names: RowNames;
  readonly #fail: () => void;
  readonly #metadata: MetadataReader | null;
  readonly #keyAt: ReadonlyMap<string, number>;
  readonly #json: number;

  constructor({ properties, actorProperty, json }: RowPlan, names: RowNames, fail: () => void) {
    const keys = [...properties, actorProperty].flatMap((p) => (p?.kind === 'key' ? [p.key] : []));
    this.#metadata = keys.length === 0 ? null : new MetadataReader(keys);
    this.#keyAt = new Map(keys.map((key, i) => [key, i]));
    this.#json = json;
    this.#names = names;
    this.#fail = fail;
  }

  /** Before anything is asked of a row. False = its JSON column holds no object. */
  read(tuple: Tuple): boolean {
    if (this.#metadata === null) return true;
    if ((tuple.lengths[this.#json] ?? -1) > 0) return this.#metadata.read(readText(tuple, this.#json));
    this.#metadata.clear();
    return true;
  }

  /** Puts the value into the column of property `p`, if it is set. */
  putInto(columns: RowColumns, p: number, tuple: Tuple, plan: PropertyPlan): void {
    const { bytes, starts, lengths } = tuple;
    if (plan.kind === 'json' || (plan.kind === 'column' && plan.cell === 'text')) {
      const length = lengths[plan.at] ?? -1;
      if (length < 0) return;
      let from = starts[plan.at] ?? 0;
      let to = from + length;
      const isPlain = plan.kind === 'column' || isPlainString(bytes, from + 1, to);
      if (plan.kind === 'json') [from, to] = [from + 2, to - 1];
      if (isPlain)
        return to - from === 1 && bytes[from] === TOO_LARGE_MARK ? this.#fail() : columns.putValue(p, bytes, from, to);
    }
    const value = this.valueOf(tuple, plan);
    if (value === null) return;
    const text = encoder.encode(value);
    columns.putValue(p, text, 0, text.length);
  }

  valueOf(tuple: Tuple, plan: PropertyPlan): string | null {
    switch (plan.kind) {
      case 'none':
        return null;
      case 'key':
        return this.#metadata?.values[this.#keyAt.get(plan.key) ?? -1] ?? null;
      case 'event':
        return this.#names.event();
      case 'actor':
        return decoder.decode(this.#names.actor());
      case 'column': {
        const cell = readCell(tuple, plan.at, plan.cell);
        return cell === null ? null : this.#orTooLarge(String(cell));
      }
      case 'json': {
        if ((tuple.lengths[plan.at] ?? -1) < 0) return null;
        const text = jsonText(readText(tuple, plan.at).slice(1));
        return text === null ? null : this.#orTooLarge(text);
      }
    }
  }

  #orTooLarge(text: string): string | null {
    if (text !== '\u0003') return text;
    this.#fail();
    return null;
  }
}

export const isTooLarge = ({ bytes, starts, lengths }: Tuple, at: number): boolean =>
  lengths[at] === 1 && bytes[starts[at] ?? 0] === TOO_LARGE_MARK;

/** A JSON string without escapes, quotes included. */
function isPlainString(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] !== QUOTE) return false;
  for (let i = from + 1; i < to - 1; i++) if (bytes[i] === BACKSLASH) return false;
  return true;
}
