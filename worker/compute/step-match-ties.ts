import { countBits } from './step-match.ts';
import type { StepStream } from './step-match-stream.ts';

/**
 * A stream's step events by time. Events of one time may fill consecutive steps in either order (SEMANTICS.md, funnel
 * rule 3), so the group, not the event, is what an ordered attempt walks over.
 *
 *   masks   001 | 010 100 | 001        three groups; `next` answers "first group from g on that may fill step k"
 */
export interface TieGroups {
  count: number;
  times: Float64Array;
  masks: Int32Array;
  /** First of the group's members; count + 1 entries. */
  from: Int32Array;
  memberCount: number;
  /** Indexes into the stream. */
  members: Int32Array;
  /** `next[g * stepCount + k]`, count if there is none; (count + 1) rows. */
  next: Int32Array;
}

export function createTieGroups(): TieGroups {
  return {
    count: 0,
    times: new Float64Array(0),
    masks: new Int32Array(0),
    from: new Int32Array(1),
    memberCount: 0,
    members: new Int32Array(0),
    next: new Int32Array(0),
  };
}

export function buildTieGroups(groups: TieGroups, stream: StepStream, stepCount: number): void {
  reserve(groups, stream.count, stepCount);
  groups.count = 0;
  groups.memberCount = 0;
  for (let i = 0; i < stream.count; i++) {
    const mask = stream.masks[i] ?? 0;
    if (mask === 0) continue;
    const time = stream.times[i] ?? 0;
    const last = groups.count - 1;
    if (last >= 0 && groups.times[last] === time) {
      if (isRedundant(groups, stream, last, mask)) continue;
      groups.masks[last] = (groups.masks[last] ?? 0) | mask;
    } else {
      groups.from[groups.count] = groups.memberCount;
      groups.times[groups.count] = time;
      groups.masks[groups.count] = mask;
      groups.count++;
    }
    groups.members[groups.memberCount++] = i;
  }
  groups.from[groups.count] = groups.memberCount;
  buildNext(groups, stepCount);
}

/** Events with the same mask beyond the number of steps it fits can never be needed; so groups stay small. */
function isRedundant(groups: TieGroups, stream: StepStream, group: number, mask: number): boolean {
  let same = 0;
  for (let m = groups.from[group] ?? 0; m < groups.memberCount; m++)
    if (stream.masks[groups.members[m] ?? 0] === mask) same++;
  return same >= countBits(mask);
}

function buildNext({ count, masks, next }: TieGroups, stepCount: number): void {
  next.fill(count, count * stepCount, (count + 1) * stepCount);
  for (let g = count - 1; g >= 0; g--) {
    const mask = masks[g] ?? 0;
    const row = g * stepCount;
    for (let k = 0; k < stepCount; k++)
      next[row + k] = ((mask >>> k) & 1) === 1 ? g : (next[row + stepCount + k] ?? count);
  }
}

function reserve(groups: TieGroups, events: number, stepCount: number): void {
  if (groups.times.length < events) {
    const size = Math.max(64, events * 2);
    groups.times = new Float64Array(size);
    groups.masks = new Int32Array(size);
    groups.from = new Int32Array(size + 1);
    groups.members = new Int32Array(size);
  }
  const cells = (events + 1) * stepCount;
  if (groups.next.length < cells) groups.next = new Int32Array(cells * 2);
}
