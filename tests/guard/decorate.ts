/** The same statement as people (and attackers) write it: comments in odd places, separators, other cases. */
export interface Decorated {
  readonly sql: string;
  readonly base: string;
}
type Decoration = (sql: string) => string;

const HARMLESS: readonly Decoration[] = [
  (sql) => sql,
  (sql) => `-- DELETE FROM t; it's "only" a comment\n${sql} ;`,
  (sql) => `/* ; DROP TABLE t; ' */ ${sql.replace(' ', ' /* ; -- */ ')}\n-- and ; behind`,
  (sql) => `\n\t ${sql.replace(/^[a-z]+/i, (word) => word.toLowerCase())} ; /* ; */ `,
];

/** Ways to hide what a statement does. `explain` makes some of them run all the same. */
const HIDING: readonly Decoration[] = [
  (sql) => sql,
  (sql) => `SELECT 1; ${sql}`,
  (sql) => `/* SELECT */ ${sql} ;`,
  (sql) => `EXPLAIN ANALYZE ${sql}`,
];

const decorate = (statements: readonly string[], decorations: readonly Decoration[]): Decorated[] =>
  statements.flatMap((base) => decorations.map((decoration) => ({ base, sql: decoration(base) })));

export const decorateLegitimate = (statements: readonly string[]): Decorated[] => decorate(statements, HARMLESS);
export const decorateForbidden = (statements: readonly string[]): Decorated[] => decorate(statements, HIDING);
