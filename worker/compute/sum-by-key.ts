/** Columns of equal length beside a column of unique keys. */
type Keyed = { readonly keys: Float64Array } & Readonly<Record<string, Float64Array>>;

/** Adds the rows of several tables that have the same key, in ascending order of keys: independent of how rows were cut. */
export function sumByKey<T extends Keyed>(tables: readonly T[]): { readonly [K in keyof T]: Float64Array } {
  const keys = Float64Array.from(new Set(tables.flatMap((table) => Array.from(table.keys)))).toSorted();
  const rowOf = new Map<number, number>();
  keys.forEach((key, row) => rowOf.set(key, row));
  const sums: Record<string, Float64Array> = {};
  for (const name of Object.keys(tables[0] ?? {})) sums[name] = name === 'keys' ? keys : new Float64Array(keys.length);
  for (const table of tables) {
    const rows = Array.from(table.keys, (key) => rowOf.get(key) ?? 0);
    for (const [name, column] of Object.entries(table)) {
      const into = sums[name];
      if (name !== 'keys' && into !== undefined)
        column.forEach((value, i) => (into[rows[i] ?? 0] = (into[rows[i] ?? 0] ?? 0) + value));
    }
  }
  return sums as { readonly [K in keyof T]: Float64Array };
}
