import type { Mapping, TimeFormat } from '../../protocol/index.ts';
import type { Dialect } from './dialect.ts';
import type { EventRows } from './event-relation.ts';
import { isFrozen } from './frozen-rows.ts';
import { qualify } from './model-rows.ts';
import type { PushdownContext } from './pushdown-context.ts';
import { Refusal } from './refusal.ts';
import { name, sql, text, verbatim, type Sql } from './sql.ts';

/** Any table, by its mapping. */
export function createMappedRows(context: PushdownContext, dialect: Dialect): EventRows {
  const { mapping, arrival } = context;
  if (mapping === null) throw new Error('no mapping');
  const typeOf = (column: string): string => context.columns.find((c) => c.name === column)?.type ?? 'text';
  const cell = (column: string): Sql => sql`e.${name(column)}`;
  const textOf = (column: string): Sql => dialect.cellText(cell(column), typeOf(column));
  const timeOf = (time: { readonly column: string; readonly format: TimeFormat }): Sql =>
    dialect.timeMs(cell(time.column), decided(time.format, dialect), typeOf(time.column));
  const bounds = (fromMs: number, toMs: number): Sql | null =>
    dialect.timeBounds(cell(mapping.time.column), mapping.time.format, typeOf(mapping.time.column), fromMs, toMs);
  return {
    from: sql`${qualify(context, mapping.table)} AS e`,
    conditions: (fromMs, toMs) => [
      ...[bounds(fromMs, toMs)].filter((piece) => piece !== null),
      ...(arrival === null ? [] : isFrozen(context.frozen, cell(arrival))),
      // Checked when the source was opened: one boolean expression.
      ...(mapping.filter === null || mapping.filter === undefined ? [] : [verbatim(`(${mapping.filter}\n)`)]),
    ],
    actor: textOf(mapping.actor),
    event: 'constant' in mapping.event ? text(mapping.event.constant) : textOf(mapping.event.column),
    timeMs: timeOf(mapping.time),
    seq: arrival === null ? null : cell(arrival),
    recordedMs: mapping.recordedAt ? timeOf(mapping.recordedAt) : null,
    boundsTime: false,
    notRepeated: null,
    property: (prop) => readProperty(context, mapping, dialect, prop),
  };
}

/** Text in a column of no format is ISO; SQLite's sources have decided before. */
function decided(format: TimeFormat, dialect: Dialect): TimeFormat {
  if (format === 'auto' && dialect.name === 'sqlite')
    throw new Refusal('The format of the time column is not decided yet.');
  return format;
}

/** A column that is offered, else a key of the JSON column. */
function readProperty(context: PushdownContext, mapping: Mapping, dialect: Dialect, prop: string): Sql | null {
  const offered = mapping.properties ?? context.columns.map((c) => c.name).filter((column) => column !== mapping.json);
  const type = context.columns.find((c) => c.name === prop)?.type ?? 'text';
  if (offered.includes(prop)) return dialect.cellText(sql`e.${name(prop)}`, type);
  if (mapping.json === null || mapping.json === undefined) return null;
  const jsonType = context.columns.find((c) => c.name === mapping.json)?.type ?? 'text';
  if (dialect.name === 'postgres' && !/^jsonb?$/i.test(jsonType))
    throw new Refusal(
      `The column “${mapping.json}” is text and may hold what is no JSON; as json or jsonb it could be asked.`,
    );
  return dialect.jsonText(dialect.validJson(sql`e.${name(mapping.json)}`, jsonType), jsonType, prop);
}
