import type { Dialect } from '../../../../protocol/query-schema.ts';

export type { Dialect };

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'param' | 'op' | 'punct' | 'comment';
/** A piece of SQL text. Offsets are UTF-16 units of the whole text. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Strings, quoted names and comments that have no end yet: the cursor at `end` is still inside. */
  readonly open?: boolean;
}

interface Lexer {
  readonly text: string;
  readonly dialect: Dialect;
}
/** Kind and end of the token at `at`. */
type Found = readonly [TokenKind, number, boolean?];

const SPACE = /\s/;
const WORD_START = /[\p{L}_]/u;
const WORD = /[\p{L}\p{N}_$]*/uy;
const NUMBER = /0x[\da-f]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:e[+-]?\d+)?/iy;
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const OPERATOR = /->>|->|#>>|#>|\|\||::|:=|<=>|<=|>=|<>|!=|==|<<|>>|@>|<@|\?\||\?&|!~\*|!~|~\*|~|[-+*/%<>=&|^!?@#]/y;
const PARAM = /[:@$][\p{L}_][\p{L}\p{N}_]*|\$\d+|\?\d*/uy;

function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? at : at + found[0].length;
}

/** The end of something quoted; a doubled mark stands for itself. */
function quotedEnd(text: string, at: number, mark: string, escapes = false): Found {
  const kind: TokenKind = mark === "'" ? 'string' : 'quoted';
  for (let i = at + 1; i < text.length; i++) {
    if (escapes && text[i] === '\\') i++;
    else if (text[i] === mark) {
      if (text[i + 1] !== mark || mark === ']') return [kind, i + 1];
      i++;
    }
  }
  return [kind, text.length, true];
}

/** Postgres nests block comments, SQLite does not. */
function commentEnd({ text, dialect }: Lexer, at: number): Found {
  let depth = 1;
  for (let i = at + 2; i < text.length; i++) {
    if (text.startsWith('*/', i)) {
      depth--;
      i++;
      if (depth === 0 || dialect === 'sqlite') return ['comment', i + 1];
    } else if (text.startsWith('/*', i)) {
      depth++;
      i++;
    }
  }
  return ['comment', text.length, true];
}

function dollarString(text: string, at: number): Found | null {
  const opened = matchAt(DOLLAR, text, at);
  if (opened === at) return null;
  const end = text.indexOf(text.slice(at, opened), opened);
  return end < 0 ? ['string', text.length, true] : ['string', end + opened - at];
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function findMarked(lexer: Lexer, at: number): Found | null {
  const { text, dialect } = lexer;
  const char = text[at] ?? '';
  const two = text.slice(at, at + 2);
  if (two === '--') return ['comment', lineEnd(text, at), lineEnd(text, at) === text.length];
  if (two === '/*') return commentEnd(lexer, at);
  if (char === "'" || char === '"') return quotedEnd(text, at, char);
  if (dialect === 'sqlite' && char === '`') return quotedEnd(text, at, '`');
  if (dialect === 'sqlite' && char === '[') return quotedEnd(text, at, ']');
  if (dialect === 'postgres' && /^e'/i.test(two)) {
    const [, end, open] = quotedEnd(text, at + 1, "'", true);
    return ['string', end, open === true];
  }
  return dialect === 'postgres' && char === '$' ? dollarString(text, at) : null;
}

function findPlain({ text, dialect }: Lexer, at: number): Found {
  const char = text[at] ?? '';
  if (WORD_START.test(char) || (text.codePointAt(at) ?? 0) > 0xff_ff)
    return ['word', Math.max(at + 1, matchAt(WORD, text, at))];
  if (/\d/.test(char) || (char === '.' && /\d/.test(text[at + 1] ?? '')))
    return ['number', Math.max(at + 1, matchAt(NUMBER, text, at))];
  if (':@$?'.includes(char) && !text.startsWith('::', at) && !text.startsWith(':=', at)) {
    // `?` is an operator of jsonb in Postgres, a parameter in SQLite.
    const end = dialect === 'postgres' && (char === '?' || char === '@') ? at : matchAt(PARAM, text, at);
    if (end > at) return ['param', end];
  }
  const end = matchAt(OPERATOR, text, at);
  return end > at ? ['op', end] : ['punct', at + 1];
}

/** The whole text as tokens, comments included; never throws, whatever is typed. */
export function tokenize(text: string, dialect: Dialect): readonly Token[] {
  const lexer: Lexer = { text, dialect };
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    if (SPACE.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const [kind, end, open] = findMarked(lexer, at) ?? findPlain(lexer, at);
    tokens.push({ kind, start: at, end, text: text.slice(at, end), ...(open === true ? { open } : {}) });
    at = end;
  }
  return tokens;
}

/** Upper-case text of a plain word, else ''. */
export const keywordOf = (token: Token | undefined): string => (token?.kind === 'word' ? token.text.toUpperCase() : '');
export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  words.includes(keywordOf(token));
export const isPunct = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'punct' && token.text === text;
export const isName = (token: Token | undefined): boolean => token?.kind === 'word' || token?.kind === 'quoted';

/** What a name token means: quotes off; Postgres folds plain names to lower case. */
export function nameOf(token: Token, dialect: Dialect): string {
  if (token.kind === 'quoted') {
    const mark = token.text[0] ?? '"';
    const inner = token.text.slice(1, token.open === true ? undefined : -1);
    return mark === '[' ? inner : inner.replaceAll(mark + mark, mark);
  }
  return dialect === 'postgres' ? token.text.toLowerCase() : token.text;
}

/** The value of a string token, without its quotes. */
export function stringOf(token: Token): string {
  const inner = token.text.replace(/^e(?=')/i, '');
  if (inner.startsWith('$'))
    return inner.slice(
      inner.indexOf('$', 1) + 1,
      token.open === true ? undefined : inner.lastIndexOf('$', inner.length - 2),
    );
  return inner.slice(1, token.open === true ? undefined : -1).replaceAll("''", "'");
}

/** SQLite compares names without regard to (ASCII) case; Postgres has folded them already. */
export const sameName = (a: string, b: string, dialect: Dialect): boolean =>
  a === b || (dialect === 'sqlite' && a.toLowerCase() === b.toLowerCase());
