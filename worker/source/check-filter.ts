import { EngineError } from '../../protocol/errors.ts';

/**
 * A row filter is the only SQL in a mapping: one boolean expression. Everything that could be more than that is refused
 * before SQLite sees it: a second statement, comments that swallow our own closing bracket, subqueries, parameters,
 * and functions outside a list of harmless ones.
 */
export function checkFilter(filter: string): void {
  const tokens = tokenize(filter);
  if (tokens.length === 0) throw refuse('is empty');
  let depth = 0;
  tokens.forEach((token, i) => {
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    if (depth < 0) throw refuse('closes a bracket that it did not open');
    if (token.kind === 'quoted' && tokens[i + 1]?.text === '(') throw refuse(`calls ${token.text}()`);
    if (token.kind === 'word') checkWord(token.text.toLowerCase(), tokens[i + 1]);
  });
  if (depth !== 0) throw refuse('leaves a bracket open');
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'mark';
  readonly text: string;
}

const TOKEN =
  /\s+|(?<string>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<mark><>|->>|->|\|\||[-+*/%<>=!&|~(),.])/giuy;

function tokenize(filter: string): readonly Token[] {
  if (/--|\/\*/.test(filter.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ''))) throw refuse('contains a comment');
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < filter.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(filter)?.groups;
    if (groups === undefined) throw refuse(`contains “${filter.slice(at, at + 1)}”, which has no place in it`);
    for (const kind of ['string', 'quoted', 'number', 'word', 'mark'] as const) {
      const text = groups[kind];
      if (text !== undefined) tokens.push({ kind, text });
    }
  }
  return tokens;
}

const REFUSED_WORDS = new Set([
  'select',
  'with',
  'values',
  'from',
  'attach',
  'detach',
  'pragma',
  'over',
  'raise',
  'exists',
  'match',
  'regexp',
  'union',
  'insert',
  'update',
  'delete',
  'create',
  'drop',
  'alter',
]);
const OPERATORS = new Set([
  'and',
  'or',
  'not',
  'in',
  'between',
  'like',
  'glob',
  'is',
  'when',
  'then',
  'else',
  'escape',
  'case',
]);
const FUNCTIONS = new Set(
  `abs cast ceil char coalesce date datetime floor glob hex ifnull iif instr json_array_length json_extract json_type
   json_valid julianday length like lower ltrim mod nullif replace round rtrim sign strftime substr substring time trim
   typeof unicode unixepoch upper`.split(/\s+/),
);

function checkWord(word: string, next: Token | undefined): void {
  if (REFUSED_WORDS.has(word)) throw refuse(`contains ${word.toUpperCase()}`);
  if (word === 'in' && next?.text !== '(') throw refuse('uses IN without a list in brackets');
  if (next?.text === '(' && !OPERATORS.has(word) && !FUNCTIONS.has(word)) throw refuse(`calls ${word}()`);
}

function refuse(why: string): EngineError {
  return new EngineError('E_BAD_MAPPING', `The row filter ${why}.`, {
    hint: 'A filter is one condition over the columns of the table, for example "status" = \'complete\'. Subqueries and comments are not taken.',
    path: 'mapping.filter',
  });
}
