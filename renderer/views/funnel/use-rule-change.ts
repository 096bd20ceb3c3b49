import { useEffect, useRef, useState } from 'react';
import type { ActorDifference, FunnelQuery } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { withoutKey } from './funnel-edits.ts';

/** How the last change of a rule moved the actors who reach the last step. */
export interface RuleChange {
  readonly before: FunnelQuery;
  readonly after: FunnelQuery;
  readonly difference: ActorDifference;
}

export const getLastStep = (funnel: FunnelQuery): number => funnel.steps.length - 1;

/** What decides who is counted; names, breakdown and how it is drawn do not. */
export function getCountingRules(funnel: FunnelQuery): string {
  const {
    title: _title,
    breakdown: _breakdown,
    viz: _viz,
    interval: _interval,
    weekStart: _week,
    fromStep: _from,
    toStep: _to,
    binCount: _bins,
    ...rest
  } = funnel;
  return JSON.stringify({ ...rest, steps: rest.steps.map((step) => withoutKey(step, 'name')) });
}

/**
 * Compares the funnel of the answer on the screen with the one before it. `answered` is the document whose answer is
 * shown now, null while there is none; `sourceId` starts anew with another source.
 */
export function useRuleChange(
  answered: FunnelQuery | null,
  sourceId: string | null,
): { change: RuleChange | null; dismiss: () => void } {
  const [change, setChange] = useState<RuleChange | null>(null);
  const last = useRef<{ source: string | null; funnel: FunnelQuery } | null>(null);
  useEffect(() => {
    if (answered === null) return;
    const before = last.current;
    last.current = { source: sourceId, funnel: answered };
    if (before === null || before.source !== sourceId) {
      setChange(null);
      return;
    }
    if (getCountingRules(before.funnel) === getCountingRules(answered)) return;
    const abort = new AbortController();
    setChange(null);
    const side = (funnel: FunnelQuery) => ({ analysis: funnel, selection: { reachedStep: getLastStep(funnel) } });
    engine.difference({ a: side(before.funnel), b: side(answered) }, { signal: abort.signal }).then(
      (difference) => {
        if (!abort.signal.aborted) setChange({ before: before.funnel, after: answered, difference });
      },
      () => undefined, // the answer itself is there; without the comparison there is only no line
    );
    return () => abort.abort();
  }, [answered, sourceId]);
  return { change, dismiss: () => setChange(null) };
}
