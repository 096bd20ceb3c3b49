import type { Value } from './page.ts';
import { ResultReader } from './result-reader.ts';

interface Passed {
  readonly row: number;
  readonly keys: readonly Value[];
}

/** One sorted run, from its first row to its last: a page of it is in memory. */
class RunCursor {
  current: Passed | null = null;
  readonly #reader: ResultReader;
  #page = -1;
  #rows: readonly Value[][] = [];
  #at = 0;

  constructor(folder: string) {
    this.#reader = new ResultReader(folder);
    this.#reader.refresh();
    this.next();
  }

  next(): void {
    if (this.#at >= this.#rows.length && !this.#turn()) {
      this.current = null;
      return;
    }
    const row = this.#rows[this.#at++] ?? [];
    this.current = { keys: row.slice(0, -1), row: Number(row.at(-1)) };
  }

  #turn(): boolean {
    if (++this.#page >= this.#reader.pages) return false;
    this.#rows = this.#reader.page(this.#page).toRows();
    this.#at = 0;
    return true;
  }

  close(): void {
    this.#reader.close();
  }
}

/** Row numbers of sorted runs, least first: a heap of the runs' heads. */
export function mergeRuns(
  folders: readonly string[],
  compare: (a: Passed, b: Passed) => number,
  emit: (row: number) => void,
): void {
  const all = folders.map((folder) => new RunCursor(folder));
  const heap = all.filter(({ current }) => current !== null);
  const isLess = (a: RunCursor, b: RunCursor): boolean => compare(a.current!, b.current!) < 0;
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at, isLess);
  while (heap.length > 0) {
    const top = heap[0]!;
    emit(top.current!.row);
    top.next();
    if (top.current === null) {
      const last = heap.pop()!;
      if (heap.length === 0) break;
      heap[0] = last;
    }
    sink(heap, 0, isLess);
  }
  for (const cursor of all) cursor.close();
}

function sink<T>(heap: T[], from: number, isLess: (a: T, b: T) => boolean): void {
  for (let at = from; ;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2])
      if (child < heap.length && isLess(heap[child]!, heap[least]!)) least = child;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
