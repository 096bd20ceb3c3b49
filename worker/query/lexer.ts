import type { Dialect, TextRange } from '../../protocol/query-schema.ts';

/** Just enough of both dialects to know what is text and what is SQL. Offsets are UTF-16 code units. */
export interface Token extends TextRange {
  readonly kind: 'word' | 'quoted' | 'string' | 'parameter' | 'separator' | 'comment' | 'space' | 'other';
}

const WORD = /[\p{L}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*/uy;
const NUMBER = /(?:0x[\da-f]+|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?)/iy;
const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n]*/y;
const PARAMETER = /:[A-Za-z_]\w*/y;
const DOLLAR_TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const DOLLAR_NUMBER = /\$\d+/y;

export function tokenize(sql: string, dialect: Dialect): Token[] {
  const tokens: Token[] = [];
  let brackets = 0;
  for (let at = 0; at < sql.length;) {
    const { kind, to } = readToken(sql, at, dialect, brackets);
    if (dialect === 'postgres' && kind === 'other') brackets += bracketStep(sql[at]);
    tokens.push({ kind, from: at, to });
    at = to;
  }
  return tokens;
}

const bracketStep = (sign: string | undefined): number => (sign === '[' ? 1 : sign === ']' ? -1 : 0);

function readToken(sql: string, at: number, dialect: Dialect, brackets: number): Omit<Token, 'from'> {
  const sign = sql[at] ?? '';
  const simple = readSimple(sql, at, sign, dialect);
  if (simple !== null) return simple;
  if (dialect === 'postgres') {
    const escaped = /[eE]/.test(sign) && sql[at + 1] === "'";
    if (escaped) return { kind: 'string', to: endOfQuote(sql, at + 2, "'", true) };
    const tag = match(DOLLAR_TAG, sql, at);
    if (tag !== null) return { kind: 'string', to: endOf(sql, tag, at + tag.length) };
    const number = match(DOLLAR_NUMBER, sql, at);
    if (number !== null) return { kind: 'other', to: at + number.length };
    if (sql.startsWith('::', at)) return { kind: 'other', to: at + 2 };
  }
  // `a[1:n]` is a slice.
  const parameter = brackets > 0 ? null : match(PARAMETER, sql, at);
  if (parameter !== null) return { kind: 'parameter', to: at + parameter.length };
  const word = match(WORD, sql, at);
  if (word !== null) return { kind: 'word', to: at + word.length };
  return { kind: 'other', to: at + (match(NUMBER, sql, at)?.length ?? 1) };
}

/** What is the same in both dialects, or begins with a sign of its own. */
function readSimple(sql: string, at: number, sign: string, dialect: Dialect): Omit<Token, 'from'> | null {
  const space = match(SPACE, sql, at);
  if (space !== null) return { kind: 'space', to: at + space.length };
  if (sign === ';') return { kind: 'separator', to: at + 1 };
  if (sign === "'") return { kind: 'string', to: endOfQuote(sql, at + 1, "'", false) };
  if (sign === '"') return { kind: 'quoted', to: endOfQuote(sql, at + 1, '"', false) };
  if (sign === '`' && dialect === 'sqlite') return { kind: 'quoted', to: endOfQuote(sql, at + 1, '`', false) };
  if (sign === '[' && dialect === 'sqlite') return { kind: 'quoted', to: endOf(sql, ']', at + 1) };
  const line = match(LINE_COMMENT, sql, at);
  if (line !== null) return { kind: 'comment', to: at + line.length };
  if (sql.startsWith('/*', at)) return { kind: 'comment', to: endOfComment(sql, at, dialect === 'postgres') };
  return null;
}

function match(pattern: RegExp, sql: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? null;
}

function endOf(sql: string, end: string, from: number): number {
  const found = sql.indexOf(end, from);
  return found < 0 ? sql.length : found + end.length;
}

/** A doubled quote stands for one; in Postgres's `E''` a backslash hides it too. */
function endOfQuote(sql: string, from: number, quote: string, backslash: boolean): number {
  for (let at = from; at < sql.length; at++) {
    if (backslash && sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

function endOfComment(sql: string, from: number, nests: boolean): number {
  if (!nests) return endOf(sql, '*/', from + 2);
  let depth = 0;
  for (let at = from; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}
