import { useEffect, useRef, useState } from 'react';
import type { ActorDifference, FunnelQuery } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { withoutKey } from './funnel-edits.ts';

/** How the last change of a rule moved the actors who reach the last step. */
export interface RuleChange {
  readonly source: string | null;
  readonly before: FunnelQuery;
  readonly after: FunnelQuery;
  readonly difference: ActorDifference;
}

export const getLastStep = (funnel: FunnelQuery): number => funnel.steps.length - 1;

/** A change that goes on (typing a number, playing as of) is compared with where it began, once it rests this long. */
const SETTLED_MS = 500;

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
    if (before === null || before.source !== sourceId) {
      last.current = { source: sourceId, funnel: answered };
      return;
    }
    if (getCountingRules(before.funnel) === getCountingRules(answered)) return;
    const abort = new AbortController();
    const side = (funnel: FunnelQuery) => ({ analysis: funnel, selection: { reachedStep: getLastStep(funnel) } });
    const compare = async (): Promise<void> => {
      last.current = { source: sourceId, funnel: answered };
      const difference = await engine.difference(
        { a: side(before.funnel), b: side(answered) },
        { signal: abort.signal },
      );
      setChange({ source: sourceId, before: before.funnel, after: answered, difference });
    };
    // Without the comparison there is only no line: the answer itself is there.
    const timer = setTimeout(() => void compare().catch(() => undefined), SETTLED_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [answered, sourceId]);
  const current =
    change !== null &&
    change.source === sourceId &&
    answered !== null &&
    getCountingRules(change.after) === getCountingRules(answered);
  return { change: current ? change : null, dismiss: () => setChange(null) };
}
