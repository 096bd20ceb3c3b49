import { findTable, type Catalogue, type CatalogueColumn, type CatalogueTable } from './catalogue.ts';
import { findFunction, getSignature, type SqlFunction } from './functions.ts';
import { parseStatement } from './parse-query.ts';
import type { Cte } from './query-shape.ts';
import { scopeAt, type Scope, type ScopedSource } from './scope.ts';
import { isWithin, splitStatements } from './statements.ts';
import { isName, isPunct, nameOf, sameName, type Token } from './token.ts';

/** What a name in the text stands for. `start` and `end` are of the name. */
export type Meaning = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'column'; readonly column: CatalogueColumn; readonly source: ScopedSource }
  | { readonly kind: 'table'; readonly table: CatalogueTable; readonly alias: string | null }
  | { readonly kind: 'cte'; readonly cte: Cte; readonly columns: readonly CatalogueColumn[] }
  | { readonly kind: 'query'; readonly name: string; readonly columns: readonly CatalogueColumn[] }
  | { readonly kind: 'function'; readonly fn: SqlFunction }
);

/** What the name at the offset means; null for keywords, values and names nobody knows. */
export function meaningAt(text: string, offset: number, catalogue: Catalogue): Meaning | null {
  const { dialect } = catalogue;
  const statement = splitStatements(text, dialect).find((s) => s.start <= offset && offset <= s.end);
  const code = (statement?.tokens ?? []).filter((t) => t.kind !== 'comment');
  const index = code.findIndex((t) => t.start <= offset && offset <= t.end && isName(t));
  const token = code[index];
  if (statement === undefined || token === undefined) return null;
  const scope = scopeAt(parseStatement(statement.tokens, dialect, statement.end), token.start, catalogue);
  const range = { start: token.start, end: token.end };
  const found = meaningOf(code, index, token, scope, catalogue);
  return found === null ? null : { ...range, ...found };
}

type Found = Meaning extends infer M ? (M extends Meaning ? Omit<M, 'start' | 'end'> : never) : never;

function meaningOf(
  code: readonly Token[],
  index: number,
  token: Token,
  scope: Scope,
  catalogue: Catalogue,
): Found | null {
  const { dialect } = catalogue;
  const name = nameOf(token, dialect);
  const isSame = (other: string): boolean => sameName(other, name, dialect);
  const qualifier = isPunct(code[index - 1], '.') ? code[index - 2] : undefined;
  if (isPunct(code[index + 1], '(') && qualifier === undefined) {
    const fn = findFunction(name, dialect);
    if (fn !== undefined) return { kind: 'function', fn };
  }
  const at = scope.sources.find((s) => s.source.at === token);
  if (at !== undefined) return meaningOfSource(at, scope, catalogue);
  if (qualifier !== undefined) {
    const source = scope.sources.find((s) => sameName(s.name, nameOf(qualifier, dialect), dialect));
    const column = source?.columns.find((c) => isSame(c.name));
    return source === undefined || column === undefined ? null : { kind: 'column', column, source };
  }
  for (const source of scope.sources) {
    const column = source.columns.find((c) => isSame(c.name));
    if (column !== undefined) return { kind: 'column', column, source };
  }
  const named = scope.sources.find((s) => isSame(s.name));
  if (named !== undefined) return meaningOfSource(named, scope, catalogue);
  const table = findTable(catalogue, name);
  return table === undefined ? null : { kind: 'table', table, alias: null };
}

function meaningOfSource(s: ScopedSource, scope: Scope, { dialect }: Catalogue): Found {
  if (s.table !== null) return { kind: 'table', table: s.table, alias: s.source.alias };
  const cte = scope.ctes.find((c) => sameName(c.name, s.source.name, dialect));
  return cte === undefined
    ? { kind: 'query', name: s.name, columns: s.columns }
    : { kind: 'cte', cte, columns: s.columns };
}

/** Which function's brackets the offset is in, and at which of its parameters; for parameter hints. */
export function callAt(
  text: string,
  offset: number,
  catalogue: Catalogue,
): { readonly fn: SqlFunction; readonly parameter: number } | null {
  const statement = splitStatements(text, catalogue.dialect).find((s) => isWithin(s, offset, text));
  const code = (statement?.tokens ?? []).filter((t) => t.kind !== 'comment' && t.end <= offset);
  let depth = 0;
  let parameter = 0;
  for (let i = code.length - 1; i > 0; i--) {
    if (isPunct(code[i], ')')) depth++;
    else if (isPunct(code[i], ',') && depth === 0) parameter++;
    else if (isPunct(code[i], '(')) {
      const fn = depth === 0 ? findFunction(code[i - 1]?.text ?? '', catalogue.dialect) : undefined;
      if (fn !== undefined) return { fn, parameter: Math.min(parameter, Math.max(0, fn.parameters.length - 1)) };
      if (depth === 0) return null;
      depth--;
    }
  }
  return null;
}

export const describeFunction = (fn: SqlFunction): string => `${getSignature(fn)} → ${fn.returns}`;
