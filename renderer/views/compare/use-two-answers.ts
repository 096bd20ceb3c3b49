import { useEffect, useState } from 'react';
import {
  toErrorData,
  type AnalysisOf,
  type AnalysisType,
  type ErrorData,
  type ResultByType,
} from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { effectiveAnalysis } from '../../stores/effective-analysis.ts';
import { useFrame } from '../../stores/frame.ts';

export interface TwoAnswers<T extends AnalysisType> {
  /** The two answers of one question, first source first; those before stay until both are there. */
  readonly both: readonly [ResultByType[T], ResultByType[T]] | null;
  readonly stale: boolean;
  readonly error: ErrorData | null;
  readonly retry: () => void;
}
interface Shown<T extends AnalysisType> {
  readonly question: string;
  readonly both: TwoAnswers<T>['both'];
  readonly error: ErrorData | null;
}

/** One question to both sources, with the workspace's range, as of and zone. */
export function useTwoAnswers<T extends AnalysisType>(
  analysis: AnalysisOf<T> & { type: T },
  sources: readonly [string, string],
): TwoAnswers<T> {
  const frame = useFrame();
  const [round, setRound] = useState(0);
  const [first, second] = sources;
  const question = JSON.stringify([first, second, round, effectiveAnalysis(analysis, frame)]);
  const [shown, setShown] = useState<Shown<T>>({ question: '', both: null, error: null });
  useEffect(() => {
    const abort = new AbortController();
    const [, , , asked] = JSON.parse(question) as [string, string, number, AnalysisOf<T> & { type: T }];
    const ask = (sourceId: string): Promise<ResultByType[T]> =>
      engine.run<T>(asked, { sourceId, signal: abort.signal, detail: 'counts' });
    Promise.all([ask(first), ask(second)]).then(
      (both) => setShown({ question, both, error: null }),
      (thrown: unknown) => {
        if (!abort.signal.aborted) setShown(({ both }) => ({ question, both, error: toErrorData(thrown) }));
      },
    );
    return () => abort.abort();
  }, [first, second, question]);
  return {
    both: shown.both,
    stale: shown.question !== question,
    error: shown.question === question ? shown.error : null,
    retry: () => setRound(round + 1),
  };
}
