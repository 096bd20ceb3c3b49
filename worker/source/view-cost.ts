/** Beyond this many nested selects a view is not compiled: 30 views that each join the one before twice are 2^30. */
export const MAX_VIEW_COST = 2_000;

/**
 * How many selects SQLite unfolds to compile each view: itself plus what it names, once for each time it names it.
 * Counted from the text of the schema, since compiling is what would hang; a column named like a view counts too much,
 * never too little.
 *
 *   v0: SELECT … FROM log          1
 *   v1: SELECT … FROM v0 a, v0 b   1 + 1 + 1 = 3
 */
export function viewCosts(views: ReadonlyMap<string, string>): ReadonlyMap<string, number> {
  const byName = new Map([...views].map(([name, sql]) => [name.toLowerCase(), sql]));
  const costs = new Map<string, number>();
  const costOf = (name: string): number => {
    const known = costs.get(name);
    if (known !== undefined) return known;
    // A view that names itself, through others or not, can't be compiled anyway.
    costs.set(name, MAX_VIEW_COST + 1);
    const own = namesIn(byName.get(name) ?? '');
    // Its own name once, in CREATE VIEW.
    const named = own.filter((n) => byName.has(n) && n !== name);
    let cost = 1;
    for (const other of named) if (cost <= MAX_VIEW_COST) cost += costOf(other);
    costs.set(name, cost);
    return cost;
  };
  return new Map([...views.keys()].map((name) => [name, costOf(name.toLowerCase())]));
}

function namesIn(sql: string): readonly string[] {
  return Array.from(
    sql
      .toLowerCase()
      .matchAll(/"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|'((?:[^']|'')*)'|([\p{L}_][\p{L}\p{N}_$]*)/gu),
    (m) => (m[1] ?? m[2] ?? m[3] ?? m[4] ?? m[5] ?? '').replaceAll('""', '"'),
  );
}
