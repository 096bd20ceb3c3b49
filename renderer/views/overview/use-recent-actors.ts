import { useEffect, useState } from 'react';
import type { ActorRow, RollupQuery } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { effectiveAnalysis } from '../../stores/answers.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';

/** Lists come ordered by id, so the newest are found among at most this many. */
const LOOKED_AT = 5000;
export interface RecentActors {
  /** Newest first. */
  readonly rows: readonly ActorRow[];
  readonly total: number;
}

/** Who was active on the last day, newest first; null while unknown or when there are too many to tell. */
export function useRecentActors(lastDay: RollupQuery): RecentActors | null {
  const sourceId = useSession((s) => s.source?.sourceId ?? null);
  const document = useWorkspace((s) => s.document);
  const { timezone, range, asOf, knownAt } = document;
  const [recent, setRecent] = useState<RecentActors | null>(null);
  useEffect(() => {
    if (sourceId === null) return;
    const abort = new AbortController();
    const analysis = effectiveAnalysis(lastDay, { timezone, range, asOf, knownAt });
    engine
      .actors({ analysis, selection: {}, limit: LOOKED_AT }, { signal: abort.signal })
      .then((page) =>
        setRecent(
          page.total > LOOKED_AT
            ? null
            : { total: page.total, rows: page.rows.toSorted((a, b) => b.lastTime - a.lastTime) },
        ),
      )
      .catch(() => {
        // Cancelled, or the same failure that the answers beside it show.
        if (!abort.signal.aborted) setRecent(null);
      });
    return () => abort.abort();
  }, [sourceId, lastDay, timezone, range, asOf, knownAt]);
  return recent;
}
