import type { Dialect } from './dialect.ts';

/**
 * A piece of SQL: text of ours, and texts of others that are bound, never spliced. Only this module makes one, so that
 * whatever comes out of `render` cannot be steered by a name or a value.
 */
export interface Sql {
  readonly chunks: readonly Chunk[];
}
/** Text that may be indented, text that may not, and values. */
type Chunk = string | Verbatim | Bound;
interface Verbatim {
  readonly code: string;
}
interface Bound {
  readonly value: string;
}
/** What is sent: the text with its place holders, and the values in their order. */
export interface Statement {
  readonly text: string;
  readonly params: readonly string[];
}

/**
 * Template of SQL. Whole numbers are written as they are; names and values come as pieces (`name`, `text`). The common
 * indentation goes, and a piece of several lines is indented like the line it is put into.
 *
 *   sql`SELECT ${name('a"b')} FROM t WHERE x = ${text("it's")}`   →   SELECT "a""b" FROM t WHERE x = $1::text
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | number)[]): Sql {
  const chunks: Chunk[] = [];
  let line = '';
  dedent(strings).forEach((own, i) => {
    chunks.push(own);
    line = own.includes('\n') ? own.slice(own.lastIndexOf('\n') + 1) : line + own;
    const part = parts[i];
    if (part === undefined) return;
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    const inner = typeof part === 'number' ? [formatNumber(part)] : part.chunks;
    chunks.push(...inner.map((chunk) => (typeof chunk === 'string' ? chunk.replaceAll('\n', `\n${indent}`) : chunk)));
  });
  return { chunks };
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();
/** Without the line break it begins with, the blank line it ends with and the indentation of its least indented line. */
function dedent(strings: TemplateStringsArray): readonly string[] {
  const found = known.get(strings);
  if (found !== undefined) return found;
  const own = strings.map((part, i) => (i === strings.length - 1 ? part.replace(/\n[ \t]*$/, '') : part));
  const indents = own.flatMap((part) => [...part.matchAll(/\n([ \t]*)(?=\S|$)/g)].map((m) => m[1]?.length ?? 0));
  const least = indents.length === 0 ? 0 : Math.min(...indents);
  const out = own.map((part) => part.replaceAll(new RegExp(`\n[ \t]{${least}}`, 'g'), '\n'));
  // One that is written as an escape is meant.
  if (strings.raw[0]?.startsWith('\n') === true) out[0] = (out[0] ?? '').replace(/^\n/, '');
  known.set(strings, out);
  return out;
}

function formatNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`not a whole number: ${value}`);
  return value < 0 ? `(${value})` : String(value);
}

/** Text of our own: never of a document, a file or a user. */
export const raw = (code: string): Sql => ({ chunks: [code] });
/** The same where line breaks are part of it: names, and expressions that hold texts. */
export const verbatim = (code: string): Sql => ({ chunks: [{ code }] });
export const NOTHING: Sql = { chunks: [] };

/** An identifier, whatever it is made of. A zero byte ends a statement in either engine, so it becomes a question mark. */
export const name = (identifier: string): Sql =>
  verbatim(`"${identifier.replaceAll('\0', '?').replaceAll('"', '""')}"`);
/** A value of text, bound. */
export const text = (value: string): Sql => ({ chunks: [{ value }] });

/** Pieces with a separator of ours between them. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  return { chunks: pieces.flatMap((piece, i) => (i === 0 ? piece.chunks : [separator, ...piece.chunks])) };
}
export const list = (pieces: readonly Sql[]): Sql => join(pieces, ', ');
/** One a line. */
export const lines = (pieces: readonly Sql[]): Sql => join(pieces, ',\n');
/** TRUE and FALSE where there is nothing to join. */
export const allOf = (pieces: readonly Sql[]): Sql => joinLogic(pieces, ' AND ', 'TRUE');
export const anyOf = (pieces: readonly Sql[]): Sql => joinLogic(pieces, ' OR ', 'FALSE');
function joinLogic(pieces: readonly Sql[], separator: string, none: string): Sql {
  const [only] = pieces;
  if (only === undefined) return raw(none);
  return pieces.length === 1 ? only : sql`(${join(pieces, separator)})`;
}

/** One line of comment; whatever breaks lines or is not printed goes. */
export const comment = (words: string): Sql =>
  raw(`-- ${words.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200)}`);

/** A named part of a statement, with a sentence that says what it holds. */
export interface Cte {
  readonly name: string;
  readonly comment: string;
  readonly body: Sql;
  /** true = computed once even where it is read once; false = put in wherever it is read. */
  readonly materialized?: boolean;
  /** Reads itself. */
  readonly recursive?: boolean;
}

/** `WITH … SELECT …`. */
export function withCtes(ctes: readonly Cte[], final: Sql): Sql {
  if (ctes.length === 0) return final;
  const parts = ctes.map(({ name: cte, comment: words, body, materialized }) => {
    const how = raw(materialized === undefined ? '' : materialized ? ' MATERIALIZED' : ' NOT MATERIALIZED');
    return sql`${comment(words)}\n${raw(cte)} AS${how} (\n  ${body}\n)`;
  });
  const recursive = raw(ctes.some((cte) => cte.recursive === true) ? ' RECURSIVE' : '');
  return sql`WITH${recursive}\n${join(parts, ',\n')}\n${final}`;
}

/** For the driver: place holders and values. */
export function render(piece: Sql, dialect: Pick<Dialect, 'placeholder'>): Statement {
  const params: string[] = [];
  const out = piece.chunks.map((chunk) => {
    if (typeof chunk === 'string') return chunk;
    if ('code' in chunk) return chunk.code;
    const { index, isNew } = dialect.placeholder(chunk.value, params);
    if (isNew) params.push(chunk.value);
    return index;
  });
  return { text: out.join(''), params };
}

/** For reading, and for running in an editor: values as literals. */
export const renderInline = (piece: Sql, dialect: Pick<Dialect, 'literal'>): string =>
  piece.chunks
    .map((chunk) => (typeof chunk === 'string' ? chunk : 'code' in chunk ? chunk.code : dialect.literal(chunk.value)))
    .join('');
