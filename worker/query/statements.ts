import { EngineError } from '../../protocol/errors.ts';
import type { Dialect, TextRange } from '../../protocol/query-schema.ts';
import type { QueryParams } from '../../protocol/query.ts';
import { tokenize, type Token } from './lexer.ts';

const isBlank = ({ kind }: Token): boolean => kind === 'space' || kind === 'comment';

/** The statements of a text, without separators and what is blank around them. */
export function findStatements(sql: string, dialect: Dialect): TextRange[] {
  const found: TextRange[] = [];
  let open: Token[] = [];
  const close = (): void => {
    const solid = open.filter((token) => !isBlank(token));
    const [first] = solid;
    const last = solid.at(-1);
    if (first !== undefined && last !== undefined) found.push({ from: first.from, to: last.to });
    open = [];
  };
  for (const token of tokenize(sql, dialect))
    if (token.kind === 'separator') close();
    else open.push(token);
  close();
  return found;
}

/** The one statement of a text. Throws E_BAD_QUERY for none, E_REFUSED for several. */
export function onlyStatement(sql: string, dialect: Dialect): TextRange {
  const statements = findStatements(sql, dialect);
  const [only] = statements;
  if (only === undefined)
    throw new EngineError('E_BAD_QUERY', 'There is no statement to run.', { hint: 'Write one, for example SELECT 1.' });
  if (statements.length > 1)
    throw new EngineError('E_REFUSED', `These are ${statements.length} statements; one is run at a time.`, {
      hint: 'Run them one after another.',
    });
  return only;
}

export function findParameters(sql: string, dialect: Dialect): string[] {
  const names = tokenize(sql, dialect)
    .filter(({ kind }) => kind === 'parameter')
    .map(({ from, to }) => sql.slice(from + 1, to));
  return [...new Set(names)];
}

const UNNAMED: Readonly<Record<Dialect, RegExp>> = { sqlite: /^[?@$:]/, postgres: /^\$\d/ };

/**
 * `?`, `?1`, `:1`, `@name` and `$name` are parameters of SQLite too, and NULL when nobody gives them a value; `$1` of
 * Postgres would be whichever named one comes first.
 */
export function findUnnamed(sql: string, dialect: Dialect): TextRange | null {
  const tokens = tokenize(sql, dialect);
  const at = tokens.findIndex(({ kind, from, to }) => kind === 'other' && UNNAMED[dialect].test(sql.slice(from, to)));
  const [sign, next] = [tokens[at], tokens[at + 1]];
  if (sign === undefined) return null;
  return { from: sign.from, to: next !== undefined && /^\w/.test(sql.slice(next.from)) ? next.to : sign.to };
}

export const unnamedError = (sql: string, { from, to }: TextRange): EngineError =>
  new EngineError('E_USAGE', `The parameter ${sql.slice(from, to)} has no name that a value could be given by.`, {
    hint: 'Write it as :name, and give that a value.',
  });

/** A numbered statement, as Postgres wants it: `:from` is `$1`, wherever it stands. */
export interface Numbered {
  readonly text: string;
  readonly names: readonly string[];
  /** Where an offset of the numbered text is in the original. */
  readonly toOriginal: (offset: number) => number;
}

export function numberParameters(sql: string): Numbered {
  const names: string[] = [];
  const shifts: { readonly at: number; readonly shift: number }[] = [];
  let text = '';
  for (const { kind, from, to } of tokenize(sql, 'postgres')) {
    if (kind !== 'parameter') {
      text += sql.slice(from, to);
      continue;
    }
    const name = sql.slice(from + 1, to);
    if (!names.includes(name)) names.push(name);
    text += `$${names.indexOf(name) + 1}`;
    shifts.push({ at: text.length, shift: to - text.length });
  }
  const toOriginal = (offset: number): number => offset + (shifts.findLast(({ at }) => at <= offset)?.shift ?? 0);
  return { text, names, toOriginal };
}

/** The values of these parameters. Throws E_USAGE for one that is not given. */
export function pickParameters(names: readonly string[], params: QueryParams): (null | boolean | number | string)[] {
  return names.map((name) => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value !== undefined) return value;
    throw new EngineError('E_USAGE', `The parameter :${name} has no value.`, {
      hint: `Give it one, for example --param ${name}=….`,
    });
  });
}
