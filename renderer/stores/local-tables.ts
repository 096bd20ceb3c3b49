import type { KeptTable } from '../../protocol/query-result.ts';
import { query, type ResultView } from '../engine/query-client.ts';
import { useSqlSession } from './sql-session.ts';

/** What a statement on a file sees of local tables is told with its schema; a server sees nothing of them. */
async function refresh(): Promise<void> {
  const { session, refreshSchema } = useSqlSession.getState();
  if (session?.dialect === 'sqlite') await refreshSchema();
}

/** Keeps the rows of a result, as they are looked at, as `scratch.NAME`. Throws `EngineError`. */
export async function keepTable(
  resultId: string,
  table: { readonly name: string; readonly replace: boolean; readonly actors?: number },
  view: ResultView,
): Promise<KeptTable> {
  const kept = await query.keepTable(resultId, table, view);
  await refresh();
  return kept;
}

/** Answers how to take it back. */
export async function dropTable(name: string): Promise<() => Promise<void>> {
  await query.dropTable(name);
  await refresh();
  return async () => {
    await query.restoreTable(name);
    await refresh();
  };
}
