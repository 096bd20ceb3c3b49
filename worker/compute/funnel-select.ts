import type { FunnelQuery, FunnelSelection } from '../../protocol/index.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { ActorIndex } from '../segment/segment.ts';
import type { ActorView } from './breakdown.ts';
import type { AnswerBody, ComputeContext } from './compute-module.ts';
import { getBin } from './funnel-bins.ts';
import { OTHER } from './funnel-merge.ts';
import { FunnelRunner, getShape } from './funnel-runner.ts';
import { selectByKernel, type LevelTest } from './funnel-select-kernel.ts';
import { getConversionTime, type TallyShape } from './funnel-tally.ts';

/** Whether an actor, as the answer or a group sees it, belongs to the clicked number. */
type Belongs = (view: ActorView) => boolean;

/**
 * The actors behind a number, ascending. In the pooled group of a step or all-events breakdown an actor is listed once
 * for each pooled value in which it counts, as the number is their sum.
 */
export function selectFunnel(
  context: ComputeContext,
  query: FunnelQuery,
  selection: FunnelSelection,
  answer: AnswerBody<'funnel'>,
): Uint32Array {
  const runner = new FunnelRunner(context, query);
  const shape = getShape(query, runner.grid);
  const test = createLevelTest(shape, selection, answer);
  const group = 'group' in selection ? selection.group : undefined;
  const isGroup = group === undefined ? null : createGroupTest(group, answer);
  const belongs = test === null ? createPeriodTest(runner, shape, selection) : toBelongs(test, shape);
  const selectLoaded = (actor: ActorIndex, found: ActorIndex[]): void => {
    if (isGroup === null) {
      if (belongs(runner.whole)) found.push(actor);
      return;
    }
    runner.forEachGroup((id, view) => {
      if (isGroup(runner.reader?.valuesOf(id) ?? []) && belongs(view)) found.push(actor);
    });
  };
  const byKernel = test === null ? null : selectByKernel(context, query, runner, { test, isGroup, selectLoaded });
  if (byKernel !== null) return byKernel;
  const actors: ActorIndex[] = [];
  runner.forEachActor((actor) => selectLoaded(actor, actors));
  return Uint32Array.from(actors);
}

/** Null = the selection is not about levels. Throws E_BAD_QUERY for a step that there is not. */
function createLevelTest(
  shape: TallyShape,
  selection: FunnelSelection,
  answer: AnswerBody<'funnel'>,
): LevelTest | null {
  const step = getStep(selection);
  if (step !== null && step.index >= shape.stepCount)
    throw new EngineError('E_BAD_QUERY', `This funnel has no step ${step.index}.`, {
      hint: `Steps are numbered from 0 to ${shape.stepCount - 1}.`,
      path: step.path,
    });
  if ('reachedStep' in selection) return { timed: false, accepts: (level) => level > selection.reachedStep };
  if ('droppedBeforeStep' in selection)
    return { timed: false, accepts: (level) => level === selection.droppedBeforeStep };
  if (!('bin' in selection)) return null;
  const edges = answer.bins?.map(([edge]) => edge) ?? [];
  return { timed: true, accepts: (_, time) => time !== null && getBin(edges, time / 1000) === selection.bin };
}

const toBelongs =
  ({ timed, accepts }: LevelTest, { fromStep, toStep }: TallyShape): Belongs =>
  ({ deepest }) =>
    accepts(deepest.level, timed ? getConversionTime(deepest, fromStep, toStep) : null);

function createPeriodTest(runner: FunnelRunner, shape: TallyShape, selection: FunnelSelection): Belongs {
  if (!('period' in selection)) throw new Error('this selection names no period');
  const interval = runner.grid?.labels.indexOf(selection.period) ?? -1;
  if (interval === -1)
    throw new EngineError('E_BAD_QUERY', `The answer has no period ${selection.period}.`, {
      hint: 'Ask for a period of the trend, written as the answer writes it.',
      path: 'period',
    });
  return (view) => {
    const entries = runner.getEntries(view);
    const at = entries.intervals.indexOf(interval);
    const level = at === -1 || at >= entries.count ? 0 : (entries.levels[at] ?? 0);
    const converted = level > shape.toStep;
    return level > shape.fromStep && (selection.converted === undefined || selection.converted === converted);
  };
}

function getStep(selection: FunnelSelection): { readonly path: string; readonly index: number } | null {
  if ('reachedStep' in selection) return { path: 'reachedStep', index: selection.reachedStep };
  return 'droppedBeforeStep' in selection ? { path: 'droppedBeforeStep', index: selection.droppedBeforeStep } : null;
}

/** "Other" stands for every value that is not shown by name. */
function createGroupTest(
  group: readonly string[],
  answer: AnswerBody<'funnel'>,
): (values: readonly string[]) => boolean {
  const wanted = JSON.stringify(group);
  const shown = (answer.groups ?? []).map(({ value }) => JSON.stringify(value));
  const isPooled = answer.groupCount !== answer.groups?.length && wanted === JSON.stringify([OTHER]);
  if (!isPooled) return (values) => JSON.stringify(values) === wanted;
  const named = new Set(shown.slice(0, -1));
  return (values) => !named.has(JSON.stringify(values));
}
