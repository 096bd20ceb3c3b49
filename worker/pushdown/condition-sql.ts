import type { Condition, EventMatch, PropertyCondition } from '../../protocol/index.ts';
import type { Dialect } from './dialect.ts';
import { allOf, anyOf, list, raw, sql, text, type Sql } from './sql.ts';
import { Refusal } from './refusal.ts';

/** Expression of a property, of `$event` or of `$actor`; null = a name the source does not have, which is never set. */
export type ColumnOf = (prop: string) => Sql | null;

/** All of `where`, as worker/compute/predicate.ts has it; TRUE when nothing is asked. */
export function passes(dialect: Dialect, columnOf: ColumnOf, where: readonly Condition[] | undefined): Sql {
  return allOf((where ?? []).map((condition) => holds(dialect, columnOf, condition)));
}

/** Whether an event fits: its name (none = any) and its conditions, or any of several such under the outer conditions. */
export function fits(dialect: Dialect, columnOf: ColumnOf, match: EventMatch): Sql {
  const alternatives = match.anyOf ?? [{ event: match.event ?? null, where: [] }];
  const inner = alternatives.map(({ event, where }) => {
    const named = event === null ? [] : [sql`event = ${text(event)}`];
    return allOf([...named, ...conditions(dialect, columnOf, where)]);
  });
  const names = alternatives.map(({ event }) => event);
  const plain = alternatives.every(({ where }) => (where ?? []).length === 0) && !names.includes(null);
  const some =
    plain && names.length > 1 ? sql`event IN (${list(names.map((event) => text(event ?? '')))})` : anyOf(inner);
  return allOf([some, ...conditions(dialect, columnOf, match.where)].filter((piece) => !isTrue(piece)));
}

const isTrue = ({ chunks }: Sql): boolean => chunks.length === 1 && chunks[0] === 'TRUE';
const conditions = (dialect: Dialect, columnOf: ColumnOf, where: readonly Condition[] | undefined): readonly Sql[] =>
  (where ?? []).map((condition) => holds(dialect, columnOf, condition));

/** Names of events of which one must be; null = any event may fit one of them. */
export function getOnlyEvents(matches: readonly EventMatch[]): readonly string[] | null {
  const names = matches.flatMap((match) => match.anyOf?.map(({ event }) => event) ?? [match.event ?? null]);
  return names.includes(null) ? null : [...new Set(names.filter((event) => event !== null))];
}

function holds(dialect: Dialect, columnOf: ColumnOf, condition: Condition): Sql {
  if ('and' in condition) return allOf(condition.and.map((c) => holds(dialect, columnOf, c)));
  if ('or' in condition) return anyOf(condition.or.map((c) => holds(dialect, columnOf, c)));
  return test(dialect, columnOf(condition.prop) ?? dialect.nullOf('text'), condition);
}

/** Values are compared as text; what is not set passes `neq`, `not_in` and `not_icontains`. Never NULL. */
function test(dialect: Dialect, column: Sql, { op, value }: PropertyCondition): Sql {
  const values = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  switch (op) {
    case 'is_set':
      return sql`${column} IS NOT NULL`;
    case 'is_not_set':
      return sql`${column} IS NULL`;
    case 'eq':
    case 'in':
      return sql`(${column} IS NOT NULL AND ${oneOf(column, values)})`;
    case 'neq':
    case 'not_in':
      return sql`(${column} IS NULL OR NOT ${oneOf(column, values)})`;
    case 'icontains':
      return sql`(${column} IS NOT NULL AND ${containsAny(dialect, column, values)})`;
    case 'not_icontains':
      return sql`(${column} IS NULL OR NOT ${containsAny(dialect, column, values)})`;
  }
}

/** A zero byte is in no text of a database, and could not even be sent. */
function oneOf(column: Sql, values: readonly string[]): Sql {
  const sendable = values.filter((value) => !value.includes('\0'));
  if (sendable.length === 0) return raw('FALSE');
  const [only] = sendable;
  if (only !== undefined && sendable.length === 1) return sql`(${column} = ${text(only)})`;
  return sql`(${column} IN (${list(sendable.map(text))}))`;
}

function containsAny(dialect: Dialect, column: Sql, values: readonly string[]): Sql {
  const needles = values.map((value) => value.toLowerCase());
  // oxlint-disable-next-line no-control-regex
  if (needles.some((needle) => /[^\u0001-\u007f]/.test(needle)))
    throw new Refusal(
      'A search for letters beyond ASCII whatever their case: databases make other small letters than the engine.',
    );
  return anyOf(needles.map((needle) => dialect.contains(column, needle)));
}
