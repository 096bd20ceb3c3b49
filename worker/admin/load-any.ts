import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { resolveRegularFile } from '../source/check-file.ts';
import { openDatabase } from '../source/open-database.ts';
import { openAdminClient, withAdminClient, type Credentials } from './admin-client.ts';
import { loadFromFile, type LoadFileOptions } from './load-file.ts';
import { loadFromSnapshot } from './load-snapshot.ts';
import { loadStore } from './load.ts';
import type { LoadSource } from './load-source.ts';
import type { LoadOptions, LoadSummary } from './load-summary.ts';

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
  const load = (source: LoadSource): Promise<LoadSummary> =>
    withAdminClient(target, credentials, (client) =>
      loadStore(client, () => openAdminClient(target, credentials), source, options),
    );
  if (!isSqlite(real)) return load(loadFromFile(real, options));
  const scratch = mkdtempSync(path.join(tmpdir(), 'tributary-load-'));
  try {
    const source = loadFromSnapshot(openDatabase(real, scratch), BATCH_ROWS);
    try {
      return await load(source);
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
