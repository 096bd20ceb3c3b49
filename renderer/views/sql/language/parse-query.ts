import { CLAUSE_WORDS } from './keywords.ts';
import type { Clause, Core, Query, Source } from './query-shape.ts';
import { toItem } from './select-item.ts';
import { isName, isPunct, isWord, keywordOf, nameOf, type Dialect, type Token } from './token.ts';

const CLAUSES: Readonly<Record<string, Clause>> = {
  SELECT: 'select',
  FROM: 'from',
  WHERE: 'where',
  GROUP: 'group',
  HAVING: 'having',
  WINDOW: 'window',
  ORDER: 'order',
  LIMIT: 'limit',
  VALUES: 'values',
};
const SET_OPERATORS = ['UNION', 'INTERSECT', 'EXCEPT'] as const;
const STARTS_QUERY = ['SELECT', 'WITH', 'VALUES'] as const;

/** Never throws: what is half written is read as far as it goes. */
export function parseStatement(tokens: readonly Token[], dialect: Dialect, end: number): Query {
  const code = tokens.filter((t) => t.kind !== 'comment');
  // EXPLAIN and its options stand before the query it explains.
  const first = code.findIndex((t) => isWord(t, ...STARTS_QUERY));
  const parser = new Parser(code, dialect, end);
  return parser.query(Math.max(0, first), null);
}

class Parser {
  private readonly tokens: readonly Token[];
  private readonly dialect: Dialect;
  private readonly textEnd: number;
  private at = 0;

  constructor(tokens: readonly Token[], dialect: Dialect, textEnd: number) {
    this.tokens = tokens;
    this.dialect = dialect;
    this.textEnd = textEnd;
  }

  /** Reads from token `first` to the bracket that closes it (left for the caller) or the end. */
  query(first: number, parent: Query | null): Query {
    this.at = first;
    const start = parent === null ? 0 : (this.tokens[first - 1]?.end ?? 0);
    const isRecursive = isWord(this.peek(0), 'WITH') && isWord(this.peek(1), 'RECURSIVE');
    const query: Query = { start, end: this.textEnd, parent, isRecursive, ctes: [], cores: [], children: [] };
    parent?.children.push(query);
    if (isWord(this.peek(0), 'WITH')) this.ctes(query);
    this.cores(query);
    query.end = this.peek(0)?.start ?? this.textEnd;
    return query;
  }

  private peek(by: number): Token | undefined {
    return this.tokens[this.at + by];
  }
  private take(): Token | undefined {
    return this.tokens[this.at++];
  }
  private takeIf(test: boolean): boolean {
    if (test) this.at++;
    return test;
  }

  private ctes(query: Query): void {
    this.at++;
    this.takeIf(query.isRecursive);
    for (;;) {
      const name = this.peek(0);
      if (!isName(name) || name === undefined || isWord(name, 'SELECT')) return;
      this.at++;
      const columns = isPunct(this.peek(0), '(') ? this.nameList() : [];
      this.takeIf(isWord(this.peek(0), 'AS'));
      this.takeIf(isWord(this.peek(0), 'NOT'));
      this.takeIf(isWord(this.peek(0), 'MATERIALIZED'));
      // Listed before its query is read: a recursive one sees itself.
      const index = query.ctes.push({ name: nameOf(name, this.dialect), at: name, columns, query: null }) - 1;
      const inner = isPunct(this.peek(0), '(') ? this.bracketQuery(query) : null;
      query.ctes[index] = { name: nameOf(name, this.dialect), at: name, columns, query: inner };
      if (!this.takeIf(isPunct(this.peek(0), ','))) return;
    }
  }

  /** `( … )` that holds a query, or what will be one. */
  private bracketQuery(parent: Query): Query {
    this.at++;
    const query = this.query(this.at, parent);
    this.takeIf(isPunct(this.peek(0), ')'));
    return query;
  }

  private nameList(): readonly string[] {
    const names: string[] = [];
    this.at++;
    for (let t = this.take(); t !== undefined && !isPunct(t, ')'); t = this.take())
      if (isName(t)) names.push(nameOf(t, this.dialect));
    return names;
  }

  private cores(query: Query): void {
    do {
      const core: Core = { start: this.peek(0)?.start ?? query.start, clauses: [], sources: [], items: [] };
      query.cores.push(core);
      this.core(query, core);
    } while (this.setOperator());
  }
  private setOperator(): boolean {
    if (!isWord(this.peek(0), ...SET_OPERATORS)) return false;
    this.at++;
    this.takeIf(isWord(this.peek(0), 'ALL', 'DISTINCT'));
    return true;
  }

  private core(query: Query, core: Core): void {
    let clause: Clause = 'start';
    const enter = (next: Clause, start: number): void => {
      clause = next;
      core.clauses.push({ clause, start });
    };
    while (this.at < this.tokens.length) {
      const token = this.peek(0);
      if (token === undefined || isPunct(token, ')') || isWord(token, ...SET_OPERATORS)) return;
      const next = CLAUSES[keywordOf(token)];
      if (next !== undefined && !this.isDistinctFrom(token)) {
        this.at++;
        enter(next, token.end);
        if (next === 'select') this.items(query, core);
        else if (next === 'from') this.sources(query, core, enter);
      } else this.expression(query);
    }
  }
  /** The FROM of `IS DISTINCT FROM`. Those of `extract(… FROM …)` stand in brackets. */
  private isDistinctFrom(token: Token): boolean {
    return (
      isWord(token, 'FROM') &&
      isWord(this.tokens[this.at - 1], 'DISTINCT') &&
      isWord(this.tokens[this.at - 2], 'IS', 'NOT')
    );
  }

  /** One token of an expression, or what stands in brackets. */
  private expression(query: Query): void {
    if (!isPunct(this.peek(0), '(')) {
      this.at++;
      return;
    }
    if (isWord(this.peek(1), ...STARTS_QUERY)) {
      this.bracketQuery(query);
      return;
    }
    this.at++;
    while (this.at < this.tokens.length && !isPunct(this.peek(0), ')')) this.expression(query);
    this.at++;
  }

  private items(query: Query, core: Core): void {
    this.takeIf(isWord(this.peek(0), 'DISTINCT', 'ALL'));
    let from = this.at;
    const flush = (): void => {
      if (this.at > from) core.items.push(toItem(this.tokens.slice(from, this.at), this.dialect));
    };
    while (this.at < this.tokens.length) {
      const token = this.peek(0);
      if (isPunct(token, ')') || isWord(token, ...SET_OPERATORS)) break;
      if (token !== undefined && CLAUSES[keywordOf(token)] !== undefined && !this.isDistinctFrom(token)) break;
      if (isPunct(token, ',')) {
        flush();
        this.at++;
        from = this.at;
      } else this.expression(query);
    }
    flush();
  }

  private sources(query: Query, core: Core, enter: (clause: Clause, start: number) => void): void {
    let isExpected = true;
    while (this.at < this.tokens.length) {
      const token = this.peek(0);
      if (token === undefined || isPunct(token, ')') || isWord(token, ...SET_OPERATORS)) return;
      const word = keywordOf(token);
      if (CLAUSES[word] !== undefined && word !== 'FROM' && word !== 'VALUES') return;
      if (isPunct(token, ',') || word === 'JOIN') {
        this.at++;
        isExpected = true;
        enter('from', token.end);
      } else if (word === 'ON' || word === 'USING') {
        this.at++;
        isExpected = false;
        enter(word === 'ON' ? 'on' : 'using', token.end);
      } else if (isExpected && (isPunct(token, '(') || (isName(token) && !CLAUSE_WORDS.has(word)))) {
        this.source(query, core);
        isExpected = false;
      } else this.expression(query);
    }
  }

  private source(query: Query, core: Core): void {
    const first = this.peek(0);
    if (first === undefined) return;
    if (isPunct(first, '(') && !isWord(this.peek(1), ...STARTS_QUERY) && this.at + 1 < this.tokens.length) {
      // Brackets around joins: what is inside are sources of the same query.
      this.at++;
      this.sources(query, core, () => undefined);
      this.takeIf(isPunct(this.peek(0), ')'));
      return;
    }
    const source = isPunct(first, '(') ? this.querySource(query, first) : this.namedSource(first);
    core.sources.push(source);
    this.alias(source);
    source.end = this.tokens[this.at - 1]?.end ?? this.textEnd;
  }
  private querySource(query: Query, first: Token): Source {
    const inner = this.bracketQuery(query);
    return {
      start: first.start,
      end: inner.end,
      schema: null,
      name: '',
      at: null,
      query: inner,
      isFunction: false,
      alias: null,
      columns: [],
    };
  }
  private namedSource(first: Token): Source {
    let schema: string | null = null;
    let name = first;
    this.at++;
    while (isPunct(this.peek(0), '.') && isName(this.peek(1))) {
      schema = nameOf(name, this.dialect);
      name = this.peek(1) ?? name;
      this.at += 2;
    }
    if (isPunct(this.peek(0), '.')) this.at++;
    const isFunction = isPunct(this.peek(0), '(');
    if (isFunction) this.brackets();
    return {
      start: first.start,
      end: name.end,
      schema,
      name: nameOf(name, this.dialect),
      at: name,
      query: null,
      isFunction,
      alias: null,
      columns: [],
    };
  }
  private brackets(): void {
    let depth = 0;
    do {
      const token = this.take();
      if (isPunct(token, '(')) depth++;
      else if (isPunct(token, ')')) depth--;
    } while (depth > 0 && this.at < this.tokens.length);
  }
  private alias(source: Source): void {
    const named = this.takeIf(isWord(this.peek(0), 'AS'));
    const token = this.peek(0);
    if (token === undefined || !isName(token) || (!named && CLAUSE_WORDS.has(keywordOf(token)))) return;
    this.at++;
    source.alias = nameOf(token, this.dialect);
    if (isPunct(this.peek(0), '(')) source.columns = this.nameList();
  }
}
