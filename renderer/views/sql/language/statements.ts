import { isPunct, tokenize, type Dialect, type Token } from './token.ts';

/** One statement of a script: what is between semicolons, from its first to its last token. */
export interface Statement {
  readonly start: number;
  /** Behind the last token, without the semicolon. */
  readonly end: number;
  /** Behind the semicolon. */
  readonly close: number;
  readonly tokens: readonly Token[];
}

/** Is the offset in the statement, or in the white space behind it, before its semicolon? */
export const isWithin = (s: Statement, offset: number, text: string): boolean =>
  s.start <= offset && (offset < s.close || (offset === s.close && text[s.close - 1] !== ';') || offset === s.end);

/** Comments before a statement belong to it; a script of comments only has none. */
export function splitStatements(text: string, dialect: Dialect): readonly Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  const end = (close: number): void => {
    const last = tokens.at(-1);
    if (last !== undefined && tokens.some((t) => t.kind !== 'comment'))
      statements.push({ start: tokens[0]?.start ?? 0, end: last.end, close, tokens });
    tokens = [];
  };
  for (const token of tokenize(text, dialect)) {
    if (isPunct(token, ';')) end(token.end);
    else tokens.push(token);
  }
  end(text.length);
  return statements;
}

/** The statement the cursor is in, or the one it has just left; the next one when it stands before all. */
export function statementAt(statements: readonly Statement[], offset: number): Statement | null {
  const inside = statements.find((s) => s.start <= offset && offset <= s.end);
  return inside ?? statements.findLast((s) => s.start <= offset) ?? statements[0] ?? null;
}

/** Names of `:name` parameters in order of their first use. */
export function getParameters(text: string, dialect: Dialect): readonly string[] {
  const names = tokenize(text, dialect)
    .filter((t) => t.kind === 'param' && t.text.startsWith(':'))
    .map((t) => t.text.slice(1));
  return [...new Set(names)];
}
