import { useEffect, useMemo, useState } from 'react';
import {
  RollupSchema,
  toErrorData,
  type Analysis,
  type ErrorData,
  type PlannedPartitions,
  type SourceInfo,
} from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { useQuestions } from '../../stores/answers.ts';
import { useComputeWay } from '../../stores/compute-way.ts';
import { effectiveAnalysis } from '../../stores/effective-analysis.ts';
import { useFrame } from '../../stores/frame.ts';

export interface Planned extends PlannedPartitions {
  /** The question that reads most of those on the screen. */
  readonly analysis: Analysis;
  readonly questions: number;
}
interface Asked {
  readonly planned: Planned | null;
  readonly error: ErrorData | null;
  /** It was asked for other questions than those on the screen. */
  readonly isStale: boolean;
}

/** Any question that looks at the range and nothing else: for views that ask none. */
const WHOLE_RANGE = RollupSchema.parse({ type: 'rollup', interval: 'day' });

/** What the questions on the screen read of the source; of several that which reads most. Asked again when they change. */
export function usePlanned({ sourceId }: SourceInfo): Asked {
  const frame = useFrame();
  const asked = useQuestions();
  const { way } = useComputeWay();
  const questions = useMemo(() => (asked.length > 0 ? asked : [effectiveAnalysis(WHOLE_RANGE, frame)]), [asked, frame]);
  const key = `${sourceId} ${way} ${JSON.stringify(questions)}`;
  const [known, setKnown] = useState<{
    readonly key: string;
    readonly planned: Planned | null;
    readonly error: ErrorData | null;
  }>({
    key: '',
    planned: null,
    error: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    plan(sourceId, questions, abort.signal).then(
      (planned) => setKnown({ key, planned, error: null }),
      (thrown: unknown) => {
        if (!abort.signal.aborted) setKnown(({ planned }) => ({ key, planned, error: toErrorData(thrown) }));
      },
    );
    return () => abort.abort();
    // oxlint-disable-next-line react/exhaustive-deps -- `key` is all of them as text.
  }, [key]);
  return { planned: known.planned, error: known.error, isStale: known.key !== key };
}

async function plan(sourceId: string, questions: readonly Analysis[], signal: AbortSignal): Promise<Planned> {
  const all = await Promise.all(
    questions.map(async (analysis) => ({ analysis, ...(await engine.partitions(analysis, { sourceId, signal })) })),
  );
  const most = all.reduce((a, b) => (b.plan.rowsRead > a.plan.rowsRead ? b : a));
  return { ...most, questions: all.length };
}
