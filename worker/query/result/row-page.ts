import { encodePage, type PendingPage, type Value } from './page.ts';

/** Rows of values on their way into a page. */
export class RowPage implements PendingPage<readonly Value[]> {
  readonly #columns: number;
  #pending: (readonly Value[])[] = [];
  bytes = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get rows(): number {
    return this.#pending.length;
  }

  add(row: readonly Value[]): void {
    this.#pending.push(row);
    this.bytes += sizeOf(row);
  }

  take(): Buffer {
    const page = encodePage(this.#pending, this.#columns);
    this.#pending = [];
    this.bytes = 0;
    return page;
  }
}

function sizeOf(row: readonly Value[]): number {
  let size = 0;
  for (const value of row)
    size += typeof value === 'string' ? value.length + 4 : value instanceof Uint8Array ? value.byteLength + 4 : 8;
  return size;
}
