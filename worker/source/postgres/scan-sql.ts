import type { ScanColumns } from '../event-source.ts';
import { quote } from '../read-schema.ts';
import {
  getCellKind,
  MAX_TEXT,
  quoteTable,
  seqOf,
  textOf,
  TOO_LARGE,
  valueOf,
  type CellKind,
  type ServerEvents,
} from './server-events.ts';
import type { ServerColumn } from './server-schema.ts';

/** In place of an actor: what comes between shop and user that stand for it, and metadata that is no object. */
export const BY_SHOP = '\u0001';
export const NO_OBJECT = '\u0002';

/** How the cells of a row are read: columns of the statement by number; -1 = not asked for. */
export interface RowPlan {
  readonly select: readonly string[];
  readonly seq: number;
  readonly time: number;
  readonly event: number;
  /** Names of events by the number that is sent for them; null = they are sent as text. */
  readonly eventCodes: ReadonlyMap<number, string> | null;
  readonly actor: number;
  readonly hour: number;
  readonly recordedAt: number;
  readonly flags: number;
  /** The JSON column as text, where the server cannot pick keys out of it. */
  readonly json: number;
  readonly properties: readonly PropertyPlan[];
  readonly actorProperty: PropertyPlan | null;
}
export type PropertyPlan =
  | { readonly kind: 'column'; readonly at: number; readonly cell: CellKind }
  /** A value of JSON as its text, `{"a": 1}` or `"x"`. */
  | { readonly kind: 'json'; readonly at: number }
  /** Of the JSON column's text. */
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'event' | 'actor' | 'none' };

export interface PlanOptions {
  readonly columns: ScanColumns;
  readonly counting: boolean;
  /** Looks into every JSON object for what is odd about it: costs the server as much again. */
  readonly flags: boolean;
  /** See `readEventCodes`. */
  readonly eventCodes?: ReadonlyMap<number, string> | null;
  /** Whether rows send the hour they are under; see `readMisKeyedHours`. */
  readonly sendsHour?: boolean;
}

export function planRow(
  events: ServerEvents,
  { columns, counting, flags, eventCodes = null, sendsHour = true }: PlanOptions,
): RowPlan {
  const select: string[] = [];
  const add = (expression: string): number => select.push(expression) - 1;
  const { json } = events;
  const keysOnServer = json?.type === 'jsonb';
  const seq = events.seq !== null ? add(`${seqOf(events)}::int8`) : -1;
  const time = add(valueOf(events.time));
  const event = 'column' in events.event ? add(eventOf(events.event.column, eventCodes !== null)) : -1;
  const isOwnActor = columns.actorProperty === null;
  const needsJson = (): number => (jsonAt < 0 && json !== null ? (jsonAt = add(textOf(json))) : jsonAt);
  let jsonAt = -1;
  const actor = !isOwnActor
    ? -1
    : events.actor === 'metadata'
      ? add(metadataActor(events))
      : add(textOf(events.actor.column));
  const plan = (name: string): PropertyPlan => {
    if (name === '$event') return { kind: 'event' };
    if (name === '$actor') return { kind: 'actor' };
    const column = events.properties.find((c) => c.name === name);
    if (column !== undefined) return planColumn(column, add);
    if (json === null) return { kind: 'none' };
    if (keysOnServer) return { kind: 'json', at: add(pickKey(json, name)) };
    needsJson();
    return { kind: 'key', key: name };
  };
  const properties = columns.properties.map(plan);
  const actorProperty = columns.actorProperty === null ? null : plan(columns.actorProperty);
  return {
    select,
    seq,
    time,
    event,
    eventCodes,
    actor,
    hour: counting && sendsHour && events.isModel ? add('e.ts::text') : -1,
    recordedAt: (columns.recordedAt || counting) && events.recordedAt !== null ? add(valueOf(events.recordedAt)) : -1,
    flags: flags && counting && events.isModel && keysOnServer ? add(FLAGS) : -1,
    json: jsonAt,
    properties,
    actorProperty,
  };
}

const eventOf = (column: ServerColumn, asCode: boolean): string =>
  asCode ? `hashenum(e.${quote(column.name)})` : textOf(column);

const planColumn = (column: ServerColumn, add: (expression: string) => number): PropertyPlan => {
  const cell = getCellKind(column);
  const isExact = cell === 'int' || (cell === 'float' && !column.type.startsWith('numeric'));
  return isExact
    ? { kind: 'column', cell, at: add(valueOf({ column, kind: cell })) }
    : { kind: 'column', cell: 'text', at: add(textOf(column)) };
};

/** 1 = some key is null, 2 = characters beyond ASCII, 4 = no object. */
const FLAGS = `(jsonb_path_exists(e.metadata, '$.* ? (@ == null)')::int
  + 2 * (octet_length(e.metadata::text) <> char_length(e.metadata::text))::int
  + 4 * (jsonb_typeof(e.metadata) <> 'object')::int)::int8`;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Only of values that are not beyond the limit, as the server keeps them: it would unpack them for every row. */
function pickKey({ name }: ServerColumn, key: string): string {
  const json = `e.${quote(name)}`;
  const large = literal(JSON.stringify(TOO_LARGE));
  return `CASE WHEN pg_column_size(${json}) <= ${MAX_TEXT} THEN ${json} -> ${literal(key)} ELSE ${large}::jsonb END`;
}

/** `user_id`; else the shop and its user, which may be none; else whether there is an object at all. */
function metadataActor({ table, hasShops, json }: ServerEvents): string {
  const column = `e.${quote(json?.name ?? 'metadata')}`;
  const object = json?.type === 'jsonb' ? column : `${column}::jsonb`;
  const shop = `${object} ->> 'shop_id'`;
  const shops = quoteTable({ schema: table.schema, name: 'shops' });
  const user = `(SELECT s.user_id::text FROM ${shops} s WHERE s.shop_id::text = ${shop} LIMIT 1)`;
  const byShop = `CASE WHEN ${shop} IS NOT NULL THEN '${BY_SHOP}' || (${shop}) || '${BY_SHOP}' || coalesce(${user}, '') END`;
  return `coalesce(nullif(${object} ->> 'user_id', ''), ${hasShops ? `${byShop}, ` : ''}
    CASE WHEN jsonb_typeof(${object}) <> 'object' THEN '${NO_OBJECT}' END)`;
}

export interface RowRange {
  /** Arrival numbers, both ends included; null = all. */
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  /** Single rows beside that range. */
  readonly extra: readonly number[];
  /** Rows of that range that are not there for us. */
  readonly except: readonly number[];
  readonly fromKey: string | null;
  readonly toKey: string | null;
  /** ms; the end is not included. */
  readonly fromTime: number | null;
  readonly toTime: number | null;
}

const list = (seqs: readonly number[]): string => seqs.map((seq) => String(Math.trunc(seq))).join(',');

/** Numbers and hour keys only: nothing of it comes from outside. */
export function conditionOf(events: ServerEvents, range: RowRange): string {
  const { fromSeq, toSeq, extra, except, fromKey, toKey, fromTime, toTime } = range;
  const isTime = events.time.kind === 'micros';
  const column = `e.${quote(events.time.column.name)}`;
  const seqs =
    fromSeq === null || toSeq === null
      ? []
      : [`${seqOf(events)} BETWEEN ${Math.trunc(fromSeq)} AND ${Math.trunc(toSeq)}`];
  const own = extra.length > 0 ? [`(${[...seqs, `${seqOf(events)} IN (${list(extra)})`].join(' OR ')})`] : seqs;
  return [
    ...own,
    ...(except.length > 0 ? [`${seqOf(events)} <> ALL ('{${list(except)}}'::int8[])`] : []),
    ...(fromKey === null ? [] : [`e.ts >= ${literal(fromKey)}`]),
    ...(toKey === null ? [] : [`e.ts <= ${literal(toKey)}`]),
    ...(isTime && fromTime !== null ? [`${column} >= '${new Date(fromTime).toISOString()}'`] : []),
    ...(isTime && toTime !== null ? [`${column} < '${new Date(toTime).toISOString()}'`] : []),
    ...(events.filter === null ? [] : [`(${events.filter}\n)`]),
  ].join(' AND ');
}

/** ` ORDER BY …` where rows have to come in an order, else nothing. */
export const orderOf = ({ order }: ServerEvents): string =>
  order.length === 0 ? '' : ` ORDER BY ${order.map(({ name }) => `e.${quote(name)}`).join(', ')}`;

export function scanSql(events: ServerEvents, select: readonly string[], condition: string): string {
  const where = condition === '' ? '' : ` WHERE ${condition}`;
  const from = `${quoteTable(events.table)} e${where}${orderOf(events)}`;
  return `COPY (SELECT ${select.join(', ')} FROM ${from}) TO STDOUT (FORMAT binary)`;
}
