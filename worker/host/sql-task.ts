import type { Selection, SqlText } from '../../protocol/index.ts';
import { getActorSql } from '../pushdown/actor-sql.ts';
import { pushDown } from '../pushdown/pushdown.ts';
import type { PushdownContext } from '../pushdown/pushdown-context.ts';
import { PostgresSource } from '../source/postgres/postgres-source.ts';
import { SqliteSource } from '../source/sqlite-source.ts';
import type { PushdownInput } from './pushdown-tasks.ts';
import { getThreadSource } from './thread-sources.ts';

export interface SqlInput extends Omit<PushdownInput, 'state'> {
  readonly dialect: SqlText['dialect'];
  /** null = the analysis itself. */
  readonly selection: Selection | null;
}

/** The statement of an analysis, or of the actors behind a number. */
export function writeSql(input: SqlInput): SqlText {
  const { analysis, dialect, selection } = input;
  const context = getContext(input);
  const written =
    'reason' in context
      ? context
      : selection === null
        ? pushDown(analysis, context)
        : getActorSql(analysis, selection, context);
  return 'reason' in written
    ? { dialect, text: null, reason: written.reason }
    : { dialect, text: written.readable, reason: null };
}

/** Bytes of the ids of a segment, in a statement that is to be read. */
const MAX_WRITTEN = 50_000;

/** Our own model is the same in every database; a mapped table is known in its own only. */
function getContext(input: SqlInput): PushdownContext | { readonly reason: string } {
  const { dialect, hours, guardHours, firstEventMs, moments, frozen } = input;
  const { lastEventMs, actorSets } = moments;
  const long = [...(actorSets ?? [])].find(([, { ids }]) => ids.bytes.length > MAX_WRITTEN);
  if (dialect === 'postgres' && long !== undefined)
    return { reason: `The segment "${long[0]}" has more actors than are written into a statement for a server.` };
  const asked = { dialect, hours, guardHours, firstEventMs, lastEventMs, moments, actorSets };
  const source = getThreadSource(input);
  const own = source instanceof SqliteSource ? 'sqlite' : 'postgres';
  if (own === dialect && (source instanceof SqliteSource || source instanceof PostgresSource))
    return { ...source.facts, ...asked, frozen };
  if (source.describe().model === 'mapped')
    return { reason: 'A table that is read through a mapping is known in its own database only.' };
  return { schema: dialect === 'postgres' ? 'public' : null, mapping: null, columns: [], arrival: null, ...asked };
}
