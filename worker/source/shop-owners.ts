import type Database from 'better-sqlite3';
import { readTables } from './read-schema.ts';

/** The user of a shop, from the table `shops` of our own model; loaded at the first question. */
export type ShopOwner = (shopId: string) => string | undefined;

export function shopOwners(db: Database.Database): ShopOwner {
  let owners: ReadonlyMap<string, string> | null = null;
  return (shopId) => {
    owners ??= loadOwners(db);
    return owners.get(shopId);
  };
}

function loadOwners(db: Database.Database): ReadonlyMap<string, string> {
  const table = readTables(db).find((t) => t.name === 'shops' && t.kind === 'table' && !t.virtual);
  const names = new Set(table?.columns.map((c) => c.name));
  if (!names.has('shop_id') || !names.has('user_id')) return new Map();
  const rows = db
    .prepare<[], [string, string]>(
      'SELECT CAST(shop_id AS TEXT), CAST(user_id AS TEXT) FROM main.shops WHERE shop_id IS NOT NULL AND user_id IS NOT NULL',
    )
    .raw(true);
  return new Map(rows.iterate() as IterableIterator<[string, string]>);
}
