import { readdirSync, statSync, type Stats } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readColumn } from './column-file.ts';
import { decodeManifest, type Manifest } from './manifest.ts';

export const MANIFEST = 'manifest.json';

/** What lies in one folder of the store. */
export interface StoredEntry {
  readonly folder: string;
  /** null = damaged or of another version: of no use. */
  readonly manifest: Manifest | null;
  readonly bytes: number;
  /** ms since the epoch; 0 without a manifest. */
  readonly usedAt: number;
}

/** All entries, used longest ago first. [] where there is no store. */
export async function listEntries(storeFolder: string): Promise<readonly StoredEntry[]> {
  const names = await readdir(storeFolder).catch(() => []);
  const entries = await Promise.all(names.map((name) => readEntry(path.join(storeFolder, name))));
  return entries.filter((entry) => entry !== null).toSorted((a, b) => a.usedAt - b.usedAt);
}

async function readEntry(folder: string): Promise<StoredEntry | null> {
  const files = await readdir(folder).catch(() => null);
  if (files === null) return null;
  const sizes = files.map((file) => statOrNull(path.join(folder, file))?.size ?? 0);
  const file = path.join(folder, MANIFEST);
  const used = await stat(file).catch(() => null);
  return {
    folder,
    manifest: used === null ? null : decodeManifest(await readFile(file).catch(() => Buffer.alloc(0))),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    usedAt: used?.mtimeMs ?? 0,
  };
}

function statOrNull(file: string): Stats | null {
  return statSync(file, { throwIfNoEntry: false }) ?? null;
}

export async function removeEntry({ folder }: Pick<StoredEntry, 'folder'>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/**
 * Removes what was used longest ago until `bytes` more fit into the budget. False = they never do. The entry named
 * `written` is about to be replaced, or to get them on top of what it has (`grows`).
 */
export async function makeRoom(
  storeFolder: string,
  written: string,
  bytes: number,
  budget: number,
  grows = false,
): Promise<boolean> {
  if (bytes > budget) return false;
  const entries = await listEntries(storeFolder);
  const own = entries.find(({ folder }) => path.basename(folder) === written);
  const others = entries.filter((entry) => entry !== own);
  const wanted = bytes + (grows ? (own?.bytes ?? 0) : 0);
  if (wanted > budget) return false;
  let total = others.reduce((sum, entry) => sum + entry.bytes, wanted);
  for (const entry of others) {
    if (total <= budget) break;
    await removeEntry(entry);
    total -= entry.bytes;
  }
  return true;
}

/** Files that the manifest does not name, unless another living process may be writing them. */
export async function removeLeftovers(folder: string, manifest: Manifest): Promise<void> {
  const named = new Set([MANIFEST, ...manifest.columns.map(({ file }) => file)]);
  for (const file of readdirSync(folder))
    if (!named.has(file) && !isBeingWritten(file)) await rm(path.join(folder, file), { force: true });
}

/** Files begin with the id of the process that writes them; this one writes one after the other. */
function isBeingWritten(file: string): boolean {
  const pid = Number.parseInt(file, 10);
  if (Number.isNaN(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Names of columns that are not what was written. Reads everything. */
export async function findDamage(entry: StoredEntry): Promise<readonly string[]> {
  if (entry.manifest === null) return [MANIFEST];
  const damaged: string[] = [];
  for (const column of entry.manifest.columns) {
    const file = path.join(entry.folder, column.file);
    const isIntact = await readColumn(file, column, null).then(
      () => true,
      () => false,
    );
    if (!isIntact) damaged.push(column.name);
  }
  return damaged;
}
