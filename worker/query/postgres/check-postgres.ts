import type { Diagnostic, SqlCheck, TextRange } from '../../../protocol/query-schema.ts';
import { findParameters, findStatements, findUnnamed, numberParameters, unnamedError } from '../statements.ts';
import { tokenize } from '../lexer.ts';
import { judgeStatement } from './guard-postgres.ts';
import type { ReadOnlySession } from './read-only-session.ts';

const CHECK_MS = 2_000;

/** Syntax by Postgres's own parser here; names and types by the server, which plans each statement and runs none. */
export async function checkPostgres(sql: string, session: ReadOnlySession): Promise<SqlCheck> {
  const statements = findStatements(sql, 'postgres');
  const diagnostics: Diagnostic[] = [];
  for (const range of statements) diagnostics.push(...(await checkStatement(sql, range, session)));
  return { statements, diagnostics, parameters: findParameters(sql, 'postgres') };
}

async function checkStatement(sql: string, range: TextRange, session: ReadOnlySession): Promise<Diagnostic[]> {
  const own = sql.slice(range.from, range.to);
  const { text, names, toOriginal } = numberParameters(own);
  const place = (codePoint: number): TextRange => wordAt(sql, range.from + toOriginal(toUnits(text, codePoint)), range);
  const judgement = judgeStatement(text);
  if (judgement.kind === 'syntax')
    return [{ severity: 'error', kind: 'syntax', message: judgement.message, ...place(judgement.at) }];
  if (judgement.kind === 'refused') {
    const at =
      judgement.at === null ? range : wordAt(sql, range.from + toOriginal(bytesToUnits(text, judgement.at)), range);
    return [{ severity: 'error', kind: 'refused', message: judgement.message, ...at }];
  }
  const unnamed = findUnnamed(own, 'postgres');
  if (unnamed !== null) {
    const { message } = unnamedError(own, unnamed);
    return [
      { severity: 'error', kind: 'other', message, from: range.from + unnamed.from, to: range.from + unnamed.to },
    ];
  }
  if (judgement.statement !== 'select') return [];
  const prefix = 'EXPLAIN (FORMAT JSON) ';
  const failure = await session
    .rows(
      `${prefix}${text}`,
      names.map(() => null),
      CHECK_MS,
    )
    .then(() => null, toFailure);
  // No position, no mistake of the text: the server is busy, or away.
  if (failure === null || failure.at === null) return [];
  return [{ severity: 'error', kind: 'name', message: failure.message, ...place(failure.at - prefix.length) }];
}

function toFailure(thrown: unknown): { readonly message: string; readonly at: number | null } | null {
  const { cause } = thrown as { readonly cause?: { readonly position?: string; readonly message?: string } };
  if (cause?.message === undefined) return null;
  return { message: cause.message, at: cause.position === undefined ? null : Number(cause.position) - 1 };
}

/** Postgres counts characters. */
function toUnits(text: string, codePoints: number): number {
  let units = 0;
  for (let n = 0; n < codePoints && units < text.length; n++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}
/** Its parse tree counts bytes. */
const bytesToUnits = (text: string, bytes: number): number => Buffer.from(text).subarray(0, bytes).toString().length;

/** The word or sign at an offset, or the last one before the end. */
function wordAt(sql: string, at: number, range: TextRange): TextRange {
  const solid = tokenize(sql, 'postgres').filter(
    ({ kind, from, to }) => kind !== 'space' && kind !== 'comment' && from >= range.from && to <= range.to,
  );
  const { from, to } = solid.find((token) => token.to > at) ?? solid.at(-1) ?? range;
  return { from, to };
}
