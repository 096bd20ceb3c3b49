import { useEffect, useState } from 'react';
import { toErrorData, type ErrorData, type JourneyQuery, type LatestEvent } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { useSession } from '../../stores/session.ts';

const ROWS = 100;
interface Latest {
  readonly events: readonly LatestEvent[] | null;
  readonly error: ErrorData | null;
}

/** The newest events of what is open, with their moves in `journey` (null = without); those before stay until they come. */
export function useLatest(journey: JourneyQuery | null): Latest {
  const sourceId = useSession((s) => s.source?.sourceId ?? null);
  const [latest, setLatest] = useState<Latest>({ events: null, error: null });
  useEffect(() => {
    if (sourceId === null) return;
    const abort = new AbortController();
    const query = journey === null ? { limit: ROWS } : { limit: ROWS, journey };
    engine.latest(query, { signal: abort.signal, sourceId }).then(
      (events) => setLatest({ events, error: null }),
      (thrown: unknown) => {
        if (!abort.signal.aborted) setLatest(({ events }) => ({ events, error: toErrorData(thrown) }));
      },
    );
    return () => abort.abort();
  }, [sourceId, journey]);
  return latest;
}
