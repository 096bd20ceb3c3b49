import type { Mapping } from '../../../protocol/index.ts';
import type { ServerEvents } from './server-events.ts';
import type { SyncSession } from './sync-session.ts';

/** What a statement for a source has to know of it. */
export interface ServerFacts {
  readonly schema: string;
  readonly mapping: Mapping | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly arrival: string | null;
  readonly isForeign: boolean;
  readonly hasShops: boolean;
  readonly shopIsKey: boolean;
  readonly hasHourKey: boolean;
}

export function factsOf(
  { table, mapping, seq, hasShops, shopIsKey, isModel }: ServerEvents,
  hasHourFunction: boolean,
): ServerFacts {
  const arrival = seq?.name ?? (table.kind === 'table' && !isModel ? 'ctid' : null);
  const { schema, columns, isForeign } = table;
  return { schema, mapping, columns, arrival, isForeign, hasShops, shopIsKey, hasHourKey: hasHourFunction };
}

/** The function of our migrations. */
export const hasHourKey = (session: SyncSession, schema: string): boolean =>
  session.query(
    `SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 AND p.proname = 'hour_key')`,
    [schema],
  )[0]?.[0] === true;
