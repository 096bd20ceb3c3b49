/** The closest of the known names, for "did you mean"; null when none is close. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const wanted = name.toLowerCase();
  const ranked = known
    .map((k) => ({ k, distance: editDistance(wanted, k.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.k : null;
}

/** "Did you mean x? There are: a, b, c." */
export function suggest(name: string, known: readonly string[], what: string): string {
  const near = nearestName(name, known);
  const shown = known.slice(0, 20).join(', ') + (known.length > 20 ? ', …' : '');
  return `${near === null ? '' : `Did you mean “${near}”? `}${known.length === 0 ? `There are no ${what}.` : `There are the ${what} ${shown}.`}`;
}

/** Levenshtein, of the first 64 characters. */
function editDistance(a: string, b: string): number {
  const [s, t] = [a.slice(0, 64), b.slice(0, 64)];
  let previous = Array.from({ length: t.length + 1 }, (_, i) => i);
  for (let i = 1; i <= s.length; i++) {
    const current = [i];
    for (let j = 1; j <= t.length; j++)
      current[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (s[i - 1] === t[j - 1] ? 0 : 1),
      );
    previous = current;
  }
  return previous[t.length] ?? 0;
}
