import type { Milliseconds } from '../segment/segment.ts';

/** Open deadlines of one actor, earliest first (a binary heap); equal times in the order they were added. */
export interface DeadlineQueue {
  readonly size: () => number;
  readonly firstTime: () => Milliseconds;
  readonly add: (at: Milliseconds, deadline: number, key: number) => void;
  readonly take: () => PendingDeadline;
  readonly clear: () => void;
}
export interface PendingDeadline {
  readonly at: Milliseconds;
  readonly deadline: number;
  readonly key: number;
}
interface Entry extends PendingDeadline {
  readonly order: number;
}

export function createDeadlineQueue(): DeadlineQueue {
  const heap: Entry[] = [];
  let added = 0;
  const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
  const entryAt = (i: number): Entry => {
    const entry = heap[i];
    if (entry === undefined) throw new Error(`no deadline at ${i}`);
    return entry;
  };
  const siftDown = (from: number, entry: Entry): void => {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(entryAt(child + 1), entryAt(child))) child++;
      if (!before(entryAt(child), entry)) break;
      heap[at] = entryAt(child);
      at = child;
    }
    heap[at] = entry;
  };
  return {
    size: () => heap.length,
    firstTime: () => entryAt(0).at,
    add: (at, deadline, key) => {
      const entry = { at, deadline, key, order: added++ };
      let i = heap.push(entry) - 1;
      while (i > 0 && before(entry, entryAt((i - 1) >> 1))) {
        heap[i] = entryAt((i - 1) >> 1);
        i = (i - 1) >> 1;
      }
      heap[i] = entry;
    },
    take: () => {
      const first = entryAt(0);
      const last = heap.pop();
      if (heap.length > 0 && last !== undefined) siftDown(0, last);
      return first;
    },
    clear: () => {
      heap.length = 0;
      added = 0;
    },
  };
}
