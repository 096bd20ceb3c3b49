import type { ActorRange } from '../../segment/segment.ts';

/** Where the events of every `grain`th actor begin, and where the last one's end. */
export interface OffsetSamples {
  readonly grain: number;
  readonly offsets: Uint32Array;
}

/** Windows of about equal numbers of events, each of a range a thread. */
export function cutWindows(
  samples: OffsetSamples,
  actorCount: number,
  windows: number,
  threads: number,
): readonly (readonly ActorRange[])[] {
  const ranges = cutBySamples(samples, actorCount, windows * threads);
  if (ranges.length === 0) return [[{ from: 0, to: 0 }]];
  return Array.from({ length: Math.ceil(ranges.length / threads) }, (_, i) =>
    ranges.slice(i * threads, (i + 1) * threads),
  );
}

/** At most `count` ranges of about equal numbers of events, cut where a sample is. */
function cutBySamples({ grain, offsets }: OffsetSamples, actorCount: number, count: number): readonly ActorRange[] {
  const ranges: ActorRange[] = [];
  const events = offsets.at(-1) ?? 0;
  let from = 0;
  for (let i = 1; i < offsets.length; i++) {
    const isFull = (offsets[i] ?? 0) * count >= events * (ranges.length + 1);
    const to = Math.min(i * grain, actorCount);
    if (!isFull && to < actorCount) continue;
    ranges.push({ from, to });
    from = to;
  }
  return ranges;
}
