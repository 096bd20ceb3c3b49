import type { ActorSet, ActorSets } from '../segment/actor-set.ts';
import { decodeStrings } from '../segment/string-table.ts';
import type { Dialect } from './dialect.ts';
import { Refusal } from './refusal.ts';
import { name, sql, text, type Sql } from './sql.ts';

/** More ids than these are not sent to a server with every question. */
const MAX_SENT = 500_000;

/**
 * The property `$segment.NAME` of the rows of a relation with a column `actor`. A file is asked together with the local
 * tables, as in the editor; a server gets the ids as one bound array.
 */
export function memberColumn(dialect: Dialect, sets: ActorSets | undefined, segment: string): Sql {
  return sql`CASE WHEN ${isMember(dialect, sets?.get(segment), segment)} THEN ${text(segment)} END`;
}

function isMember(dialect: Dialect, set: ActorSet | undefined, segment: string): Sql {
  if (dialect.name === 'sqlite')
    return sql`actor IN (SELECT CAST(actor AS TEXT) FROM scratch.${name(segment)} WHERE actor <> '')`;
  if (set === undefined) throw new Refusal(`The actors of the segment "${segment}" are not known here.`);
  if (set.ids.length > MAX_SENT)
    throw new Refusal(
      `The segment "${segment}" has ${format(set.ids.length)} actors; at most ${format(MAX_SENT)} are sent to a server.`,
    );
  return sql`actor = ANY (${text(getArray(set))}::text[])`;
}

const arrays = new Map<string, string>();
const KEPT = 2;

/** As Postgres writes arrays. A zero byte is in no text of a database, and could not even be sent. */
function getArray({ key, ids }: ActorSet): string {
  const known = arrays.get(key);
  if (known !== undefined) return known;
  const quoted = decodeStrings(ids, () => undefined)
    .filter((id) => !id.includes('\0'))
    .map((id) => `"${id.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
  const written = `{${quoted.join(',')}}`;
  const [oldest] = arrays.keys();
  if (arrays.size === KEPT && oldest !== undefined) arrays.delete(oldest);
  arrays.set(key, written);
  return written;
}

const format = (n: number): string => n.toLocaleString('en-US');
