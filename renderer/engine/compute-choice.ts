export type ComputeWay = 'auto' | 'pull' | 'pushdown';

/** What goes with every question to a server; files know nothing of it. */
export const computeChoice = {
  way: 'auto' as ComputeWay,
  /** Ids of sources of which the user has said that more than the budget may be read. */
  confirmed: new Set<string>(),
};

/** Only what is not said by default: so that the same question is the same request. */
export function getChoice(sourceId: string): { readonly compute?: ComputeWay; readonly confirmed?: true } {
  const { way, confirmed } = computeChoice;
  return {
    ...(way === 'auto' ? {} : { compute: way }),
    ...(confirmed.has(sourceId) ? { confirmed: true } : {}),
  };
}
