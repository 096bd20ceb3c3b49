import { join } from 'node:path';
import { z } from 'zod';
import { SavedConnectionSchema, type SavedConnection } from '../../protocol/connections.ts';
import { JsonStore } from './json-store.ts';

/** `connections.json` in the data folder: everything of a connection but its password. */
export type ConnectionStore = JsonStore<SavedConnection[]>;

export const openConnectionStore = (dataDir: string): ConnectionStore =>
  new JsonStore<SavedConnection[]>(
    join(dataDir, 'connections.json'),
    z.array(SavedConnectionSchema).max(1_000),
    () => [],
  );

/** By name, in the alphabet's order; the same name replaces. */
export function putConnection(all: readonly SavedConnection[], connection: SavedConnection): SavedConnection[] {
  const others = all.filter(({ name }) => name !== connection.name);
  return [...others, connection].toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}
