import type Database from 'better-sqlite3';
import { EngineError } from '../../protocol/errors.ts';
import type { Mapping, TimeFormat } from '../../protocol/index.ts';
import { checkFilter } from './check-filter.ts';
import { isModelTable, type EventTable, type TimeColumn } from './event-table.ts';
import { suggest } from './nearest-name.ts';
import { guessTimeFormat, readModelTime, TIME_READERS, type Cell } from './parse-time.ts';
import { quote, readTables, type SchemaTable } from './read-schema.ts';

/** Which table to read and how: by the mapping, else as our own model. */
export function resolveEventTable(db: Database.Database, mapping: Mapping | null): EventTable {
  const tables = readTables(db);
  return mapping === null ? resolveModel(db, tables) : resolveMapping(db, tables, mapping);
}

function resolveModel(db: Database.Database, tables: readonly SchemaTable[]): EventTable {
  const table = tables.find(isModelTable);
  if (table === undefined)
    throw new EngineError('E_BAD_MAPPING', 'This database is not a Tributary snapshot, so it needs a mapping.', {
      hint: 'Say which table holds the events and which columns are actor, event and time; `tributary inspect` proposes some.',
      path: 'mapping',
    });
  const has = (column: string): boolean => table.columns.some((c) => c.name === column);
  return {
    table,
    time: { column: 'event_time', read: readModelTime },
    recordedAt: has('recorded_at') ? { column: 'recorded_at', read: readModelTime } : null,
    event: { column: 'event_type' },
    actor: 'metadata',
    json: 'metadata',
    properties: [],
    filter: null,
    hour: { column: 'ts', index: findHourIndex(db, table) },
    mapping: null,
  };
}

/** The index that starts with ts: it finds an hour range without reading the rest. */
function findHourIndex(db: Database.Database, table: SchemaTable): string | null {
  const sql = `SELECT l.name FROM pragma_index_list(?, 'main') l JOIN pragma_index_info(l.name, 'main') i WHERE i.seqno = 0 AND i.name = 'ts' AND l.partial = 0`;
  return table.rowid === null ? null : (db.prepare<[string], string>(sql).pluck().get(table.name) ?? null);
}

function resolveMapping(db: Database.Database, tables: readonly SchemaTable[], mapping: Mapping): EventTable {
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
  if (table.tooDeep)
    throw new EngineError('E_LIMIT', `The view “${table.name}” is built on too many other views to be read.`, {
      hint: 'Map the table behind it.',
      path: 'mapping.table',
    });
  const names = table.columns.map((c) => c.name);
  const check = (column: string, path: string): string => {
    if (names.includes(column)) return column;
    throw new EngineError('E_NO_SUCH_COLUMN', `The table “${table.name}” has no column “${column}”.`, {
      hint: suggest(column, names, 'columns'),
      path: `mapping.${path}`,
    });
  };
  const actor = { column: check(mapping.actor, 'actor') };
  if ('column' in mapping.event) check(mapping.event.column, 'event.column');
  if (mapping.json !== null && mapping.json !== undefined) check(mapping.json, 'json');
  const time = resolveTime(db, table, check(mapping.time.column, 'time.column'), mapping.time.format, 'time');
  const recordedAt =
    mapping.recordedAt === null || mapping.recordedAt === undefined
      ? null
      : resolveTime(
          db,
          table,
          check(mapping.recordedAt.column, 'recordedAt.column'),
          mapping.recordedAt.format,
          'recordedAt',
        );
  const properties =
    mapping.properties?.map((p, i) => check(p, `properties.${i}`)) ?? names.filter((n) => n !== mapping.json);
  if (mapping.filter !== null && mapping.filter !== undefined) compileFilter(db, table, mapping.filter);
  const resolved: Mapping = {
    ...mapping,
    time: { column: time.column, format: time.format },
    ...(recordedAt === null ? {} : { recordedAt: { column: recordedAt.column, format: recordedAt.format } }),
  };
  return {
    table,
    actor,
    event: mapping.event,
    time,
    recordedAt,
    json: mapping.json ?? null,
    properties,
    filter: mapping.filter ?? null,
    hour: null,
    mapping: resolved,
  };
}

const SAMPLE_ROWS = 200;

function resolveTime(
  db: Database.Database,
  table: SchemaTable,
  column: string,
  format: TimeFormat,
  path: string,
): TimeColumn & { readonly format: TimeFormat } {
  if (format !== 'auto') return { column, format, read: TIME_READERS[format] };
  const cells = db
    .prepare<[], Cell>(
      `SELECT ${quote(column)} FROM main.${quote(table.name)} WHERE ${quote(column)} IS NOT NULL LIMIT ${SAMPLE_ROWS}`,
    )
    .pluck()
    .all();
  const guessed = cells.length === 0 ? 'iso' : guessTimeFormat(cells);
  if (guessed !== null) return { column, format: guessed, read: TIME_READERS[guessed] };
  const example = typeof cells[0] === 'object' ? 'binary data' : `“${String(cells[0]).slice(0, 40)}”`;
  throw new EngineError(
    'E_BAD_MAPPING',
    `The values of column “${column}” do not look like times, for example ${example}.`,
    {
      hint: 'Choose another column, or name the format: iso, seconds, milliseconds, microseconds or julianday.',
      path: `mapping.${path}.format`,
    },
  );
}

/** Lets SQLite check the names and the grammar without running anything. */
function compileFilter(db: Database.Database, table: SchemaTable, filter: string): void {
  checkFilter(filter);
  try {
    db.prepare(`SELECT (${filter}\n) FROM main.${quote(table.name)}`);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const column = /^no such column: (.*)$/.exec(message)?.[1];
    if (column !== undefined)
      throw new EngineError(
        'E_NO_SUCH_COLUMN',
        `The row filter names a column “${column}” that “${table.name}” does not have.`,
        {
          hint: suggest(
            column,
            table.columns.map((c) => c.name),
            'columns',
          ),
          path: 'mapping.filter',
          cause: thrown,
        },
      );
    throw new EngineError('E_BAD_MAPPING', `The row filter is not valid SQL: ${message}.`, {
      hint: 'A filter is one condition, for example "status" = \'complete\'.',
      path: 'mapping.filter',
      cause: thrown,
    });
  }
}
