import type { ActorDifference, FunnelQuery } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { getLastStep, type RuleChange } from './use-rule-change.ts';

/** Ids fetched of each side at most; the engine's comparison itself names up to 1,000. */
const MAX_IDS = 100_000;
export type Side = 'in' | 'out';

export const getTotal = (difference: ActorDifference, side: Side): number =>
  side === 'in' ? difference.onlyB : difference.onlyA;

/** The actors that a change of rule moved in or out: all of them, or as many as can be named. */
export async function getChangedActors(
  { before, after, difference }: RuleChange,
  side: Side,
): Promise<readonly string[]> {
  const named = side === 'in' ? difference.onlyBActors : difference.onlyAActors;
  if (named.length === getTotal(difference, side)) return named;
  const [here, there] = await Promise.all(
    side === 'in' ? [listIds(after), listIds(before)] : [listIds(before), listIds(after)],
  );
  if (here === null || there === null) return named;
  const others = new Set(there);
  return here.filter((id) => !others.has(id));
}

/** null = too many to compare here. */
async function listIds(analysis: FunnelQuery): Promise<string[] | null> {
  const page = await engine.actors({ analysis, selection: { reachedStep: getLastStep(analysis) }, limit: MAX_IDS });
  return page.total > page.rows.length ? null : page.rows.map((row) => row.actor);
}
