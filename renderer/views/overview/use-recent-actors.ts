import { useEffect, useState } from 'react';
import { toErrorData, type ActorRow, type ErrorData, type RollupQuery } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { effectiveAnalysis } from '../../stores/answers.ts';
import { useFrame } from '../../stores/frame.ts';
import { useSession } from '../../stores/session.ts';
import { getActiveQuestion } from './overview-questions.ts';

/** Lists come ordered by id, so the newest are found among at most this many. */
const LOOKED_AT = 2000;
const MINUTE = 60_000;
/** The longest stretch whose actors are few enough to look at all of them. */
const STRETCHES = [
  { text: 'the last day', lengthMs: 1440 * MINUTE },
  { text: 'the last hour', lengthMs: 60 * MINUTE },
  { text: 'the last minute', lengthMs: MINUTE },
] as const;

export interface RecentActors {
  /** `the last hour` */
  readonly stretch: string;
  readonly question: RollupQuery;
  /** Newest first. */
  readonly rows: readonly ActorRow[];
  readonly total: number;
}
interface State {
  readonly recent: RecentActors | null;
  readonly error: ErrorData | null;
}

/** Who was active in the stretch that ends at `last`, newest first. */
export function useRecentActors(last: number, isTurn: boolean): State & { readonly retry: () => void } {
  const sourceId = useSession((s) => s.source?.sourceId ?? null);
  const frame = useFrame();
  const [state, setState] = useState<State>({ recent: null, error: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (sourceId === null || !isTurn) return;
    const abort = new AbortController();
    const find = async (): Promise<RecentActors | null> => {
      for (const { text, lengthMs } of STRETCHES) {
        const question = getActiveQuestion(last, lengthMs);
        const analysis = effectiveAnalysis(question, frame);
        const page = await engine.actors({ analysis, selection: {}, limit: LOOKED_AT }, { signal: abort.signal });
        if (page.total > LOOKED_AT && lengthMs > MINUTE) continue;
        return {
          stretch: text,
          question,
          total: page.total,
          rows: page.rows.toSorted((a, b) => b.lastTime - a.lastTime),
        };
      }
      return null;
    };
    find().then(
      (recent) => setState({ recent, error: null }),
      (thrown: unknown) => {
        if (!abort.signal.aborted) setState(({ recent }) => ({ recent, error: toErrorData(thrown) }));
      },
    );
    return () => abort.abort();
  }, [sourceId, last, isTurn, round, frame]);
  return { ...state, retry: () => setRound(round + 1) };
}
