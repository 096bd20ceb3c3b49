/**
 * Small numbers 0, 1, 2, … for the keys that occur, in order of first sight. Keys are whole numbers below `keyCount`:
 * a flat table where that is affordable, else a map.
 */
export interface KeyIndex {
  readonly idOf: (key: number) => number;
  /** Keys by id. */
  readonly keys: readonly number[];
}
const FLAT_LIMIT = 1 << 22;

export function createKeyIndex(keyCount: number): KeyIndex {
  const keys: number[] = [];
  if (keyCount <= FLAT_LIMIT) {
    // 0 = not seen, else id + 1
    const flat = new Int32Array(keyCount);
    const idOf = (key: number): number => {
      const known = flat[key] ?? 0;
      return known === 0 ? (flat[key] = keys.push(key)) - 1 : known - 1;
    };
    return { idOf, keys };
  }
  const map = new Map<number, number>();
  const idOf = (key: number): number => {
    const known = map.get(key);
    if (known !== undefined) return known;
    map.set(key, keys.length);
    return keys.push(key) - 1;
  };
  return { idOf, keys };
}

/** Adds to a growing column that starts as zeros. */
export function addTo(column: number[], id: number, value: number): void {
  while (column.length <= id) column.push(0);
  column[id] = (column[id] ?? 0) + value;
}

/** Counts distinct actors per id; actors must come in order. */
export interface ActorCounter {
  readonly counts: number[];
  readonly add: (id: number, actor: number) => void;
}
export function createActorCounter(): ActorCounter {
  const counts: number[] = [];
  const last: number[] = [];
  const add = (id: number, actor: number): void => {
    while (counts.length <= id) {
      counts.push(0);
      last.push(-1);
    }
    if (last[id] === actor) return;
    last[id] = actor;
    counts[id] = (counts[id] ?? 0) + 1;
  };
  return { counts, add };
}

/** A counted column as sent between threads, padded with zeros to `length`. */
export function freezeColumn(column: readonly number[], length: number): Float64Array {
  const frozen = new Float64Array(length);
  frozen.set(column);
  return frozen;
}
