import { findTable, type Catalogue, type CatalogueColumn, type CatalogueTable } from './catalogue.ts';
import { findFunction, getFunctionColumns } from './functions.ts';
import type { Clause, Core, Cte, Query, SelectItem, Source } from './query-shape.ts';
import { isName, isPunct, isWord, keywordOf, nameOf, sameName, type Token } from './token.ts';

/** What can be named at one place of a statement. */
export interface Scope {
  readonly query: Query;
  readonly core: Core | null;
  readonly clause: Clause;
  /** The query's own sources, then those of the queries around it. */
  readonly sources: readonly ScopedSource[];
  /** Nearest first. */
  readonly ctes: readonly Cte[];
}
export interface ScopedSource {
  readonly source: Source;
  /** What columns are qualified with: the alias, or the table's name. */
  readonly name: string;
  readonly table: CatalogueTable | null;
  readonly columns: readonly CatalogueColumn[];
  /** 0 = of this query, 1 = of the one around it. */
  readonly level: number;
}

/** Nothing a person writes is nested deeper; generated text may be. */
const DEEPEST = 40;

/** The innermost query the offset is in. */
export function queryAt(root: Query, offset: number): Query {
  for (let query = root; ;) {
    const inner = query.children.find((c) => c.start <= offset && offset <= c.end);
    if (inner === undefined) return query;
    query = inner;
  }
}

export function coreAt(query: Query, offset: number): Core | null {
  return query.cores.findLast((c) => c.start <= offset) ?? query.cores[0] ?? null;
}
export const clauseAt = (core: Core | null, offset: number): Clause =>
  core?.clauses.findLast((c) => c.start <= offset)?.clause ?? 'start';

export function scopeAt(root: Query, offset: number, catalogue: Catalogue): Scope {
  const query = queryAt(root, offset);
  const core = coreAt(query, offset);
  const sources: ScopedSource[] = [];
  let level = 0;
  for (let q: Query | null = query; q !== null && level < DEEPEST; q = q.parent) {
    const around = coreAt(q, q === query ? offset : query.start);
    for (const source of around?.sources ?? [])
      // A query in FROM sees nothing of its neighbours, and nobody sees the one being written.
      if (!(source.start <= offset && offset <= source.end && source.query !== null))
        sources.push(toScoped(source, q, level, catalogue));
    level++;
  }
  return { query, core, clause: clauseAt(core, offset), sources, ctes: visibleCtes(query, offset) };
}

/** CTEs listed before the offset, of this query and those around it; all of them behind the list. */
function visibleCtes(query: Query, offset: number): readonly Cte[] {
  const found: Cte[] = [];
  for (let q: Query | null = query; q !== null; q = q.parent)
    for (const cte of q.ctes.toReversed()) {
      const isInside = cte.query !== null && cte.query.start <= offset && offset <= cte.query.end;
      if (cte.at.end <= offset && (!isInside || q.isRecursive)) found.push(cte);
    }
  return found;
}

function toScoped(source: Source, query: Query, level: number, catalogue: Catalogue): ScopedSource {
  const { table, columns } = resolveSource(source, query, catalogue, 0);
  return { source, name: source.alias ?? source.name, table, columns: rename(columns, source.columns), level };
}

const rename = (columns: readonly CatalogueColumn[], names: readonly string[]): readonly CatalogueColumn[] =>
  names.length === 0
    ? columns
    : [...names.map((name, i) => ({ ...(columns[i] ?? { type: '' }), name })), ...columns.slice(names.length)];

interface Resolved {
  readonly table: CatalogueTable | null;
  readonly columns: readonly CatalogueColumn[];
}

function resolveSource(source: Source, query: Query, catalogue: Catalogue, depth: number): Resolved {
  const { dialect } = catalogue;
  if (depth > DEEPEST) return { table: null, columns: [] };
  if (source.query !== null) return { table: null, columns: columnsOf(source.query, catalogue, depth + 1) };
  if (source.isFunction) {
    const f = findFunction(source.name, dialect);
    const columns = f === undefined ? [] : getFunctionColumns(f);
    // A table function of one column is called like its alias.
    const named =
      columns.length === 1 && dialect === 'postgres' && source.alias !== null && columns[0] !== 'value'
        ? [source.alias]
        : columns;
    return { table: null, columns: named.map((name) => ({ name, type: '' })) };
  }
  const cte = source.schema === null ? findCte(source, query, dialect) : undefined;
  if (cte !== undefined) return { table: null, columns: cteColumns(cte, catalogue, depth + 1) };
  const table = findTable(catalogue, source.name, source.schema) ?? null;
  return { table, columns: table?.columns ?? [] };
}

function findCte(source: Source, query: Query, dialect: Catalogue['dialect']): Cte | undefined {
  for (let q: Query | null = query; q !== null; q = q.parent) {
    const cte = q.ctes.findLast((c) => sameName(c.name, source.name, dialect) && c.at.end <= source.start);
    if (cte !== undefined) return cte;
  }
  return undefined;
}

export function cteColumns(cte: Cte, catalogue: Catalogue, depth = 0): readonly CatalogueColumn[] {
  const columns = cte.query === null ? [] : columnsOf(cte.query, catalogue, depth);
  return rename(columns, cte.columns);
}

/** What a query gives, by its first SELECT. */
export function columnsOf(query: Query, catalogue: Catalogue, depth = 0): readonly CatalogueColumn[] {
  const [core] = query.cores;
  if (core === undefined || depth > DEEPEST) return [];
  const sources = core.sources.map((source) => ({
    name: source.alias ?? source.name,
    columns: rename(resolveSource(source, query, catalogue, depth).columns, source.columns),
  }));
  return core.items.flatMap((item) => itemColumns(item, sources, catalogue));
}

interface Named {
  readonly name: string;
  readonly columns: readonly CatalogueColumn[];
}
function itemColumns(item: SelectItem, sources: readonly Named[], { dialect }: Catalogue): readonly CatalogueColumn[] {
  const { tokens, alias } = item;
  const last = tokens.at(-1);
  if (last?.kind === 'op' && last.text === '*' && (tokens.length === 1 || isPunct(tokens.at(-2), '.'))) {
    const [qualifier] = tokens;
    if (tokens.length === 1 || qualifier === undefined) return sources.flatMap((s) => s.columns);
    return sources.find((s) => sameName(s.name, nameOf(qualifier, dialect), dialect))?.columns ?? [];
  }
  const column = columnOf(tokens, sources, dialect);
  const name = alias ?? column?.name ?? expressionName(tokens, dialect);
  if (name === null) return [];
  if (column !== undefined) return [{ ...column, name, primaryKey: false }];
  return [{ name, type: typeOf(tokens, dialect) }];
}

/** `column` or `source.column`, as what it means. */
function columnOf(
  tokens: readonly Token[],
  sources: readonly Named[],
  dialect: Catalogue['dialect'],
): CatalogueColumn | undefined {
  const last = tokens.at(-1);
  const isPath = tokens.length % 2 === 1 && tokens.every((t, i) => (i % 2 === 0 ? isName(t) : isPunct(t, '.')));
  if (last === undefined || !isPath) return undefined;
  const name = nameOf(last, dialect);
  const qualifier = tokens.at(-3);
  const from =
    qualifier === undefined ? sources : sources.filter((s) => sameName(s.name, nameOf(qualifier, dialect), dialect));
  const found = from.flatMap((s) => s.columns).find((c) => sameName(c.name, name, dialect));
  return found ?? { name, type: '' };
}

/** Postgres calls a column after its function; in SQLite such a name is the text itself, which nobody refers to. */
function expressionName(tokens: readonly Token[], dialect: Catalogue['dialect']): string | null {
  const [first, second] = tokens;
  return dialect === 'postgres' && first !== undefined && isName(first) && isPunct(second, '(')
    ? nameOf(first, dialect)
    : null;
}

const COUNTS = ['COUNT', 'ROW_NUMBER', 'RANK', 'DENSE_RANK', 'NTILE', 'LENGTH', 'UNIXEPOCH'] as const;
function typeOf(tokens: readonly Token[], dialect: Catalogue['dialect']): string {
  const [first, second] = tokens;
  const before = tokens.at(-2);
  const last = tokens.at(-1);
  if (before?.text === '::' && last !== undefined) return last.text.toLowerCase();
  if (isWord(first, 'CAST')) return tokens.find((_t, i) => isWord(tokens[i - 1], 'AS'))?.text ?? '';
  if (tokens.length === 1 && first?.kind === 'number') return /[.e]/i.test(first.text) ? 'real' : 'integer';
  if (tokens.length === 1 && first?.kind === 'string') return 'text';
  if (isWord(first, ...COUNTS) && isPunct(second, '(')) return dialect === 'postgres' ? 'bigint' : 'INTEGER';
  const f = isPunct(second, '(') ? findFunction(keywordOf(first), dialect) : undefined;
  return f === undefined || f.returns === 'same' || f.returns === 'value' ? '' : f.returns;
}
