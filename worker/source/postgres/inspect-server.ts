import type { Inspection, MappingCandidate, PostgresRef, StoreMigrations, TableInfo } from '../../../protocol/index.ts';
import { getAddress } from '../../../protocol/source-names.ts';
import type { OpenOptions } from '../open-source.ts';
import { guessTimeFormat, type Cell } from '../parse-time.ts';
import { proposeFor, type ColumnFacts } from '../propose-mapping.ts';
import { quote } from '../read-schema.ts';
import { isServerModel } from './resolve-events.ts';
import { PostgresSource } from './postgres-source.ts';
import { quoteTable } from './server-events.ts';
import { readServerMigrations } from './server-migrations.ts';
import { readServerTables, type ServerTable } from './server-schema.ts';
import type { SyncSession } from './sync-session.ts';
import { getThreadSession } from './thread-sessions.ts';

/** Looks at the tables of a schema without keeping it open. No view is run unless the mapping names it. */
export function inspectServer(
  ref: PostgresRef,
  options: OpenOptions,
  shouldStop: (rowsSeen: number) => boolean,
): Inspection {
  const { mapping = null } = ref;
  const looked = lookAround(ref, options, mapping === null);
  const isModel = mapping === null && looked.isModel;
  const counted = isModel || mapping !== null ? countEvents(ref, options, shouldStop) : null;
  return {
    path: getAddress(ref),
    sizeBytes: looked.sizeBytes,
    model: isModel ? 'tributary' : mapping === null ? 'unknown' : 'mapped',
    tables: looked.tables,
    candidates: isModel ? [] : looked.candidates,
    mapping: counted?.mapping ?? null,
    totals: counted?.totals ?? null,
    partitions: counted?.report.partitions ?? [],
    issues: counted?.report.issues ?? [],
    guardHours: counted?.report.guardHours ?? 0,
    migrations: looked.migrations,
  };
}

interface LookedAround {
  readonly isModel: boolean;
  readonly migrations: StoreMigrations | null;
  readonly sizeBytes: number;
  readonly tables: readonly TableInfo[];
  readonly candidates: readonly MappingCandidate[];
}

function lookAround(ref: PostgresRef, options: OpenOptions, propose: boolean): LookedAround {
  const session = getThreadSession({ target: ref.target, ...options, threadUrl: urlOf(options) });
  try {
    const tables = readServerTables(session, ref.target.schema);
    const isModel = tables.some(isServerModel);
    return {
      isModel,
      migrations: isModel && propose ? readServerMigrations(session, ref.target.schema) : null,
      sizeBytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
      tables: tables.map(({ name, kind, rows, columns }) => ({
        name,
        kind,
        rows: kind === 'view' || rows < 0 ? null : Math.round(rows),
        columns: columns.map(({ name: column, type, notNull, primaryKey }) => ({
          name: column,
          type,
          notNull,
          primaryKey,
        })),
      })),
      candidates: isModel || !propose ? [] : proposeAll(session, tables),
    };
  } finally {
    session.disconnect();
  }
}

const urlOf = ({ sessionUrl }: OpenOptions): URL | undefined =>
  sessionUrl === undefined ? undefined : new URL(sessionUrl);

const MAX_CANDIDATES = 8;
const MAX_COLUMNS = 100;
const SAMPLE_ROWS = 500;
/** Sampling ends after this long, ms: a server may have thousands of tables. */
const LOOK_BUDGET = 1_500;

function proposeAll(session: SyncSession, tables: readonly ServerTable[]): readonly MappingCandidate[] {
  const until = Date.now() + LOOK_BUDGET;
  return tables
    .flatMap((table) => (Date.now() > until || table.bytes === 0 ? [] : proposeFor(table.name, sample(session, table))))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_CANDIDATES);
}

function sample(session: SyncSession, table: ServerTable): readonly ColumnFacts[] {
  const columns = table.columns.slice(0, MAX_COLUMNS);
  const select = columns.map(({ name }) => `left(e.${quote(name)}::text, 100)`).join(', ');
  const rows = session.query(`SELECT ${select} FROM ${quoteTable(table)} e LIMIT ${SAMPLE_ROWS}`);
  return columns.map(({ name, primaryKey, type }, i) => {
    const cells = rows.map((row) => toCell(row[i], type)).filter((cell) => cell !== null);
    return { name, primaryKey, cells, distinct: new Set(cells).size };
  });
}

const toCell = (text: unknown, type: string): Cell =>
  typeof text === 'string' && /int|numeric|real|double/.test(type) && guessTimeFormat([Number(text)]) !== null
    ? Number(text)
    : ((text ?? null) as Cell);

function countEvents(ref: PostgresRef, options: OpenOptions, shouldStop: (rowsSeen: number) => boolean) {
  const source = new PostgresSource(ref, options);
  try {
    const { mapping } = source.describe();
    const { report, actors } = source.countWhole(shouldStop);
    const times = report.partitions.flatMap(({ firstTime, lastTime }) => [firstTime, lastTime]);
    const [first, last] = [Math.min(...times.slice(0, 2)), times.at(-1)];
    return {
      mapping,
      report,
      totals: {
        events: report.partitions.reduce((sum, { rows }) => sum + rows, 0),
        actors,
        firstTime: times.length === 0 ? null : new Date(first).toISOString(),
        lastTime: last === undefined ? null : new Date(last).toISOString(),
      },
    };
  } finally {
    source.close();
  }
}
