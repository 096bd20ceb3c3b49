import { CLAUSE_WORDS } from './keywords.ts';
import type { SelectItem } from './query-shape.ts';
import { isName, isPunct, isWord, keywordOf, nameOf, type Dialect, type Token } from './token.ts';

/** `expr AS name`, `expr name`, `table.name`: the name others see. */
export function toItem(tokens: readonly Token[], dialect: Dialect): SelectItem {
  const last = tokens.at(-1);
  const before = tokens.at(-2);
  if (last === undefined || !isName(last)) return { tokens, alias: null, aliasAt: null };
  if (isWord(before, 'AS')) return { tokens: tokens.slice(0, -2), alias: nameOf(last, dialect), aliasAt: last };
  const isReserved = last.kind === 'word' && CLAUSE_WORDS.has(keywordOf(last));
  const ends =
    before !== undefined &&
    (before.kind !== 'op' && before.kind !== 'punct'
      ? !CLAUSE_WORDS.has(keywordOf(before)) || isWord(before, 'END')
      : isPunct(before, ')') || isPunct(before, ']'));
  if (ends && !isReserved) return { tokens: tokens.slice(0, -1), alias: nameOf(last, dialect), aliasAt: last };
  return { tokens, alias: null, aliasAt: null };
}
