import type { Dialect } from './token.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Words that end an expression or a source: none of them is an alias. */
export const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  words(`
  SELECT FROM WHERE GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH FOR UNION INTERSECT EXCEPT RETURNING VALUES WITH
  JOIN INNER LEFT RIGHT FULL CROSS NATURAL OUTER LATERAL ON USING AS AND OR NOT IN IS BETWEEN LIKE ILIKE GLOB SIMILAR MATCH
  REGEXP COLLATE CASE WHEN THEN ELSE END EXISTS ASC DESC NULLS DISTINCT ALL OVER PARTITION FILTER BY SET INDEXED
  ROWS RANGE GROUPS ISNULL NOTNULL ESCAPE TABLESAMPLE WITHIN`),
);

/** Names that must be quoted when they are used as a column or table. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...CLAUSE_WORDS,
  ...words(`TABLE INDEX CREATE DROP ALTER INSERT UPDATE DELETE DEFAULT CHECK CONSTRAINT PRIMARY FOREIGN REFERENCES UNIQUE NULL
  TRUE FALSE USER CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP TO CAST COLUMN ANY SOME ARRAY BOTH LEADING TRAILING ONLY
  PLACING ANALYZE ANALYSE DO INTO`),
]);

const EXPRESSION = words(`
  AND OR NOT IN BETWEEN LIKE EXISTS CASE WHEN THEN ELSE END CAST NULL TRUE FALSE DISTINCT COLLATE`);
const EXPRESSION_PHRASES = ['IS NULL', 'IS NOT NULL', 'OVER ()', 'PARTITION BY', 'FILTER (WHERE )'] as const;
const SQLITE_ONLY = ['GLOB', 'CURRENT_TIMESTAMP'] as const;
const POSTGRES_ONLY = [
  'ILIKE',
  'INTERVAL',
  'ARRAY',
  'ANY',
  'CURRENT_TIMESTAMP',
  'AT TIME ZONE',
  'IS DISTINCT FROM',
] as const;

export const expressionKeywords = (dialect: Dialect): readonly string[] => [
  ...EXPRESSION,
  ...EXPRESSION_PHRASES,
  ...(dialect === 'sqlite' ? SQLITE_ONLY : POSTGRES_ONLY),
];
export const STATEMENT_KEYWORDS = ['SELECT', 'WITH', 'WITH RECURSIVE', 'VALUES', 'EXPLAIN'] as const;
export const JOIN_KEYWORDS = ['JOIN', 'LEFT JOIN', 'INNER JOIN', 'CROSS JOIN', 'FULL JOIN', 'RIGHT JOIN'] as const;
/** What may follow in each clause. */
export const NEXT_CLAUSES: Readonly<Record<string, readonly string[]>> = {
  select: ['FROM', 'AS'],
  from: ['WHERE', 'GROUP BY', 'ORDER BY', 'LIMIT', 'AS', ...JOIN_KEYWORDS, 'ON', 'USING', 'UNION ALL'],
  where: ['GROUP BY', 'ORDER BY', 'LIMIT', 'UNION ALL'],
  group: ['HAVING', 'ORDER BY', 'LIMIT'],
  having: ['ORDER BY', 'LIMIT'],
  order: ['ASC', 'DESC', 'NULLS FIRST', 'NULLS LAST', 'LIMIT'],
  limit: ['OFFSET'],
  on: ['WHERE', 'GROUP BY', 'ORDER BY', 'LIMIT', ...JOIN_KEYWORDS],
};

export const TYPES: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: ['INTEGER', 'REAL', 'TEXT', 'BLOB', 'NUMERIC'],
  postgres: words(
    'bigint integer smallint numeric real boolean text uuid date timestamptz timestamp interval jsonb json bytea',
  ).map((t) => (t === 'real' ? 'double precision' : t)),
};

const PLAIN: Readonly<Record<Dialect, RegExp>> = {
  sqlite: /^[\p{L}_][\p{L}\p{N}_$]*$/u,
  postgres: /^[a-z_][a-z0-9_$]*$/,
};
/** The name as it must be written in a query. */
export const quoteName = (name: string, dialect: Dialect): string =>
  PLAIN[dialect].test(name) && !RESERVED.has(name.toUpperCase()) ? name : `"${name.replaceAll('"', '""')}"`;
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
