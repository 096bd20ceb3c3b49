import { useEffect, useState } from 'react';
import { toErrorData, type ErrorData, type Timeline } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import type { TimelineContent } from '../../stores/panel.ts';
import { joinTimelines } from './timeline-rows.ts';

export const EVENTS_PER_PAGE = 200;

interface TimelineState {
  readonly timeline: Timeline | null;
  readonly error: ErrorData | null;
  readonly loading: boolean;
}
const START: TimelineState = { timeline: null, error: null, loading: true };

/** One actor's story, read from the start; `more` adds the next events. */
export function useTimeline({
  actor,
  analysis,
}: TimelineContent): TimelineState & { more: () => void; retry: () => void } {
  const [state, setState] = useState(START);
  const [pages, setPages] = useState(1);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const query = {
      actor,
      offset: (pages - 1) * EVENTS_PER_PAGE,
      limit: EVENTS_PER_PAGE,
      ...(analysis === null ? {} : { analysis }),
    };
    engine.timeline(query, { signal: abort.signal }).then(
      (page) => {
        if (!abort.signal.aborted)
          setState(({ timeline }) => ({
            timeline: timeline === null ? page : joinTimelines(timeline, page),
            error: null,
            loading: false,
          }));
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted)
          setState(({ timeline }) => ({ timeline, error: toErrorData(thrown), loading: false }));
      },
    );
    return () => abort.abort();
  }, [actor, analysis, pages, round]);
  return {
    ...state,
    more: () => {
      setState((old) => ({ ...old, loading: true }));
      setPages(pages + 1);
    },
    retry: () => setRound(round + 1),
  };
}
