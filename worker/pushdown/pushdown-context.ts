import type { Mapping } from '../../protocol/index.ts';
import type { ResolvedTimes } from '../compute/resolve-context.ts';
import type { ActorSets } from '../segment/actor-set.ts';
import type { NeededHours } from '../plan/plan-partitions.ts';
import type { DialectName } from './dialect.ts';
import type { FrozenRows } from './frozen-rows.ts';

/** What a statement must know of the source it will be run on. Times are ms since the epoch, UTC. */
export interface PushdownContext {
  readonly dialect: DialectName;
  /** Where the event table is; null = the only one there is (`main` of a file). */
  readonly schema: string | null;
  /** null = our own model. With `auto` decided. */
  readonly mapping: Mapping | null;
  /** Columns of the event table with their declared types (Postgres: as `format_type` has them). May be empty for our own model. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Column that tells the order of arrival (`rowid`, `seq`, `ctid`); null = none does. Our own model has its own. */
  readonly arrival: string | null;
  /** Rows come from other servers, some of them at least. Absent = they do not. */
  readonly isForeign?: boolean;
  /** Our own model: whether there is a table `shops`, by which events without a user find one. Absent = there is. */
  readonly hasShops?: boolean;
  /** Likewise: whether no two of them have the same `shop_id`. Absent = so it is. */
  readonly shopIsKey?: boolean;
  /** Our own model in Postgres: whether the function `hour_key` of its migrations is there. Absent = it is. */
  readonly hasHourKey?: boolean;
  /** The rows that the source had when it was opened; null or absent = all that there are when the statement runs. */
  readonly frozen?: FrozenRows | null;
  /** The hours that are needed, before the guard band; null or an open end = no pruning there. Our own model only. */
  readonly hours: NeededHours | null;
  /** How far `ts` and the hour of `event_time` may lie apart. 0 says that they agree, and that no event is there twice. */
  readonly guardHours: number;
  /** First and last event of the whole source; ±Infinity when it has none. */
  readonly firstEventMs: number;
  readonly lastEventMs: number;
  readonly moments: ResolvedTimes;
  /** The segments of actors that the analysis asks about. */
  readonly actorSets?: ActorSets | undefined;
}
