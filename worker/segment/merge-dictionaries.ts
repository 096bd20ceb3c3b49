import { buildStringTable, iterateStrings, type StringTable } from './string-table.ts';

/** One dictionary out of several, and for each of them its local codes as codes of the merged one. */
export interface MergedDictionary {
  readonly values: StringTable;
  readonly codes: readonly Uint32Array[];
}

/** Order by code units: the order in which actors are listed everywhere. */
export function mergeSorted(tables: readonly StringTable[]): MergedDictionary {
  return merge(tables, (names) => names.toSorted());
}

/** Order of first appearance over the tables in turn. */
export function mergeInOrder(tables: readonly StringTable[]): MergedDictionary {
  return merge(tables, (names) => names);
}

function merge(tables: readonly StringTable[], arrange: (names: string[]) => string[]): MergedDictionary {
  const decoded = tables.map((table) => [...iterateStrings(table)]);
  const names = arrange([...new Set(decoded.flat())]);
  const codeOf = new Map(names.map((name, code) => [name, code]));
  const codes = decoded.map((table) => Uint32Array.from(table, (name) => codeOf.get(name) ?? 0));
  return { values: buildStringTable(names), codes };
}
