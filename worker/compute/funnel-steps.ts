import type { FunnelQuery, FunnelStepResult } from '../../protocol/index.ts';
import { getStats } from './funnel-samples.ts';
import type { Tally } from './funnel-tally.ts';

export function toSteps({ levels, filled, stepTimes }: Tally, query: FunnelQuery): FunnelStepResult[] {
  const counts = query.steps.map((_, k) => levels.subarray(k).reduce((sum, n) => sum + n, 0));
  return query.steps.map((step, k) => {
    const count = counts[k] ?? 0;
    const samples = stepTimes[k];
    return {
      name: getStepName(step, k),
      count,
      ...(step.optional === true && query.order !== 'unordered' ? { filled: filled[k] ?? 0 } : {}),
      conversionFromStart: toShare(count, counts[0] ?? 0),
      conversionFromPrevious: toShare(count, counts[Math.max(0, k - 1)] ?? 0),
      ...(k === 0 || samples === undefined ? {} : (getStats(samples) ?? {})),
    };
  });
}

/** A step's own name, else its events. */
export function getStepName(step: FunnelQuery['steps'][number], index: number): string {
  if (typeof step.name === 'string' && step.name !== '') return step.name;
  const events = step.anyOf?.map((alternative) => alternative.name ?? alternative.event) ?? [step.event ?? null];
  return events.map((event) => event ?? 'any event').join(' or ') || `Step ${index + 1}`;
}

/** 0..1; 0 of nobody. */
const toShare = (part: number, of: number): number => (of === 0 ? 0 : part / of);
