import { buildStringTable, decodeStrings, type StringTable } from './string-table.ts';

/** One dictionary out of several, and for each of them its local codes as codes of the merged one. */
export interface MergedDictionary {
  readonly values: StringTable;
  readonly codes: readonly Uint32Array[];
}
const CHECK_EVERY = 1 << 12;

/** Order by code units: the order in which actors are listed everywhere. `check` may throw. */
export function mergeSorted(tables: readonly StringTable[], check: () => void): MergedDictionary {
  const { codeOf, codes } = join(tables, check);
  let compared = 0;
  const names = [...codeOf.keys()].sort((a, b) => {
    // A million names take seconds to sort: throwing from here is the way to stop that.
    if (++compared % CHECK_EVERY === 0) check();
    return a < b ? -1 : a > b ? 1 : 0;
  });
  const rank = new Uint32Array(names.length);
  names.forEach((name, at) => {
    if (at % CHECK_EVERY === 0) check();
    rank[codeOf.get(name) ?? 0] = at;
  });
  return { values: buildStringTable(names, check), codes: codes.map((list) => list.map((code) => rank[code] ?? 0)) };
}

/** Order of first appearance over the tables in turn. `check` may throw. */
export function mergeInOrder(tables: readonly StringTable[], check: () => void): MergedDictionary {
  const { codeOf, codes } = join(tables, check);
  return { values: buildStringTable([...codeOf.keys()], check), codes };
}

function join(
  tables: readonly StringTable[],
  check: () => void,
): { readonly codeOf: ReadonlyMap<string, number>; readonly codes: readonly Uint32Array[] } {
  const codeOf = new Map<string, number>();
  const codes = tables.map((table) => {
    const local = new Uint32Array(table.length);
    decodeStrings(table, check).forEach((name, i) => {
      if (i % CHECK_EVERY === 0) check();
      let code = codeOf.get(name);
      if (code === undefined) codeOf.set(name, (code = codeOf.size));
      local[i] = code;
    });
    return local;
  });
  return { codeOf, codes };
}
