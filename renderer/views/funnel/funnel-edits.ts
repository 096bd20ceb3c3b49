import type { EventMatch, Exclusion, FunnelQuery, FunnelStep } from '../../../protocol/index.ts';

/** Operations on a funnel document. All are pure; indexes that name steps follow the step they named. */
export const MAX_STEPS = 30;

/** Where the step at an old index is now; null = it is gone. */
type StepMap = (index: number) => number | null;

export function addStep(funnel: FunnelQuery, step: FunnelStep, at: number = funnel.steps.length): FunnelQuery {
  if (funnel.steps.length >= MAX_STEPS) return funnel;
  return withSteps(funnel, funnel.steps.toSpliced(at, 0, step), (i) => (i < at ? i : i + 1));
}

/** A funnel has at least one step: removing the last one left changes nothing. */
export function removeStep(funnel: FunnelQuery, at: number): FunnelQuery {
  if (funnel.steps.length <= 1) return funnel;
  return withSteps(funnel, funnel.steps.toSpliced(at, 1), (i) => (i === at ? null : i < at ? i : i - 1));
}

export function moveStep(funnel: FunnelQuery, from: number, to: number): FunnelQuery {
  const step = funnel.steps[from];
  if (step === undefined || from === to || to < 0 || to >= funnel.steps.length) return funnel;
  const steps = funnel.steps.toSpliced(from, 1).toSpliced(to, 0, step);
  return withSteps(funnel, steps, (i) => movedIndex(i, from, to));
}

export function updateStep(funnel: FunnelQuery, at: number, change: (step: FunnelStep) => FunnelStep): FunnelQuery {
  return { ...funnel, steps: funnel.steps.map((step, i) => (i === at ? change(step) : step)) };
}

/** `movedIndex(2, 0, 2)` = 1: moving step 0 behind step 2 shifts step 2 to place 1. */
export function movedIndex(index: number, from: number, to: number): number {
  if (index === from) return to;
  if (from < index && index <= to) return index - 1;
  if (to <= index && index < from) return index + 1;
  return index;
}

function withSteps(funnel: FunnelQuery, steps: FunnelStep[], map: StepMap): FunnelQuery {
  const next: FunnelQuery = {
    ...funnel,
    steps: steps.map((step, i) => (i === 0 && step.optional === true ? withoutKey(step, 'optional') : step)),
    exclusions: funnel.exclusions.flatMap((exclusion) => remapExclusion(exclusion, map, steps.length)),
    breakdown: remapBreakdown(funnel.breakdown, map),
  };
  return remapRange(next, map);
}

/** An exclusion that lost one end holds between the other end and its neighbour; one without room goes. */
function remapExclusion(exclusion: Exclusion, map: StepMap, count: number): Exclusion[] {
  const from = map(exclusion.fromStep);
  const to = map(exclusion.toStep);
  if (from === null && to === null) return [];
  const a = from ?? Math.max(0, (to ?? 0) - 1);
  const b = to ?? Math.min(count - 1, (from ?? 0) + 1);
  const [fromStep, toStep] = a <= b ? [a, b] : [b, a];
  return fromStep === toStep ? [] : [{ ...exclusion, fromStep, toStep }];
}

function remapBreakdown(breakdown: FunnelQuery['breakdown'], map: StepMap): FunnelQuery['breakdown'] {
  if (breakdown?.attribution.type !== 'step') return breakdown;
  const step = map(breakdown.attribution.step);
  return { ...breakdown, attribution: step === null ? { type: 'first_touch' } : { type: 'step', step } };
}

/** `fromStep`/`toStep` of trend and time to convert; back to "first to last" when they no longer make sense. */
function remapRange(funnel: FunnelQuery, map: StepMap): FunnelQuery {
  const { fromStep, toStep, ...rest } = funnel;
  const from = fromStep === undefined ? undefined : map(fromStep);
  const to = toStep === undefined ? undefined : map(toStep);
  const last = funnel.steps.length - 1;
  const valid = from !== null && to !== null && (from ?? 0) < (to ?? Math.max(1, last));
  if (!valid) return rest;
  return { ...rest, ...(from === undefined ? {} : { fromStep: from }), ...(to === undefined ? {} : { toStep: to }) };
}

export function addExclusion(funnel: FunnelQuery, match: EventMatch): FunnelQuery {
  if (funnel.steps.length < 2) return funnel;
  return { ...funnel, exclusions: [...funnel.exclusions, { ...match, fromStep: 0, toStep: funnel.steps.length - 1 }] };
}

export function removeExclusion(funnel: FunnelQuery, at: number): FunnelQuery {
  return { ...funnel, exclusions: funnel.exclusions.toSpliced(at, 1) };
}

/** Keeps `fromStep < toStep` by pushing the other end. */
export function setExclusionSpan(exclusion: Exclusion, end: 'fromStep' | 'toStep', step: number): Exclusion {
  if (end === 'fromStep') return { ...exclusion, fromStep: step, toStep: Math.max(exclusion.toStep, step + 1) };
  return { ...exclusion, toStep: step, fromStep: Math.min(exclusion.fromStep, step - 1) };
}

/** The object without one key; `undefined` values would end up in saved documents as noise. */
export function withoutKey<T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> {
  const { [key]: _gone, ...rest } = object;
  return rest;
}
