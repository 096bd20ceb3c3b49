/** Histogram of times to convert (SEMANTICS.md, funnel rule 13): rows of lower edge in seconds and actors. */
export function toBins(seconds: Float64Array, binCount: number | undefined): (readonly [number, number])[] {
  if (seconds.length === 0) return [];
  const min = seconds.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = seconds.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const count = binCount ?? Math.ceil(Math.cbrt(seconds.length));
  const width = min === max ? 60 : Math.ceil((max - min) / count);
  const edges = Array.from({ length: count + 1 }, (_, i) => min + i * width);
  const counts = new Float64Array(count + 1);
  for (const value of seconds) counts[getBin(edges, value)] = (counts[getBin(edges, value)] ?? 0) + 1;
  return edges.map((edge, i) => [edge, counts[i] ?? 0] as const);
}

/** The last edge that is not above the value. Listing the actors of a bin asks the same question. */
export function getBin(edges: readonly number[], value: number): number {
  let bin = edges.length - 1;
  while (bin > 0 && (edges[bin] ?? 0) > value) bin--;
  return bin;
}
