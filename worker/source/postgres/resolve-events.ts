import { EngineError } from '../../../protocol/errors.ts';
import type { Mapping, TimeFormat } from '../../../protocol/index.ts';
import { checkFilter } from '../check-filter.ts';
import { MODEL_COLUMNS, MODEL_TABLE } from '../event-table.ts';
import { suggest } from '../nearest-name.ts';
import { guessTimeFormat, TIME_READERS, type Cell } from '../parse-time.ts';
import { quote } from '../read-schema.ts';
import { findCounter, findSeq } from './find-arrival.ts';
import { getCellKind, quoteTable, valueOf, type ServerEvents, type ServerTime } from './server-events.ts';
import { readServerTables, type ServerColumn, type ServerTable } from './server-schema.ts';
import type { SyncSession } from './sync-session.ts';

export const isServerModel = ({ name, kind, columns }: ServerTable): boolean =>
  name === MODEL_TABLE && kind === 'table' && MODEL_COLUMNS.every((wanted) => columns.some((c) => c.name === wanted));

/** Which table to read and how: by the mapping, else as our own model. */
export function resolveServerEvents(session: SyncSession, schema: string, mapping: Mapping | null): ServerEvents {
  if (mapping === null) return resolveModel(session, readServerTables(session, schema, [MODEL_TABLE, 'shops']));
  const tables = readServerTables(session, schema, [mapping.table]);
  // All of them where it is not there, to name one that is.
  return resolveMapping(session, tables.length > 0 ? tables : readServerTables(session, schema), mapping);
}

/** Of a `seq` without an index; and rows of several servers come in another order each time, but copies are known by place. */
const MODEL_ORDER = ['seq', 'ts', 'event_id'];

function resolveModel(session: SyncSession, tables: readonly ServerTable[]): ServerEvents {
  const table = tables.find(isServerModel);
  if (table === undefined)
    throw new EngineError('E_BAD_MAPPING', 'This database has no event store of ours, so it needs a mapping.', {
      hint: 'Say which table holds the events and which columns are actor, event and time; `tributary inspect` proposes some.',
      path: 'mapping',
    });
  const column = (name: string): ServerColumn => getColumn(table, name, '');
  const timeOf = (name: string): ServerTime => ({
    column: column(name),
    kind: getCellKind(column(name)),
    read: TIME_READERS[getCellKind(column(name)) === 'text' ? 'iso' : 'milliseconds'],
  });
  const shops = tables.find((t) => t.name === 'shops' && t.kind === 'table');
  const has = (name: string): boolean => table.columns.some((c) => c.name === name);
  const seq = findSeq(session, table);
  return {
    table,
    time: timeOf('event_time'),
    recordedAt: has('recorded_at') ? timeOf('recorded_at') : null,
    event: { column: column('event_type') },
    actor: 'metadata',
    json: column('metadata'),
    properties: [],
    filter: null,
    isModel: true,
    seq,
    order: seq === null && (has('seq') || table.isForeign) ? MODEL_ORDER.filter(has).map(column) : [],
    shopIsKey: shops?.columns.every(({ name, primaryKey }) => primaryKey === (name === 'shop_id')) === true,
    hasShops: ['shop_id', 'user_id'].every((name) => shops?.columns.some((c) => c.name === name) === true),
    mapping: null,
  };
}

function getColumn(table: ServerTable, name: string, path: string): ServerColumn {
  const column = table.columns.find((c) => c.name === name);
  if (column !== undefined) return column;
  throw new EngineError('E_NO_SUCH_COLUMN', `The table “${table.name}” has no column “${name}”.`, {
    hint: suggest(
      name,
      table.columns.map((c) => c.name),
      'columns',
    ),
    path: `mapping.${path}`,
  });
}

function resolveMapping(session: SyncSession, tables: readonly ServerTable[], mapping: Mapping): ServerEvents {
  const table = tables.find((t) => t.name === mapping.table);
  if (table === undefined)
    throw new EngineError('E_NO_SUCH_TABLE', `There is no table or view “${mapping.table}”.`, {
      hint: suggest(
        mapping.table,
        tables.map((t) => t.name),
        'tables',
      ),
      path: 'mapping.table',
    });
  const column = (name: string, path: string): ServerColumn => getColumn(table, name, path);
  const { recordedAt: second } = mapping;
  const json = mapping.json ? column(mapping.json, 'json') : null;
  const timeOf = (part: { readonly column: string; readonly format: TimeFormat }, path: string) =>
    resolveTime(session, table, column(part.column, `${path}.column`), part.format, path);
  const time = timeOf(mapping.time, 'time');
  const recordedAt = second ? timeOf(second, 'recordedAt') : null;
  if (mapping.filter) compileFilter(session, table, mapping.filter);
  return {
    table,
    time: time.time,
    recordedAt: recordedAt?.time ?? null,
    event: 'column' in mapping.event ? { column: column(mapping.event.column, 'event.column') } : mapping.event,
    actor: { column: column(mapping.actor, 'actor') },
    json,
    properties:
      mapping.properties?.map((name, i) => column(name, `properties.${i}`)) ?? table.columns.filter((c) => c !== json),
    filter: mapping.filter ?? null,
    isModel: false,
    seq: findCounter(session, table),
    order: [],
    hasShops: false,
    shopIsKey: false,
    mapping: {
      ...mapping,
      time: { column: mapping.time.column, format: time.format },
      ...(second && recordedAt !== null ? { recordedAt: { column: second.column, format: recordedAt.format } } : {}),
    },
  };
}

const SAMPLE_ROWS = 200;

function resolveTime(
  session: SyncSession,
  table: ServerTable,
  column: ServerColumn,
  format: TimeFormat,
  path: string,
): { readonly time: ServerTime; readonly format: TimeFormat } {
  const kind = getCellKind(column);
  const with_ = (known: Exclude<TimeFormat, 'auto'>) => ({
    time: { column, kind, read: TIME_READERS[known] },
    format: known,
  });
  // A timestamp says itself what it is, whatever the mapping says.
  if (kind === 'micros') return with_('iso');
  if (format !== 'auto') return with_(format);
  const value = kind === 'text' ? `left(${valueOf({ column, kind })}, 100)` : `(${valueOf({ column, kind })})::float8`;
  const cells = session
    .query(`SELECT ${value} FROM ${quoteTable(table)} e WHERE e.${quote(column.name)} IS NOT NULL LIMIT ${SAMPLE_ROWS}`)
    .map(([cell]) => cell as Cell);
  const guessed = cells.length === 0 ? 'iso' : guessTimeFormat(cells);
  if (guessed !== null) return with_(guessed);
  throw new EngineError(
    'E_BAD_MAPPING',
    `The values of column “${column.name}” do not look like times, for example “${String(cells[0]).slice(0, 40)}”.`,
    {
      hint: 'Choose another column, or name the format: iso, seconds, milliseconds, microseconds or julianday.',
      path: `mapping.${path}.format`,
    },
  );
}

/** What the server says of a filter, not of itself. */
const REFUSED: ReadonlySet<string> = new Set(['E_BAD_QUERY', 'E_NO_SUCH_COLUMN', 'E_NO_SUCH_TABLE', 'E_REFUSED']);

/** In Postgres a letter before a text changes how it is read: E'\'' would end elsewhere than the check thinks. */
const PREFIXED_TEXT = /(?:^|[^\p{L}\p{N}_$])(?:e|b|x|n|u&)'/iu;

/** Lets the server check names and grammar without running anything. */
function compileFilter(session: SyncSession, table: ServerTable, filter: string): void {
  checkFilter(filter);
  const refuse = (why: string, cause?: unknown): EngineError =>
    new EngineError('E_BAD_MAPPING', `The row filter ${why}.`, {
      hint: 'A filter is one condition in the server’s SQL, for example "status" = \'complete\'.',
      path: 'mapping.filter',
      cause,
    });
  if (PREFIXED_TEXT.test(filter.replaceAll(/"(?:[^"]|"")*"/g, '""')))
    throw refuse('has a text with a letter before its quote');
  if (/[`[\]]/.test(filter.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '')))
    throw refuse('has brackets or backticks, which the server does not take');
  try {
    session.query(`EXPLAIN SELECT 1 FROM ${quoteTable(table)} e WHERE (${filter}\n)`);
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || !REFUSED.has(thrown.code)) throw thrown;
    throw refuse(`is not taken by the server: ${thrown.details ?? thrown.message}`, thrown);
  }
}
