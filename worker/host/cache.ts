import path from 'node:path';
import { checkFile } from '../source/check-file.ts';
import { findDamage, listEntries, removeEntry, type StoredEntry } from '../store/store-folder.ts';
import { CONTENT_VERSION } from './kept-source.ts';
import { getStoreBudget, getStoreFolder } from './open-store.ts';

/**
 * `current` = the next opening of the source uses it; `changed` = the source is no longer the one it was made of;
 * `gone` = there is no source; `unusable` = damaged, or of another version of this program.
 */
export type CacheState = 'current' | 'changed' | 'gone' | 'unusable';
/** What is kept of one source, for one property that stands for the actor (null = the source's own). */
export interface CacheEntry {
  /** Its folder in the cache. */
  readonly id: string;
  /** Path of the source; null where that cannot be read. */
  readonly source: string | null;
  readonly actorFrom: string | null;
  readonly state: CacheState;
  readonly events: number;
  readonly columns: number;
  readonly bytes: number;
  /** ISO 8601, UTC; null where that cannot be read. */
  readonly usedAt: string | null;
}
export interface CacheListing {
  readonly folder: string;
  readonly budgetBytes: number;
  readonly bytes: number;
  readonly entries: readonly CacheEntry[];
}
export interface CacheDamage {
  readonly entry: CacheEntry;
  /** Names of the columns whose values are not what was written; empty = all is well. */
  readonly damaged: readonly string[];
}

/** What earlier sessions left in a data folder; last used first. */
export async function listCache(dataDir: string): Promise<CacheListing> {
  const folder = getStoreFolder(dataDir);
  const entries = (await listEntries(folder)).map(describe).toReversed();
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return { folder, budgetBytes: getStoreBudget(undefined), bytes, entries };
}

/** Removes what is kept of a source, or everything; answers what is gone. */
export async function clearCache(dataDir: string, source: string | null): Promise<readonly CacheEntry[]> {
  const cleared: CacheEntry[] = [];
  for (const stored of await listEntries(getStoreFolder(dataDir))) {
    const entry = describe(stored);
    if (source !== null && entry.source !== source && entry.id !== source) continue;
    await removeEntry(stored);
    cleared.push(entry);
  }
  return cleared;
}

/** Reads every byte that is kept and holds it against its checksum. */
export async function verifyCache(dataDir: string): Promise<readonly CacheDamage[]> {
  const found: CacheDamage[] = [];
  for (const stored of await listEntries(getStoreFolder(dataDir)))
    found.push({ entry: describe(stored), damaged: await findDamage(stored) });
  return found;
}

function describe({ folder, manifest, bytes, usedAt }: StoredEntry): CacheEntry {
  const id = path.basename(folder);
  if (manifest === null)
    return { id, source: null, actorFrom: null, state: 'unusable', events: 0, columns: 0, bytes, usedAt: null };
  const { source, events, columns } = manifest;
  return {
    id,
    source: source.name,
    actorFrom: getActorProperty(source.slot),
    state: getState(source.name, source.state),
    events,
    columns: columns.length,
    bytes,
    usedAt: new Date(usedAt).toISOString(),
  };
}

const getActorProperty = (slot: string): string | null =>
  (JSON.parse(slot) as { readonly actorProperty: string | null }).actorProperty;

function getState(file: string, keptState: string): CacheState {
  if (!keptState.startsWith(`${CONTENT_VERSION} `)) return 'unusable';
  try {
    return keptState === `${CONTENT_VERSION} ${checkFile(file).state}` ? 'current' : 'changed';
  } catch {
    return 'gone';
  }
}
