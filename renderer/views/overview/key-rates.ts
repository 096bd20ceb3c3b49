import type { JourneyModel, JourneyResult } from '../../../protocol/index.ts';

/** A move between two stages in one stretch of time. */
export interface KeyRate {
  readonly from: string;
  readonly to: string;
  readonly moved: number;
  /** In the stage at the start, or came into it since. */
  readonly base: number;
  /** 0..1; NaN of nobody. */
  readonly rate: number;
  /** The rate of the stretch before. */
  readonly before: number;
}

type Stretch = Pick<JourneyResult, 'sizes' | 'moves'>;
const sumMoves = (stretch: Stretch, side: 'from' | 'to', state: string): number =>
  stretch.moves.filter((m) => m[side] === state).reduce((sum, m) => sum + m.count, 0);

/**
 * How many of those who were in `from`, or came into it, went on to `to`. Sizes are known at the end of a stretch, so
 * the size at its start is: end − came in + went out. Example: 10 leads at the end, 6 came, 4 went: 8 at the start;
 * of 8 + 6 = 14, 3 became prospects: 21.4 %.
 */
export function getRate(stretch: Stretch, from: string, to: string): { moved: number; base: number; rate: number } {
  const came = sumMoves(stretch, 'to', from);
  const went = sumMoves(stretch, 'from', from);
  const base = (stretch.sizes[from] ?? 0) - came + went + came;
  const moved = stretch.moves.filter((m) => m.from === from && m.to === to).reduce((sum, m) => sum + m.count, 0);
  return { moved, base, rate: base === 0 ? Number.NaN : moved / base };
}

/** Each stage to the next, in the model's order; the last one of our model is churn, from which one may come back. */
export function getRatePairs({ states }: JourneyModel): readonly (readonly [from: string, to: string])[] {
  const pairs = states.slice(0, -1).map((from, i) => [from, states[i + 1] ?? from] as const);
  return states.length > 2 ? [...pairs, [states.at(-1) ?? '', states.at(-2) ?? '']] : pairs;
}

/** What moved between the pairs; those nobody could make are left out. */
export function getKeyRates(model: JourneyModel, lately: Stretch, before: Stretch): readonly KeyRate[] {
  return getRatePairs(model)
    .map(([from, to]): KeyRate => ({ from, to, ...getRate(lately, from, to), before: getRate(before, from, to).rate }))
    .filter((rate) => rate.base > 0 || !Number.isNaN(rate.before));
}

export interface TypeChange {
  readonly event: string;
  readonly events: number;
  readonly actors: number;
  readonly before: number;
}
interface Counted {
  readonly value: string;
  readonly totalEvents: number;
  readonly totalActors: number;
}
/** Events by type, most frequent first, with the count of the stretch before. */
export function getTypeChanges(lately: readonly Counted[], before: readonly Counted[]): readonly TypeChange[] {
  const old = new Map(before.map((s) => [s.value, s.totalEvents]));
  const names = new Set([...lately.map((s) => s.value), ...old.keys()]);
  const now = new Map(lately.map((s) => [s.value, s]));
  return [...names]
    .map((event) => ({
      event,
      events: now.get(event)?.totalEvents ?? 0,
      actors: now.get(event)?.totalActors ?? 0,
      before: old.get(event) ?? 0,
    }))
    .toSorted((a, b) => b.events - a.events || b.before - a.before);
}
