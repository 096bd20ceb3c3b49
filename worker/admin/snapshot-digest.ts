import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { EngineError } from '../../protocol/errors.ts';
import { guardRead } from '../source/sqlite-errors.ts';
import { MODEL_TABLES } from './model-tables.ts';
import { ROLLUP_TABLES } from './snapshot-source.ts';

const EVENTS =
  'SELECT rowid, ts, event_id, event_time, event_type, metadata, recorded_at FROM global_events ORDER BY rowid';
const INFO = "SELECT key, value FROM snapshot_info WHERE key NOT IN ('digest', 'taken_at') ORDER BY key";

/**
 * SHA-256 over all rows in an order of their own, a JSON list a row, a line with the table's name before each table: the
 * same for the same data whenever it was taken and whatever the pages of the file look like. hex.
 */
export function computeDigest(db: Database.Database, onRows: (rows: number) => void = () => undefined): string {
  const tables = [...MODEL_TABLES, ...ROLLUP_TABLES].map(({ name, key, columns }) => {
    const list = columns.map(([column]) => column).join(', ');
    return [name, `SELECT ${list} FROM ${name} ORDER BY ${key}`] as const;
  });
  const hash = createHash('sha256');
  for (const [name, sql] of [...tables, ['global_events', EVENTS] as const, ['snapshot_info', INFO] as const])
    addTable(db, hash, name, sql, onRows);
  return hash.digest('hex');
}

/** Lines are gathered: a call of the hash costs more than a short line. */
const LINES = 2_000;

function addTable(
  db: Database.Database,
  hash: ReturnType<typeof createHash>,
  name: string,
  sql: string,
  onRows: (rows: number) => void,
): void {
  let lines = `${name}\n`;
  let count = 0;
  for (const row of db.prepare(sql).raw().iterate()) {
    lines += `${JSON.stringify(row)}\n`;
    if (++count % LINES !== 0) continue;
    hash.update(lines);
    lines = '';
    onRows(LINES);
  }
  hash.update(lines);
}

export interface Verified {
  readonly digest: string;
  /** What the snapshot says of itself. */
  readonly info: Readonly<Record<string, string>>;
}

/** Computes the digest anew. Throws E_CORRUPT when it is not what the file says, E_UNSUPPORTED when it says nothing. */
export function verifyDigest(db: Database.Database): Verified {
  return guardRead(() => {
    const info = readInfo(db);
    const stated = info['digest'];
    if (stated === undefined)
      throw new EngineError('E_UNSUPPORTED', 'This file has no digest.', {
        hint: 'Only files that `tributary snapshot` made carry one.',
      });
    const digest = computeDigest(db);
    if (digest === stated) return { digest, info };
    throw new EngineError('E_CORRUPT', 'This snapshot is not as it was made: its digest is another.', {
      hint: 'Get it again from where it came from.',
      details: `stated ${stated}, found ${digest}`,
    });
  });
}

function readInfo(db: Database.Database): Record<string, string> {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'snapshot_info'").get() === undefined) return {};
  const rows = db.prepare('SELECT key, value FROM snapshot_info ORDER BY key').raw().all() as [string, string][];
  return Object.fromEntries(rows);
}
