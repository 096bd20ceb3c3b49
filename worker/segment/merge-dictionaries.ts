import { buildStringTable, decodeStrings, type StringTable } from './string-table.ts';

/** One dictionary out of several, and for each of them its local codes as codes of the merged one. */
export interface MergedDictionary {
  readonly values: StringTable;
  readonly codes: readonly Uint32Array[];
}
const CHECK_EVERY = 1 << 12;

/** Order of first appearance over the tables in turn: the reference of `assemble/dictionary.ts`. `check` may throw. */
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
