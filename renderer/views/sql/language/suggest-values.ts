import { formatCompact } from '../../../widgets/format.ts';
import type { CatalogueColumn, Counted } from './catalogue.ts';
import { quoteName, quoteText } from './keywords.ts';
import type { Scope, ScopedSource } from './scope.ts';
import type { Suggestion } from './suggestion.ts';
import { isName, isPunct, isWord, nameOf, sameName, stringOf, type Dialect, type Token } from './token.ts';

/** What a comparison compares: a column, or a key of a column of JSON. */
export interface Compared {
  readonly column: CatalogueColumn;
  /** `metadata ->> 'plan'`; null = the column itself. */
  readonly key: string | null;
}

/** The column that the tokens end with: `event_type`, `e.event_type`. */
export function columnBefore(tokens: readonly Token[], scope: Scope, dialect: Dialect): CatalogueColumn | null {
  const last = tokens.at(-1);
  if (last === undefined || !isName(last)) return null;
  const name = nameOf(last, dialect);
  const qualifier = isPunct(tokens.at(-2), '.') ? tokens.at(-3) : undefined;
  const among =
    qualifier === undefined
      ? scope.sources
      : scope.sources.filter((s) => sameName(s.name, nameOf(qualifier, dialect), dialect));
  return among.flatMap((s) => s.columns).find((c) => sameName(c.name, name, dialect)) ?? null;
}

const COMPARES = new Set(['=', '<>', '!=', '==', '<', '>', '<=', '>=']);
/** `column =`, `column IN ('a',`, `json ->> 'key' =`, `json_extract(json, '$.key') =`. `tokens` end before the value. */
export function comparedBefore(tokens: readonly Token[], scope: Scope, dialect: Dialect): Compared | null {
  const left = leftOfComparison(tokens);
  if (left === null) return null;
  const last = left.at(-1);
  if (last?.kind === 'string' && isArrow(left.at(-2))) {
    const column = columnBefore(left.slice(0, -2), scope, dialect);
    return column === null ? null : { column, key: stringOf(last).replace(/^\$\./, '') };
  }
  if (isPunct(last, ')') && left.at(-2)?.kind === 'string' && isPunct(left.at(-3), ',')) {
    const column = columnBefore(left.slice(0, -3), scope, dialect);
    return column === null ? null : { column, key: stringOf(left.at(-2) as Token).replace(/^\$\./, '') };
  }
  const column = columnBefore(left, scope, dialect);
  return column === null ? null : { column, key: null };
}

export const isArrow = (token: Token | undefined): boolean =>
  token?.kind === 'op' && (token.text === '->' || token.text === '->>');

function leftOfComparison(tokens: readonly Token[]): readonly Token[] | null {
  const last = tokens.at(-1);
  if (last?.kind === 'op' && COMPARES.has(last.text)) return tokens.slice(0, -1);
  if (isWord(last, 'LIKE', 'ILIKE')) return withoutNot(tokens.slice(0, -1));
  // Inside IN ( … ): back over the values before.
  let i = tokens.length - 1;
  while (i >= 0 && (tokens[i]?.kind === 'string' || tokens[i]?.kind === 'number' || isPunct(tokens[i], ','))) i--;
  return i > 0 && isPunct(tokens[i], '(') && isWord(tokens[i - 1], 'IN') ? withoutNot(tokens.slice(0, i - 1)) : null;
}
const withoutNot = (tokens: readonly Token[]): readonly Token[] =>
  isWord(tokens.at(-1), 'NOT') ? tokens.slice(0, -1) : tokens;

const countText = (count: number): string => (count > 0 ? formatCompact(count) : '');

/** Values as they are written: quoted, or bare inside quotes that are already there. */
export const suggestValues = (values: readonly Counted[], isQuoted: boolean, about: string): readonly Suggestion[] =>
  values.map((v) => ({
    label: v.name,
    kind: 'value',
    insert: isQuoted ? v.name.replaceAll("'", "''") : quoteText(v.name),
    note: countText(v.count),
    detail: about,
    rank: 0,
  }));

export const suggestKeys = (column: CatalogueColumn, prefix: string): readonly Suggestion[] =>
  (column.keys ?? []).map((k) => ({
    label: k.name,
    kind: 'key',
    insert: `${prefix}${k.name.replaceAll("'", "''")}`,
    note: shareText(k),
    detail: k.type ?? '',
    rank: 0,
  }));
const shareText = (k: Counted): string =>
  k.share === undefined ? countText(k.count) : `${Math.round(k.share * 100)}%`;

/** `json ->> 'key'` as one offer, in expressions, where the source has such a column. */
export function suggestJsonReads(scope: Scope, dialect: Dialect): readonly Suggestion[] {
  const withKeys = scope.sources
    .filter((s) => s.level === 0)
    .flatMap((s) => s.columns.filter((c) => (c.keys?.length ?? 0) > 0).map((c) => ({ s, c })));
  const isAlone = scope.sources.length === 1;
  return withKeys.flatMap(({ s, c }) => {
    const column = `${isAlone ? '' : `${quoteName(s.name, dialect)}.`}${quoteName(c.name, dialect)}`;
    return (c.keys ?? []).map((k): Suggestion => ({
      label: k.name,
      kind: 'key',
      insert: `${column} ->> ${quoteText(k.name)}`,
      detail: ` ${c.name} ->> …`,
      note: [k.type ?? '', shareText(k)].filter((t) => t !== '').join(' · '),
      about: `Key of the JSON objects in ${c.name}.`,
      rank: 4,
    }));
  });
}

/** Conditions that join the newest source with one before it: foreign keys first, then columns of the same name. */
export function suggestJoins(scope: Scope, offset: number, dialect: Dialect): readonly Suggestion[] {
  const own = scope.sources.filter((s) => s.level === 0 && s.source.start < offset);
  const right = own.at(-1);
  if (right === undefined) return [];
  return own
    .slice(0, -1)
    .flatMap((left) => [
      ...byReference(left, right, dialect),
      ...byReference(right, left, dialect),
      ...bySameName(left, right, dialect),
    ]);
}

const qualified = (s: ScopedSource, column: string, dialect: Dialect): string =>
  `${quoteName(s.name, dialect)}.${quoteName(column, dialect)}`;
const joinSuggestion = (text: string, note: string, rank: number): Suggestion => ({
  label: text,
  kind: 'join',
  insert: text,
  note,
  rank,
});

function byReference(from: ScopedSource, to: ScopedSource, dialect: Dialect): readonly Suggestion[] {
  return (from.table?.references ?? [])
    .filter((r) => to.table !== null && sameName(r.table, to.table.name, dialect))
    .map((r) =>
      joinSuggestion(
        r.columns
          .map((c, i) => `${qualified(from, c, dialect)} = ${qualified(to, r.toColumns[i] ?? c, dialect)}`)
          .join(' AND '),
        'foreign key',
        -1,
      ),
    );
}
function bySameName(left: ScopedSource, right: ScopedSource, dialect: Dialect): readonly Suggestion[] {
  const names = new Set(left.columns.map((c) => c.name.toLowerCase()));
  return right.columns
    .filter((c) => names.has(c.name.toLowerCase()))
    .map((c) =>
      joinSuggestion(`${qualified(left, c.name, dialect)} = ${qualified(right, c.name, dialect)}`, 'same name', 0),
    );
}
