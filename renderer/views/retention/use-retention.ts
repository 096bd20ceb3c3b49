import {
  LifecycleSchema,
  RetentionSchema,
  StickinessSchema,
  type LifecycleQuery,
  type RetentionQuery,
  type StickinessQuery,
  type Vocabulary,
} from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { useAnalysis } from '../../stores/workspace.ts';

/** Who enters a cohort: the first event of a life in our model, else any event. */
const getFirstEvent = (vocabulary: Vocabulary | null): string | null =>
  vocabulary?.events.find((e) => e.name === 'account_created')?.name ?? null;

export function useRetention(): [
  RetentionQuery,
  (change: (old: RetentionQuery) => RetentionQuery, label: string) => void,
] {
  const vocabulary = useSession((s) => s.vocabulary);
  return useAnalysis<'retention'>('retention', () =>
    RetentionSchema.parse({
      type: 'retention',
      cohortEvent: { event: getFirstEvent(vocabulary) },
      returnEvent: { event: null },
    }),
  );
}
export const useLifecycle = (): [
  LifecycleQuery,
  (change: (old: LifecycleQuery) => LifecycleQuery, label: string) => void,
] =>
  useAnalysis<'lifecycle'>('retention.lifecycle', () =>
    LifecycleSchema.parse({ type: 'lifecycle', event: { event: null } }),
  );
export const useStickiness = (): [
  StickinessQuery,
  (change: (old: StickinessQuery) => StickinessQuery, label: string) => void,
] =>
  useAnalysis<'stickiness'>('retention.stickiness', () =>
    StickinessSchema.parse({ type: 'stickiness', event: { event: null }, interval: 'week' }),
  );
