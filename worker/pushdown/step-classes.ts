import type { FunnelQuery, FunnelStep } from '../../protocol/index.ts';
import { getOnlyEvents } from './condition-sql.ts';

/**
 * Which events two steps share, told from their definitions alone. A class is a set of events that some step accepts;
 * steps that read the same are of one class.
 */
export interface StepClasses {
  /** Class of each step. */
  readonly classOf: readonly number[];
  readonly classes: readonly StepClass[];
  /** Classes by component: those of different ones share no event. */
  readonly components: readonly (readonly number[])[];
  /** No event fits two steps. */
  readonly apart: boolean;
}
export interface StepClass {
  /** One of its steps, from 0. */
  readonly step: number;
  /** null = any. */
  readonly names: readonly string[] | null;
  /** Its name alone decides. */
  readonly plain: boolean;
}
type Relation = 'apart' | 'within' | 'contains' | 'crossing';

const keyOf = ({ event, where, anyOf, firstTimeOnly }: FunnelStep): string =>
  JSON.stringify([anyOf ?? [{ event: event ?? null }], where ?? [], firstTimeOnly === true]);

/** `own`: a step that takes events of one value only (attribution `step`): it reads like no other, whatever its definition. */
export function classifySteps(steps: FunnelQuery['steps'], own: number | null = null): StepClasses {
  const keyAt = (k: number): string => `${k === own ? 'own ' : ''}${keyOf(steps[k] ?? {})}`;
  const all = steps.map((_, k) => keyAt(k));
  const keys = [...new Set(all)];
  const classes = keys.map((key): StepClass => {
    const step = all.indexOf(key);
    const match = steps[step];
    const names = getOnlyEvents(match === undefined ? [] : [match]);
    return { step, names, plain: step !== own && isPlain(match) };
  });
  const components: number[][] = [];
  classes.forEach((one, c) => {
    const touched = components.filter((known) => known.some((d) => relate(one, classes[d] ?? one) !== 'apart'));
    const rest = components.filter((known) => !touched.includes(known));
    components.splice(0, components.length, ...rest, [...touched.flat(), c]);
  });
  return {
    classOf: all.map((key) => keys.indexOf(key)),
    classes,
    components,
    apart: classes.length === steps.length && components.every((members) => members.length === 1),
  };
}

const isPlain = (step: FunnelStep | undefined): boolean =>
  step?.firstTimeOnly !== true &&
  (step?.where ?? []).length === 0 &&
  (step?.anyOf ?? []).every(({ where }) => (where ?? []).length === 0);

/** `within`: every event of `a` fits `b`, as far as the definitions say. */
export function relate(a: StepClass, b: StepClass): Relation {
  const [x, y] = [a.names, b.names];
  if (x !== null && y !== null && !x.some((event) => y.includes(event))) return 'apart';
  if (b.plain && (y === null || (x !== null && x.every((event) => y.includes(event))))) return 'within';
  if (a.plain && (x === null || (y !== null && y.every((event) => x.includes(event))))) return 'contains';
  return 'crossing';
}

/** Every non-empty subset of a list; lists are short. */
export function subsetsOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length - 1 }, (_, i) =>
    items.filter((__, bit) => (((i + 1) >> bit) & 1) === 1),
  );
}
