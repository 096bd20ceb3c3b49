import { findTable, type Catalogue } from './catalogue.ts';
import { expressionKeywords, JOIN_KEYWORDS, NEXT_CLAUSES, quoteName, STATEMENT_KEYWORDS, TYPES } from './keywords.ts';
import { parseStatement } from './parse-query.ts';
import { scopeAt, type Scope } from './scope.ts';
import { suggestSnippets } from './snippets.ts';
import { isWithin, splitStatements } from './statements.ts';
import type { Completion, Suggestion } from './suggestion.ts';
import {
  suggestAliases,
  suggestColumns,
  suggestColumnsOf,
  suggestFunctions,
  suggestItems,
  suggestKeywords,
  suggestSources,
  tableSuggestion,
} from './suggest-names.ts';
import {
  columnBefore,
  comparedBefore,
  isArrow,
  suggestJoins,
  suggestJsonReads,
  suggestKeys,
  suggestValues,
} from './suggest-values.ts';
import { isName, isPunct, isWord, nameOf, sameName, type Token } from './token.ts';

export interface CompleteInput {
  readonly text: string;
  readonly offset: number;
  readonly catalogue: Catalogue;
  /** Names that `:name` offers. */
  readonly parameters?: readonly string[];
  /** Most frequent values of a key, when they are known already. */
  readonly valuesOf?: (key: string) => readonly { readonly name: string; readonly count: number }[];
}

interface Place extends CompleteInput {
  /** Code tokens before the one being typed. */
  readonly before: readonly Token[];
  /** The token the cursor is in or at the end of. */
  readonly current: Token | null;
  readonly scope: Scope;
}

/** What fits at the cursor, by what the statement around it says. Pure: some ms for a text of any usual size. */
export function complete(input: CompleteInput): Completion {
  const place = findPlace(input);
  const { current, offset } = place;
  const nothing = { from: offset, to: offset, suggestions: [] };
  if (current?.kind === 'comment' || current?.kind === 'number') return nothing;
  if (current?.kind === 'string') return completeString(place, current);
  const isPart = current !== null && (isName(current) || current.kind === 'param');
  const from = isPart ? current.start : offset;
  if (current?.kind === 'param' || isLoneColon(place)) return completeParameter(place, current?.start ?? offset - 1);
  return { from, to: isPart ? Math.max(offset, current.end) : offset, suggestions: suggestName(place) };
}

const isLoneColon = ({ current, before, text, offset }: Place): boolean =>
  current === null && text[offset - 1] === ':' && before.at(-1)?.text !== '::';

function findPlace(input: CompleteInput): Place {
  const { text, offset, catalogue } = input;
  const statements = splitStatements(text, catalogue.dialect);
  const statement = statements.find((s) => isWithin(s, offset, text));
  const tokens = statement?.tokens ?? [];
  const current =
    tokens.find(
      (t) => t.start < offset && offset <= t.end && t.kind !== 'op' && t.kind !== 'punct' && isInside(t, offset),
    ) ?? null;
  const edge = current?.start ?? offset;
  const before = tokens.filter((t) => t.kind !== 'comment' && t.end <= edge && t !== current);
  const root = parseStatement(tokens, catalogue.dialect, Math.max(offset, statement?.end ?? offset));
  return { ...input, before, current, scope: scopeAt(root, edge, catalogue) };
}
/** The end of a closed string or comment is outside of it; of a word it is inside. */
const isInside = (t: Token, offset: number): boolean =>
  offset < t.end || t.open === true || t.kind === 'word' || t.kind === 'param' || t.kind === 'number';

function completeString(place: Place, current: Token): Completion {
  const { before, scope, catalogue } = place;
  const quote = current.text.startsWith("'") ? 1 : 2;
  const inner = {
    from: current.start + quote,
    to: current.open === true ? Math.min(current.end, lineEnd(place)) : current.end - 1,
  };
  const arrow = before.at(-1);
  if (isArrow(arrow)) {
    const column = columnBefore(before.slice(0, -1), scope, catalogue.dialect);
    return { ...inner, suggestions: column === null ? [] : suggestKeys(column, '') };
  }
  // json_extract(metadata, '$.…')
  if (isPunct(arrow, ',')) {
    const column = columnBefore(before.slice(0, -1), scope, catalogue.dialect);
    if (column !== null && (column.keys?.length ?? 0) > 0) return { ...inner, suggestions: suggestKeys(column, '$.') };
  }
  return { ...inner, suggestions: suggestCompared(place, true) };
}
/** A string that is still open reaches to the end of the text: only its first line is taken. */
function lineEnd({ text, offset }: Place): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

function suggestCompared(place: Place, isQuoted: boolean): readonly Suggestion[] {
  const compared = comparedBefore(place.before, place.scope, place.catalogue.dialect);
  if (compared === null) return [];
  const { column, key } = compared;
  if (key === null) return suggestValues(column.values ?? [], isQuoted, column.name);
  return suggestValues(place.valuesOf?.(key) ?? [], isQuoted, key);
}

function completeParameter({ offset, parameters = [] }: Place, from: number): Completion {
  const about: Readonly<Record<string, string>> = {
    from: 'Start of the workspace’s range',
    to: 'End of the workspace’s range',
    asOf: 'As of',
  };
  const names = [...new Set(['from', 'to', 'asOf', ...parameters])];
  return {
    from,
    to: offset,
    suggestions: names.map((name) => ({
      label: `:${name}`,
      kind: 'parameter',
      insert: `:${name}`,
      note: about[name] ?? '',
      rank: 0,
    })),
  };
}

function suggestName(place: Place): readonly Suggestion[] {
  const { before, scope, catalogue } = place;
  const { dialect } = catalogue;
  const last = before.at(-1);
  if (isPunct(last, '.')) return suggestQualified(place);
  if (last?.text === '::' || (isWord(last, 'AS') && isInCast(before)))
    return TYPES[dialect].map((type) => ({ label: type, kind: 'type', insert: type, rank: 0 }));
  if (isWord(last, 'AS')) return []; // a new name
  if (before.length === 0 || scope.clause === 'start') return suggestStart(place);
  if (scope.clause === 'from' && expectsSource(before)) return suggestSources(scope, catalogue);
  if (scope.clause === 'using') return suggestCommon(place);
  if (scope.clause === 'limit') return suggestKeywords(NEXT_CLAUSES['limit'] ?? []);
  return suggestExpression(place);
}

function isInCast(before: readonly Token[]): boolean {
  let depth = 0;
  for (let i = before.length - 1; i >= 0; i--) {
    if (isPunct(before[i], ')')) depth++;
    else if (isPunct(before[i], '(')) {
      if (depth === 0) return isWord(before[i - 1], 'CAST', 'TRY_CAST');
      depth--;
    }
  }
  return false;
}

/** After FROM, JOIN or a comma a source comes; after a source, what joins or ends it. */
const expectsSource = (before: readonly Token[]): boolean => {
  const last = before.at(-1);
  return isWord(last, 'FROM', 'JOIN', 'LATERAL', 'ONLY') || isPunct(last, ',') || isPunct(last, '(');
};

/** `alias.`, `schema.`, `schema.table.` */
function suggestQualified({ before, scope, catalogue }: Place): readonly Suggestion[] {
  const { dialect } = catalogue;
  const qualifier = before.at(-2);
  if (qualifier === undefined || !isName(qualifier)) return [];
  const name = nameOf(qualifier, dialect);
  // The qualifier may be what is being written in FROM: a schema, not yet a source.
  const source = scope.sources.find((s) => s.source.at !== qualifier && sameName(s.name, name, dialect));
  if (source !== undefined) {
    const star: Suggestion = {
      label: '*',
      kind: 'keyword',
      insert: '*',
      note: `${source.columns.length} columns`,
      rank: 9,
    };
    return [...suggestColumnsOf(source, dialect), star];
  }
  const ofSchema = catalogue.tables.filter((t) => sameName(t.schema ?? 'main', name, dialect));
  if (ofSchema.length > 0)
    return ofSchema.map((t) => ({ ...tableSuggestion(t, dialect), label: t.name, insert: quoteName(t.name, dialect) }));
  // Not in FROM yet: a table by its own name.
  const table = findTable(catalogue, name);
  return (table?.columns ?? []).map((c) => ({
    label: c.name,
    kind: 'column',
    insert: c.name,
    detail: c.type,
    note: name,
    rank: 1,
  }));
}

function suggestStart({ before, scope, catalogue }: Place): readonly Suggestion[] {
  if (before.length > 0 && scope.query.ctes.length > 0 && isPunct(before.at(-1), ')'))
    return suggestKeywords(['SELECT', 'AS'], 0);
  if (before.length > 0 && scope.query.parent === null && !isWord(before[0], 'EXPLAIN', 'WITH')) return [];
  if (isWord(before.at(-1), 'WITH', 'RECURSIVE')) return [];
  const starts = suggestKeywords(
    isWord(before[0], 'EXPLAIN') ? ['SELECT', 'WITH', 'QUERY PLAN'] : STATEMENT_KEYWORDS,
    0,
  );
  return scope.query.parent === null && before.length === 0
    ? [...starts, ...suggestSnippets(catalogue.dialect)]
    : starts;
}

function suggestCommon({ scope, catalogue, offset }: Place): readonly Suggestion[] {
  const own = scope.sources.filter((s) => s.level === 0 && s.source.start < offset);
  const right = own.at(-1);
  if (right === undefined) return [];
  const names = new Set(own.slice(0, -1).flatMap((s) => s.columns.map((c) => c.name.toLowerCase())));
  return suggestColumnsOf(right, catalogue.dialect).filter((s) => names.has(s.label.toLowerCase()));
}

function suggestExpression(place: Place): readonly Suggestion[] {
  const { scope, catalogue, before, offset } = place;
  const { dialect } = catalogue;
  const values = suggestCompared(place, false);
  const next = suggestKeywords(NEXT_CLAUSES[scope.clause] ?? [], endsOperand(before) ? 0 : 7);
  if (scope.clause === 'from') return [...next, ...suggestKeywords(JOIN_KEYWORDS)].filter(distinct);
  const results = ['group', 'order', 'having'].includes(scope.clause) ? suggestItems(scope, dialect) : [];
  const joins = isWord(before.at(-1), 'ON') ? suggestJoins(scope, offset, dialect) : [];
  // Nothing in FROM yet: columns of all tables, so that one can begin with what one wants to see.
  const loose = scope.sources.length === 0 ? suggestLoose(catalogue) : [];
  return [
    ...values,
    ...joins,
    ...results,
    ...suggestColumns(scope, dialect),
    ...loose,
    ...suggestAliases(scope, dialect),
    ...suggestJsonReads(scope, dialect),
    ...suggestFunctions(dialect),
    ...suggestKeywords(
      scope.clause === 'select' && !endsOperand(before)
        ? ['DISTINCT', ...expressionKeywords(dialect)]
        : expressionKeywords(dialect),
    ),
    ...next,
  ].filter(distinct);
}
const distinct = (s: Suggestion, i: number, all: readonly Suggestion[]): boolean =>
  s.kind !== 'keyword' || all.findIndex((o) => o.kind === 'keyword' && o.label === s.label) === i;

function suggestLoose(catalogue: Catalogue): readonly Suggestion[] {
  const tables = catalogue.tables.filter((t) => t.kind !== 'partition');
  return tables.flatMap((t) =>
    t.columns.map(
      (c) => ({ label: c.name, kind: 'column', insert: c.name, detail: c.type, note: t.name, rank: 3 }) as const,
    ),
  );
}

/** An operand is complete: what follows is an operator or the next clause. */
function endsOperand(before: readonly Token[]): boolean {
  const last = before.at(-1);
  if (last === undefined) return false;
  if (last.kind === 'quoted' || last.kind === 'string' || last.kind === 'number' || last.kind === 'param') return true;
  if (isPunct(last, ')')) return true;
  return (
    last.kind === 'word' &&
    !/^(select|distinct|where|and|or|not|on|by|having|when|then|else|in|like|between|case|over|filter|from)$/i.test(
      last.text,
    )
  );
}
