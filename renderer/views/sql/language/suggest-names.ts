import { formatCompact } from '../../../widgets/format.ts';
import { isForeignSchema, type Catalogue, type CatalogueColumn, type CatalogueTable } from './catalogue.ts';
import { getFunctions, getSignature, type SqlFunction } from './functions.ts';
import { quoteName } from './keywords.ts';
import { cteColumns, type Scope, type ScopedSource } from './scope.ts';
import type { Suggestion } from './suggestion.ts';
import type { Dialect } from './token.ts';

const RANK = { own: 1, alias: 3, outer: 4, table: 2, partition: 8, func: 5, keyword: 6 } as const;

export const rowsText = (rows: number | null): string => (rows === null ? '' : `${formatCompact(rows)} rows`);

export function describeColumn(column: CatalogueColumn): string {
  const facts = [
    column.primaryKey === true ? 'primary key' : '',
    column.notNull === true ? 'not null' : '',
    column.comment ?? '',
    (column.values?.length ?? 0) > 0
      ? `values: ${(column.values ?? [])
          .slice(0, 6)
          .map((v) => v.name)
          .join(', ')} …`
      : '',
    (column.keys?.length ?? 0) > 0
      ? `keys: ${(column.keys ?? [])
          .slice(0, 8)
          .map((k) => k.name)
          .join(', ')} …`
      : '',
  ];
  return facts.filter((f) => f !== '').join(' · ');
}

function columnSuggestion(column: CatalogueColumn, from: string, insert: string, rank: number): Suggestion {
  return {
    label: column.name,
    kind: 'column',
    insert,
    detail: column.type,
    note: from,
    about: describeColumn(column),
    rank,
  };
}

/** All columns of one source, for `alias.`. */
export const suggestColumnsOf = (source: ScopedSource, dialect: Dialect): readonly Suggestion[] =>
  source.columns.map((c) =>
    columnSuggestion(c, source.table?.name ?? source.name, quoteName(c.name, dialect), RANK.own),
  );

/** Columns in scope; those that more than one source has are offered with their source. */
export function suggestColumns(scope: Scope, dialect: Dialect): readonly Suggestion[] {
  const own = scope.sources.filter((s) => s.level === 0);
  const times = new Map<string, number>();
  for (const name of own.flatMap((s) => s.columns.map((c) => c.name.toLowerCase())))
    times.set(name, (times.get(name) ?? 0) + 1);
  return scope.sources.flatMap((source) =>
    source.columns.map((c) => {
      const isShared = source.level > 0 || (times.get(c.name.toLowerCase()) ?? 0) > 1;
      const plain = quoteName(c.name, dialect);
      const insert = isShared && source.name !== '' ? `${quoteName(source.name, dialect)}.${plain}` : plain;
      const suggestion = columnSuggestion(c, source.name, insert, source.level === 0 ? RANK.own : RANK.outer);
      return isShared ? { ...suggestion, label: insert } : suggestion;
    }),
  );
}

export const suggestAliases = (scope: Scope, dialect: Dialect): readonly Suggestion[] =>
  scope.sources
    .filter((s) => s.name !== '')
    .map((s) => ({
      label: s.name,
      kind: 'alias',
      insert: `${quoteName(s.name, dialect)}.`,
      detail: s.source.alias === null ? '' : s.source.name,
      note: s.table === null ? `${s.columns.length} columns` : rowsText(s.table.rows),
      rank: s.level === 0 ? RANK.alias : RANK.outer,
      goesOn: true,
    }));

const tableKind = (table: CatalogueTable): string =>
  ({ table: 'table', view: 'view', partitioned: 'partitioned table', partition: 'partition' })[table.kind];

export function tableSuggestion(table: CatalogueTable, dialect: Dialect): Suggestion {
  const name = quoteName(table.name, dialect);
  const isForeign = isForeignSchema(table);
  return {
    label: isForeign ? `${table.schema}.${table.name}` : table.name,
    kind: table.kind === 'view' ? 'view' : 'table',
    insert: isForeign ? `${quoteName(table.schema ?? '', dialect)}.${name}` : name,
    detail: tableKind(table),
    note: rowsText(table.rows),
    about: [table.comment ?? '', table.columns.map((c) => c.name).join(', ')].filter((t) => t !== '').join('\n\n'),
    rank: table.kind === 'partition' ? RANK.partition : RANK.table,
  };
}

/** What FROM and JOIN may name: CTEs first, then tables and views, then functions that give rows. */
export function suggestSources(scope: Scope, catalogue: Catalogue): readonly Suggestion[] {
  const { dialect } = catalogue;
  const ctes = scope.ctes.map((cte): Suggestion => ({
    label: cte.name,
    kind: 'cte',
    insert: quoteName(cte.name, dialect),
    detail: 'WITH',
    note: `${cteColumns(cte, catalogue).length} columns`,
    about: cteColumns(cte, catalogue)
      .map((c) => c.name)
      .join(', '),
    rank: 1,
  }));
  const functions = getFunctions(dialect).filter((f) => f.kind === 'table');
  return [
    ...ctes,
    ...catalogue.tables.map((t) => tableSuggestion(t, dialect)),
    ...functions.map((f) => functionSuggestion(f, 7)),
  ];
}

function functionSuggestion(f: SqlFunction, rank: number = RANK.func): Suggestion {
  const over = f.kind === 'window' ? ' OVER (${2:ORDER BY })' : '';
  return {
    label: f.name,
    kind: 'function',
    insert: f.parameters.length === 0 ? `${f.name}()${over}` : `${f.name}($1)${over}`,
    isSnippet: true,
    detail: `(${f.parameters.join(', ')})`,
    note: f.kind === 'scalar' ? f.returns : f.kind,
    about: `${getSignature(f)} → ${f.returns}\n\n${f.about}`,
    rank,
    goesOn: f.parameters.length > 0,
  };
}

export const suggestFunctions = (dialect: Dialect): readonly Suggestion[] =>
  getFunctions(dialect)
    .filter((f) => f.kind !== 'table')
    .map((f) => functionSuggestion(f));

/** Names given in the SELECT list, for GROUP BY, HAVING and ORDER BY. */
export const suggestItems = (scope: Scope, dialect: Dialect): readonly Suggestion[] =>
  (scope.core?.items ?? [])
    .filter((item) => item.alias !== null)
    .map((item) => ({
      label: item.alias ?? '',
      kind: 'column',
      insert: quoteName(item.alias ?? '', dialect),
      detail: 'result',
      note: 'SELECT',
      rank: 0,
    }));

export const suggestKeywords = (words: readonly string[], rank: number = RANK.keyword): readonly Suggestion[] =>
  words.map((word) => ({
    label: word,
    kind: 'keyword',
    insert: word.includes('()') || word.includes('( )') || word.includes('WHERE )') ? word.replace(')', '$1)') : word,
    ...(word.includes(')') ? { isSnippet: true } : {}),
    rank,
  }));
