import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { resolveRegularFile } from '../source/check-file.ts';
import { openDatabase } from '../source/open-database.ts';
import { withAdminClient, type Credentials } from './admin-client.ts';
import { loadFromFile, type LoadFileOptions } from './load-file.ts';
import { loadFromSnapshot } from './load-snapshot.ts';
import { loadStore, type LoadOptions, type LoadSummary } from './load.ts';

/** Rows read at once: a few ms, in which nothing is written to the line. */
const BATCH_ROWS = 2_500;
const MAGIC = 'SQLite format 3\0';

/** Loads any file that can be one; see `loadStore`. The file is opened as all sources are: nothing appears beside it. */
export async function loadFile(
  target: PostgresTarget,
  credentials: Credentials,
  file: string,
  options: LoadOptions & LoadFileOptions,
): Promise<LoadSummary> {
  const real = resolveRegularFile(file);
  if (!isSqlite(real))
    return withAdminClient(target, credentials, (client) => loadStore(client, loadFromFile(real, options), options));
  const scratch = mkdtempSync(path.join(tmpdir(), 'tributary-load-'));
  try {
    const source = loadFromSnapshot(openDatabase(real, scratch), BATCH_ROWS);
    try {
      return await withAdminClient(target, credentials, (client) => loadStore(client, source, options));
    } finally {
      source.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function isSqlite(file: string): boolean {
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    readSync(fd, head, 0, head.length, 0);
    return head.toString('latin1') === MAGIC;
  } finally {
    closeSync(fd);
  }
}
