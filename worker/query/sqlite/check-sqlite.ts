import type { Diagnostic, SqlCheck, TextRange } from '../../../protocol/query-schema.ts';
import { tokenize } from '../lexer.ts';
import { findParameters, findStatements, findUnnamed, unnamedError } from '../statements.ts';
import type { OpenFile } from './open-file.ts';
import { refusedError } from './sqlite-error.ts';

/** What SQLite's own parser says of each statement, at its place. Nothing is run. */
export function checkSqlite(sql: string, open: OpenFile): SqlCheck {
  const statements = findStatements(sql, 'sqlite');
  const diagnostics = statements.flatMap((range) => checkStatement(sql, range, open));
  return { statements, diagnostics, parameters: findParameters(sql, 'sqlite') };
}

function checkStatement(sql: string, range: TextRange, open: OpenFile): Diagnostic[] {
  const text = sql.slice(range.from, range.to);
  const message = tryPrepare(text, open);
  const { denied } = open.guard;
  open.guard.denied = null;
  if (message === null) return checkUnnamed(text, range);
  if (denied !== null) return [{ severity: 'error', kind: 'refused', message: refusedError(denied).message, ...range }];
  const place = locate(text, message, open);
  const kind = /^no such |^ambiguous /.test(message)
    ? 'name'
    : /syntax error|incomplete|unrecognized/.test(message)
      ? 'syntax'
      : 'other';
  return [{ severity: 'error', kind, message, from: range.from + place.from, to: range.from + place.to }];
}

function checkUnnamed(text: string, { from }: TextRange): Diagnostic[] {
  const unnamed = findUnnamed(text, 'sqlite');
  if (unnamed === null) return [];
  const { message } = unnamedError(text, unnamed);
  return [{ severity: 'error', kind: 'other', message, from: from + unnamed.from, to: from + unnamed.to }];
}

function tryPrepare(text: string, { db, guard }: OpenFile): string | null {
  guard.denied = null;
  try {
    db.prepare(text);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/** SQLite names the word but not its place: it is the first of them where the text up to it fails in the same way. */
function locate(text: string, message: string, open: OpenFile): TextRange {
  const near = /^near "([\s\S]*)": syntax error$/.exec(message)?.[1];
  const name = /^(?:no such [a-z ]+|ambiguous column name): (?:.*\.)?([^.]+)$/.exec(message)?.[1];
  const wanted = near ?? name ?? /unrecognized token: "([\s\S]*)"$/.exec(message)?.[1];
  const solid = tokenize(text, 'sqlite').filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const last = solid.at(-1) ?? { from: 0, to: text.length };
  if (wanted === undefined) return message.startsWith('incomplete') ? last : { from: 0, to: text.length };
  const places = solid.filter(({ from, to }) => isNamed(text.slice(from, to), wanted));
  const failsSame = ({ to }: TextRange): boolean => tryPrepare(text.slice(0, to), open) === message;
  const { from, to } = (near === undefined ? places[0] : firstWhere(places, failsSame)) ?? { from: 0, to: text.length };
  return { from, to };
}

/** By halving: once `holds` is true it stays so. The parser reads as far as the wrong word, however long the rest is. */
function firstWhere<T>(items: readonly T[], holds: (item: T) => boolean): T | undefined {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) high = middle;
    else low = middle + 1;
  }
  return items[low];
}

function isNamed(word: string, wanted: string): boolean {
  const bare = /^["`[]/.test(word) ? word.slice(1, -1) : word;
  return word === wanted || bare.toLowerCase() === wanted.toLowerCase();
}
