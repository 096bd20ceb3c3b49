/** Arrival numbers looked back: a transaction that was open while a source was read fills a gap among them later. */
export const RECENT = 4_096;

/** Of the last arrival numbers that have a row (ascending): those between that have none, which a running transaction may still fill. */
export function findGaps({ recent }: { readonly recent: readonly number[] }): readonly number[] {
  const last = recent.at(-1);
  if (last === undefined) return [];
  const first = recent.length < RECENT ? last - RECENT : (recent[0] ?? 0);
  const known = new Set(recent);
  const gaps: number[] = [];
  for (let seq = Math.max(first, Number.MIN_SAFE_INTEGER); seq < last; seq++) if (!known.has(seq)) gaps.push(seq);
  return gaps;
}
