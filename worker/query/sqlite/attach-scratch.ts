import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/**
 * Attaches the database of local tables, read-only, as the schema `scratch`: before the authorizer is set, which refuses
 * every ATTACH. False when it is damaged or holds anything but plain tables: it must not keep a file from being read.
 */
export function attachScratch(db: DatabaseSync, file: string): boolean {
  const url = pathToFileURL(file);
  url.searchParams.set('mode', 'ro');
  try {
    db.prepare('ATTACH ? AS scratch').run(url.href);
  } catch {
    return false;
  }
  if (holdsTables(db)) return true;
  db.exec('DETACH scratch');
  return false;
}

/** Tables as we create them, and our list of them. */
function holdsTables(db: DatabaseSync): boolean {
  try {
    const others =
      "SELECT count(*) AS n FROM scratch.sqlite_schema WHERE type <> 'table' OR sql NOT LIKE 'CREATE TABLE %'";
    if (db.prepare(others).get()?.['n'] !== 0) return false;
    db.prepare('SELECT name, rows, bytes, kept_at, dropped FROM scratch._tables').get();
    return true;
  } catch {
    return false;
  }
}
