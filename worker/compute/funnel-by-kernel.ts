import type { FunnelQuery } from '../../protocol/index.ts';
import type { ComputeContext } from './compute-module.ts';
import type { FunnelTally } from './funnel-groups.ts';
import { createFunnelKernel, type FunnelKernel, type FunnelSlice, type FunnelTask } from './funnel-kernel.ts';
import type { FunnelRunner } from './funnel-runner.ts';

/**
 * Counts a range of actors with the kernel, and those it does not decide with the twin. False = nothing was done: the
 * kernel is not made for this question.
 */
export function tallyByKernel(
  context: ComputeContext,
  query: FunnelQuery,
  runner: FunnelRunner,
  tally: FunnelTally,
): boolean {
  const kernel = createKernel(context, query, runner);
  if (kernel === null) return false;
  for (const slice of kernel.run(context.range)) {
    tally.all.addLevels(slice.counts);
    tally.all.addDurations(slice.durations);
    if (query.breakdown && !kernel.countsGroups) addGroups(slice, query.steps.length, tally);
    for (const actor of slice.undecided) {
      runner.load(actor);
      tally.addLoaded();
    }
  }
  if (kernel.countsGroups) kernel.forEachGroup((code, counts) => tally.groupOf(code).addLevels(counts));
  return true;
}

/** Null for trends, which look at every attempt, and breakdowns other than by the touch of one property. */
function createKernel(context: ComputeContext, query: FunnelQuery, { plan }: FunnelRunner): FunnelKernel | null {
  const touch = getTouch(context, query);
  if (query.viz === 'trend' || touch === undefined) return null;
  const full = context.detail === 'full';
  const conversion = query.viz === 'timeToConvert' ? (query.toStep ?? query.steps.length - 1) : null;
  const durations = full ? { fromStep: query.fromStep ?? 0, toStep: conversion } : null;
  return createFunnelKernel(context, plan, { query, durations, touch, levels: false });
}

/** Undefined = no touch of one property that the segment has. */
export function getTouch({ segment }: ComputeContext, { breakdown }: FunnelQuery): FunnelTask['touch'] | undefined {
  if (!breakdown) return null;
  const { props, attribution } = breakdown;
  const [prop = ''] = props;
  const column = segment.properties.get(prop);
  const byTouch = attribution.type === 'first_touch' || attribution.type === 'last_touch';
  if (props.length !== 1 || column === undefined || !byTouch || prop === '$event') return undefined;
  return { column, last: attribution.type === 'last_touch' };
}

/** Each actor takes the next value of every column it reached. */
function addGroups({ levels, touches, durations }: FunnelSlice, stepCount: number, tally: FunnelTally): void {
  const next = new Uint32Array(durations.length);
  const timed = durations.some((column) => column.length > 0);
  levels.forEach((level, i) => {
    if (level === 0) return;
    const group = tally.groupOf(touches[i] ?? 0);
    group.addLevel(level);
    if (!timed) return;
    const take = (column: number): void => {
      const at = next[column] ?? 0;
      group.addDuration(column, durations[column]?.[at] ?? 0);
      next[column] = at + 1;
    };
    for (let k = 1; k < level; k++) take(k);
    if (level === stepCount) take(0);
  });
}
