import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { identifyScratch } from '../scratch/scratch-file.ts';

export interface AttachedScratch {
  /** Of the file that was there, readable or not; null = none. */
  readonly identity: string | null;
  readonly isAttached: boolean;
}

/**
 * The database of local tables, read-only, as the schema `scratch`: before the authorizer is set, which refuses every
 * ATTACH. One that is damaged, or holds anything but plain tables, is left out: it must not keep a file from being read.
 */
export function attachScratch(db: DatabaseSync, file: string): AttachedScratch {
  const identity = identifyScratch(file);
  if (identity === null) return { identity, isAttached: false };
  const url = pathToFileURL(file);
  url.searchParams.set('mode', 'ro');
  try {
    db.prepare('ATTACH ? AS scratch').run(url.href);
  } catch {
    return { identity, isAttached: false };
  }
  if (holdsTables(db)) return { identity, isAttached: true };
  db.exec('DETACH scratch');
  return { identity, isAttached: false };
}

/** Tables as we create them, and our list of them. */
function holdsTables(db: DatabaseSync): boolean {
  try {
    const others =
      "SELECT count(*) AS n FROM scratch.sqlite_schema WHERE type <> 'table' OR sql NOT LIKE 'CREATE TABLE %'";
    return (
      db.prepare(others).get()?.['n'] === 0 && db.prepare('SELECT count(*) FROM scratch._tables').get() !== undefined
    );
  } catch {
    return false;
  }
}
