import type Database from 'better-sqlite3';
import { quote, readTables, type SchemaTable } from './read-schema.ts';

/** The user of a shop, from the table `shops` of our own model. */
export type ShopOwner = (shopId: string) => string | undefined;

/** One look-up a database, so one a thread: a source is scanned in several pieces. */
const known = new WeakMap<Database.Database, ShopOwner>();
const ROWS_BETWEEN_CHECKS = 1_024;

/**
 * Rows with a shop alone are few, so each is asked for by the key of `shops`: loading a million owners took seconds in
 * which nothing could be stopped. Only a table without such a key is loaded, at the first question; `check` is called
 * every thousand rows of that and may throw.
 */
export function shopOwners(db: Database.Database, check: () => void): ShopOwner {
  let ownerOf = known.get(db);
  return (shopId) => {
    if (ownerOf === undefined) known.set(db, (ownerOf = createOwners(db, check)));
    return ownerOf(shopId);
  };
}

function createOwners(db: Database.Database, check: () => void): ShopOwner {
  const table = readTables(db).find((t) => t.name === 'shops' && t.kind === 'table' && !t.virtual);
  const names = new Set(table?.columns.map((c) => c.name));
  if (table === undefined || !names.has('shop_id') || !names.has('user_id')) return () => undefined;
  if (isKeyedByText(db, table)) return askByKey(db);
  const owners = loadOwners(db, check);
  return (shopId) => owners.get(shopId);
}

/** Text compares with text by bytes, as a Map does; other column types convert what they are compared with. */
function isKeyedByText(db: Database.Database, table: SchemaTable): boolean {
  const type = table.columns.find((c) => c.name === 'shop_id')?.type ?? '';
  if (!/char|clob|text/i.test(type) || /int/i.test(type)) return false;
  const unique = `SELECT count(*) FROM pragma_index_list('shops', 'main') l WHERE l."unique" = 1 AND l.partial = 0
    AND (SELECT group_concat(i.name) FROM pragma_index_info(l.name, 'main') i) = 'shop_id'`;
  return (db.prepare<[], number>(unique).pluck().get() ?? 0) > 0;
}

function askByKey(db: Database.Database): ShopOwner {
  const statement = db
    .prepare<[string], string | null>('SELECT CAST(user_id AS TEXT) FROM main.shops WHERE shop_id = ?')
    .pluck();
  return (shopId) => statement.get(shopId) ?? undefined;
}

function loadOwners(db: Database.Database, check: () => void): ReadonlyMap<string, string> {
  const [shop, user] = ['shop_id', 'user_id'].map(quote);
  const rows = db
    .prepare<[], [string, string]>(
      `SELECT CAST(${shop} AS TEXT), CAST(${user} AS TEXT) FROM main.shops WHERE ${shop} IS NOT NULL AND ${user} IS NOT NULL`,
    )
    .raw(true);
  const owners = new Map<string, string>();
  let seen = 0;
  for (const [shopId, userId] of rows.iterate() as unknown as Iterable<[string, string]>) {
    if (++seen % ROWS_BETWEEN_CHECKS === 0) check();
    owners.set(shopId, userId);
  }
  return owners;
}
