import Database from 'better-sqlite3';
import { MAX_SEGMENT_ACTORS } from '../../protocol/actor-segments.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { ActorSet } from '../segment/actor-set.ts';
import { buildStringTable } from '../segment/string-table.ts';
import { guardRead } from './sqlite-errors.ts';

export interface ActorSetInput {
  /** The database of local tables; made and written by worker/query/scratch alone. */
  readonly file: string;
  readonly name: string;
  /** Of the set that is known; null = none is. */
  readonly key: string | null;
}

/** Others write for as long as a large table takes to come. */
const WAIT_MS = 10_000;

/**
 * The ids in the column `actor` of a local table, each once, as text; null where its content is the known one. Throws
 * E_NO_SUCH_TABLE, E_NO_SUCH_COLUMN, E_LIMIT.
 */
export function readActorSet({ file, name, key }: ActorSetInput): ActorSet | null {
  const db = open(file, name);
  try {
    return guardRead(() => {
      const kept = db.prepare('SELECT name, rows, kept_at AS at FROM _tables WHERE name = ? AND dropped = 0').get(name);
      if (kept === undefined) throw missing(name);
      const { name: table, rows, at } = kept as { readonly name: string; readonly rows: number; readonly at: string };
      const now = `${table} ${at} ${String(rows)}`;
      return now === key ? null : { key: now, ids: buildStringTable(readIds(db, table)) };
    });
  } finally {
    db.close();
  }
}

function readIds(db: Database.Database, table: string): readonly string[] {
  const columns = db.prepare('SELECT lower(name) FROM pragma_table_info(?)').pluck().all(table);
  if (!columns.includes('actor'))
    throw new EngineError('E_NO_SUCH_COLUMN', `The local table ${table} is no segment: it has no column "actor".`, {
      hint: 'Keep it again from a statement that calls its column of ids actor.',
    });
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const some = `SELECT DISTINCT CAST(actor AS TEXT) FROM ${quoted} WHERE actor <> '' LIMIT ${MAX_SEGMENT_ACTORS + 1}`;
  const ids = db.prepare(some).pluck().all() as string[];
  if (ids.length <= MAX_SEGMENT_ACTORS) return ids;
  throw new EngineError('E_LIMIT', `The segment ${table} has more than ${MAX_SEGMENT_ACTORS} actors.`, {
    hint: 'Narrow the statement it is made from, or say the condition as a filter.',
  });
}

/** Not read-only, which would leave the log of the database and its index behind; but nothing is written. */
function open(file: string, name: string): Database.Database {
  try {
    const db = new Database(file, { fileMustExist: true, timeout: WAIT_MS });
    db.pragma('query_only = ON');
    db.pragma('trusted_schema = OFF');
    return db;
  } catch (thrown) {
    throw missing(name, thrown);
  }
}

const missing = (name: string, cause?: unknown): EngineError =>
  new EngineError('E_NO_SUCH_TABLE', `There is no segment "${name}" on this machine.`, {
    hint: 'Its actors are a local table of the data folder, with a column "actor". Make it again from a result of SQL.',
    cause,
  });
