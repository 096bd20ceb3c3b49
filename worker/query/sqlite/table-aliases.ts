import { tokenize, type Token } from '../lexer.ts';

/** Words that follow a table and are no alias of it. */
const NO_ALIAS = new Set(
  'as cross except full group having indexed inner intersect join left limit natural not on order outer right set union using where window'.split(
    ' ',
  ),
);

/**
 * Tables by the alias that a statement gives them, both in lower case as keys. An alias that stands for two of them (in
 * two scopes) is left out, and so are subqueries and named parts.
 */
export function readAliases(sql: string, isTable: (name: string) => boolean): ReadonlyMap<string, string> {
  const tokens = tokenize(sql, 'sqlite').filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const textOf = (token: Token | undefined): string => (token === undefined ? '' : sql.slice(token.from, token.to));
  const nameOf = (token: Token | undefined): string | null => {
    if (token?.kind === 'quoted') return textOf(token).slice(1, -1);
    return token?.kind === 'word' ? textOf(token) : null;
  };
  const found = new Map<string, Set<string>>();
  tokens.forEach((token, i) => {
    const name = nameOf(token);
    const isLocal = textOf(tokens[i - 1]) === '.' && textOf(tokens[i - 2]).toLowerCase() === 'scratch';
    if (name === null || !(isLocal || isTable(name))) return;
    const next = textOf(tokens[i + 1]).toLowerCase() === 'as' ? tokens[i + 2] : tokens[i + 1];
    const alias = nameOf(next)?.toLowerCase() ?? null;
    if (alias === null || (next?.kind === 'word' && NO_ALIAS.has(alias))) return;
    const tables = found.get(alias) ?? new Set();
    found.set(alias, tables.add(isLocal ? `scratch.${name}` : name));
  });
  return new Map(
    [...found].flatMap(([alias, [only, ...more]]) => (only === undefined || more.length > 0 ? [] : [[alias, only]])),
  );
}
