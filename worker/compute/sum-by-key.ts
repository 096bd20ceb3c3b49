/** Columns of equal length beside a column of unique keys. */
type Keyed<C extends string> = { readonly keys: Float64Array } & { readonly [K in C]: Float64Array };

/**
 * Adds the rows of several tables that have the same key, in ascending order of keys: independent of how rows were
 * cut into tables. Without tables all columns are empty.
 */
export function sumByKey<C extends string>(tables: readonly Keyed<C>[], columns: readonly C[]): Keyed<C> {
  const keys = Float64Array.from(new Set(tables.flatMap((table) => Array.from(table.keys)))).toSorted();
  const rowOf = new Map<number, number>();
  keys.forEach((key, row) => rowOf.set(key, row));
  const sums = new Map(columns.map((name) => [name, new Float64Array(keys.length)]));
  for (const table of tables) {
    const rows = Array.from(table.keys, (key) => rowOf.get(key) ?? 0);
    for (const [name, into] of sums)
      table[name].forEach((value, i) => (into[rows[i] ?? 0] = (into[rows[i] ?? 0] ?? 0) + value));
  }
  return { keys, ...(Object.fromEntries(sums) as { readonly [K in C]: Float64Array }) };
}
