import type { Samples } from './funnel-samples.ts';

/** Histogram of times to convert (SEMANTICS.md, funnel rule 13): rows of lower edge in seconds and actors. */
export function toBins(samples: Samples, binCount: number | undefined): (readonly [number, number])[] {
  const n = samples.reduce((total, part) => total + part.length, 0);
  if (n === 0) return [];
  let minMs = Number.POSITIVE_INFINITY;
  let maxMs = Number.NEGATIVE_INFINITY;
  for (const part of samples)
    for (let i = 0; i < part.length; i++) {
      const ms = part[i] ?? 0;
      if (ms < minMs) minMs = ms;
      if (ms > maxMs) maxMs = ms;
    }
  const min = minMs / 1000;
  const count = binCount ?? Math.ceil(Math.cbrt(n));
  const width = minMs === maxMs ? 60 : Math.ceil((maxMs / 1000 - min) / count);
  const edges = Array.from({ length: count + 1 }, (_, i) => min + i * width);
  const counts = new Float64Array(count + 1);
  for (const part of samples)
    for (let i = 0; i < part.length; i++) {
      const seconds = (part[i] ?? 0) / 1000;
      const bin = getBin(edges, seconds, Math.min(count, Math.floor((seconds - min) / width)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  return edges.map((edge, i) => [edge, counts[i] ?? 0] as const);
}

/** The last edge that is not above the value, looked for from `near` on. Listing the actors of a bin asks the same question. */
export function getBin(edges: readonly number[], value: number, near: number = edges.length - 1): number {
  let bin = near;
  while (bin < edges.length - 1 && (edges[bin + 1] ?? 0) <= value) bin++;
  while (bin > 0 && (edges[bin] ?? 0) > value) bin--;
  return bin;
}
