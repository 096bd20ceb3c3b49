import { useEffect, useRef, useState } from 'react';
import {
  toErrorData,
  type ErrorData,
  type Inspection,
  type Progress,
  type SourceRef,
} from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import type { AnswerLike } from '../../widgets/states.tsx';

interface State {
  readonly inspection: Inspection | null;
  readonly error: ErrorData | null;
  readonly progress: Progress | null;
}
const NOTHING: State = { inspection: null, error: null, progress: null };
const PROGRESS_AFTER_MS = 500;

/** Tables and columns of the file behind a source. */
export function useInspection(ref: SourceRef): AnswerLike<Inspection> {
  const [state, setState] = useState<State>(NOTHING);
  const [round, setRound] = useState(0);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => {
    const mine = new AbortController();
    const startedAt = performance.now();
    abort.current = mine;
    engine
      .inspect(ref, {
        signal: mine.signal,
        onProgress: (progress) =>
          performance.now() - startedAt > PROGRESS_AFTER_MS && setState((old) => ({ ...old, progress })),
      })
      .then((inspection) => setState({ inspection, error: null, progress: null }))
      .catch((thrown: unknown) => {
        if (!mine.signal.aborted) setState({ ...NOTHING, error: toErrorData(thrown) });
      });
    return () => mine.abort();
  }, [ref, round]);
  const { inspection, error, progress } = state;
  return {
    status: error !== null ? 'error' : inspection === null ? 'loading' : 'ready',
    result: inspection,
    stale: false,
    progress,
    error,
    retry: () => {
      setState(NOTHING);
      setRound(round + 1);
    },
    cancel: () => abort.current?.abort(),
  };
}
