import type Database from 'better-sqlite3';
import type { Inspection, MappingCandidate, SqliteRef, TableInfo } from '../../protocol/index.ts';
import { isModelTable } from './event-table.ts';
import type { PartitionReport } from './event-source.ts';
import { openDatabase } from './open-database.ts';
import { scanWhole } from './partition-scan.ts';
import { proposeMappings } from './propose-mapping.ts';
import { quote, readTables, type SchemaTable } from './read-schema.ts';
import { resolveEventTable } from './resolve-mapping.ts';
import { guardRead } from './sqlite-errors.ts';
import { readFileMigrations } from './store-migrations.ts';

export interface InspectOptions {
  readonly scratchDir: string;
  /** Asked every few thousand rows, with the rows seen so far; true = stop with E_CANCELLED. */
  readonly shouldStop?: (rowsSeen: number) => boolean;
}

/**
 * Looks at a file without keeping it open. No view and no generated column is run unless the mapping names it, so a
 * hostile schema has nothing to hang on. Throws the EngineErrors of `openEventSource`.
 */
export function inspectSource(ref: SqliteRef, options: InspectOptions): Inspection {
  const { db, file } = openDatabase(ref.path, options.scratchDir);
  try {
    return guardRead(() => inspectDatabase(db, ref, file.sizeBytes, options.shouldStop ?? (() => false)));
  } finally {
    db.close();
  }
}

function inspectDatabase(
  db: Database.Database,
  ref: SqliteRef,
  sizeBytes: number,
  shouldStop: (rows: number) => boolean,
): Inspection {
  const tables = readTables(db);
  const mapping = ref.mapping ?? null;
  const isModel = mapping === null && tables.some(isModelTable);
  const events = mapping !== null || isModel ? resolveEventTable(db, mapping) : null;
  const scan = events === null ? null : scanWhole(db, events, shouldStop);
  const infos = countTables(db, tables);
  return {
    path: ref.path,
    sizeBytes,
    model: isModel ? 'tributary' : events === null ? 'unknown' : 'mapped',
    tables: infos,
    candidates: isModel ? [] : proposeAll(db, tables, infos),
    mapping: events?.mapping ?? null,
    totals: scan === null ? null : totalsOf(scan.report, scan.actors),
    partitions: scan?.report.partitions ?? [],
    issues: scan?.report.issues ?? [],
    guardHours: scan?.report.guardHours ?? 0,
    migrations: isModel ? readFileMigrations(db) : null,
  };
}

/** Counting and sampling end after this long, ms: a file may hold 20,000 tables. */
const LOOK_BUDGET = 1_500;

function countTables(db: Database.Database, tables: readonly SchemaTable[]): readonly TableInfo[] {
  const until = Date.now() + LOOK_BUDGET;
  return tables.map((table) => ({
    name: table.name,
    kind: table.kind,
    rows: table.kind === 'view' || table.virtual || Date.now() > until ? null : countRows(db, table),
    columns: table.columns.map(({ name, type, notNull, primaryKey }) => ({ name, type, notNull, primaryKey })),
  }));
}

function countRows(db: Database.Database, table: SchemaTable): number {
  return (
    db
      .prepare<[], number>(`SELECT count(*) FROM main.${quote(table.name)}`)
      .pluck()
      .get() ?? 0
  );
}

const MAX_CANDIDATES = 8;

function proposeAll(
  db: Database.Database,
  tables: readonly SchemaTable[],
  infos: readonly TableInfo[],
): readonly MappingCandidate[] {
  const until = Date.now() + LOOK_BUDGET;
  return tables
    .flatMap((table, i) => (Date.now() > until ? [] : proposeMappings(db, table, infos[i]?.rows ?? null)))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_CANDIDATES);
}

function totalsOf({ partitions }: PartitionReport, actors: number): Inspection['totals'] {
  const first = partitions[0];
  const last = partitions.at(-1);
  return {
    events: partitions.reduce((sum, p) => sum + p.rows, 0),
    actors,
    firstTime: first === undefined ? null : new Date(first.firstTime).toISOString(),
    lastTime: last === undefined ? null : new Date(last.lastTime).toISOString(),
  };
}
