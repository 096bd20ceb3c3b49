import type { FunnelQuery } from '../../protocol/index.ts';
import type { ActorIndex, Milliseconds } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { getTouch } from './funnel-by-kernel.ts';
import { createFunnelKernel, type FunnelSlice, type FunnelTask } from './funnel-kernel.ts';
import type { FunnelRunner } from './funnel-runner.ts';

/** Of a byte. */
const LEVELS = 256;

/** Whether an actor belongs to a clicked number by its level, and by its time from fromStep to toStep where `timed`. */
export interface LevelTest {
  readonly timed: boolean;
  /** `time` = null where toStep was not reached, or times are not needed. */
  readonly accepts: (level: number, time: Milliseconds | null) => boolean;
}
export interface KernelSelection {
  readonly test: LevelTest;
  /** null = of all actors. */
  readonly isGroup: ((values: readonly string[]) => boolean) | null;
  /** Adds the actor that the runner has loaded as often as it is to be listed. */
  readonly selectLoaded: (actor: ActorIndex, found: ActorIndex[]) => void;
}

/** The actors of the range that belong, ascending; those that the kernel does not decide by the twin. null = no kernel. */
export function selectByKernel(
  context: ComputeContext,
  query: FunnelQuery,
  runner: FunnelRunner,
  { test, isGroup, selectLoaded }: KernelSelection,
): Uint32Array | null {
  const task = isGroup === null ? { touch: null } : { touch: getTouch(context, query) };
  if (task.touch === undefined) return null;
  const kernel = createFunnelKernel(context, runner.plan, toTask(query, test, task.touch));
  if (kernel === null) return null;
  const inGroup = isGroup === null ? null : remember((code) => isGroup(runner.reader?.valuesOf(code) ?? []));
  const parts: Uint32Array[] = [];
  for (const slice of kernel.run(context.range)) {
    const found = selectDecided(slice, test, getToStep(query), inGroup);
    if (slice.undecided.length === 0) {
      parts.push(found);
      continue;
    }
    const others: ActorIndex[] = [];
    for (const actor of slice.undecided) {
      runner.load(actor);
      selectLoaded(actor, others);
    }
    parts.push(concat([found, Uint32Array.from(others)]).sort());
  }
  return concat(parts);
}

const getToStep = (query: FunnelQuery): number => query.toStep ?? query.steps.length - 1;

function toTask(query: FunnelQuery, { timed }: LevelTest, touch: FunnelTask['touch']): FunnelTask {
  const durations = timed ? { fromStep: query.fromStep ?? 0, toStep: getToStep(query) } : null;
  return { query, durations, touch, levels: true };
}

/** Undecided actors have level 0 in `levels`, which belongs to no number. */
function selectDecided(
  { first, levels, touches, durations }: FunnelSlice,
  { timed, accepts }: LevelTest,
  toStep: number,
  inGroup: ((code: number) => boolean) | null,
): Uint32Array {
  const times = durations.at(-1);
  if (!timed && inGroup === null) return selectLevels(first, levels, accepts);
  const found = new Uint32Array(levels.length);
  let count = 0;
  let next = 0;
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i] ?? 0;
    if (level === 0) continue;
    const time = timed && level > toStep ? (times?.[next++] ?? null) : null;
    if (accepts(level, time) && (inGroup === null || inGroup(touches[i] ?? 0))) found[count++] = first + i;
  }
  return found.slice(0, count);
}

/** Nobody can guess the level of the next actor, so there is no branch on it. */
function selectLevels(first: ActorIndex, levels: Uint8Array, accepts: LevelTest['accepts']): Uint32Array {
  const wanted = Uint8Array.from({ length: LEVELS }, (_, level) => (level > 0 && accepts(level, null) ? 1 : 0));
  const found = new Uint32Array(levels.length);
  let count = 0;
  for (let i = 0; i < levels.length; i++) {
    found[count] = first + i;
    count += wanted[levels[i] ?? 0] ?? 0;
  }
  return found.slice(0, count);
}

/** A function of small whole numbers, asked once for each. */
function remember(compute: (key: number) => boolean): (key: number) => boolean {
  const known = new Map<number, boolean>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}

function concat(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
