import type { Dialect } from './dialect.ts';
import { Refusal } from './refusal.ts';
import { withCtes, type Cte, type Sql } from './sql.ts';

/** SQLite puts a named part in wherever it is read, and gives up at about a thousand parts in one statement. */
const MOST_PARTS = 950;

/** `withCtes`, refused where SQLite would not take the statement. */
export function withinDepth(ctes: readonly Cte[], final: Sql, dialect: Dialect): Sql {
  if (dialect.name === 'sqlite' && countParts(ctes, final) > MOST_PARTS)
    throw new Refusal('So many rules of objects and deadlines make a statement that SQLite does not take.');
  return withCtes(ctes, final);
}

/** SELECTs of a statement with every named part put in wherever it is read. */
export function countParts(ctes: readonly Cte[], final: Sql): number {
  const known = new Map<string, number>();
  const count = ({ chunks }: Sql): number => {
    const own = chunks.map((chunk) => (typeof chunk === 'string' ? chunk : '?')).join('');
    let parts = own.match(/\bSELECT\b/g)?.length ?? 0;
    for (const [, from = ''] of own.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/g)) parts += known.get(from) ?? 0;
    return parts;
  };
  for (const { name, body } of ctes) known.set(name.replace(/\(.*/, ''), count(body));
  return count(final);
}
