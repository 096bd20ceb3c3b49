import type { Token } from './token.ts';

/**
 * The shape of a statement that may be half written: which queries are nested where, what each reads and what it
 * gives. Nothing here judges; whatever cannot be told is left out.
 */
export interface Query {
  readonly start: number;
  /** Where its bracket closes, or the text ends. */
  end: number;
  readonly parent: Query | null;
  readonly isRecursive: boolean;
  readonly ctes: Cte[];
  /** One, or more with UNION, INTERSECT, EXCEPT. */
  readonly cores: Core[];
  readonly children: Query[];
}
export interface Cte {
  readonly name: string;
  readonly at: Token;
  readonly columns: readonly string[];
  readonly query: Query | null;
}
export type Clause =
  | 'start'
  | 'select'
  | 'from'
  | 'on'
  | 'using'
  | 'where'
  | 'group'
  | 'having'
  | 'window'
  | 'order'
  | 'limit'
  | 'values';
export interface Core {
  readonly start: number;
  /** In order of the text; the last that begins before an offset is the one it is in. */
  readonly clauses: { readonly clause: Clause; readonly start: number }[];
  readonly sources: Source[];
  readonly items: SelectItem[];
}
export interface Source {
  readonly start: number;
  end: number;
  readonly schema: string | null;
  /** Name of a table, view, CTE or table function; '' for a query in brackets. */
  readonly name: string;
  readonly at: Token | null;
  readonly query: Query | null;
  readonly isFunction: boolean;
  alias: string | null;
  columns: readonly string[];
}
/** An expression of the SELECT list, by its tokens; `alias` is what it is called. */
export interface SelectItem {
  readonly tokens: readonly Token[];
  readonly alias: string | null;
  readonly aliasAt: Token | null;
}
