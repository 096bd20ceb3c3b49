import { statSync } from 'node:fs';
import path from 'node:path';

/**
 * The database of tables that were kept from results. Only keep-table.ts writes it; statements on files read it as the
 * schema `scratch`. It lies in the app's own folder, never beside a source, and in WAL mode: a statement that runs goes on
 * reading what was there when it began, and a writer that is killed leaves nothing behind.
 */
export const scratchFile = (dataDir: string): string => path.join(dataDir, 'tables', 'scratch.db');

/** Which file it is, whatever its content; null = none yet. */
export function identifyScratch(file: string): string | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}
