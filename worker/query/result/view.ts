import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { RowFilter, SortKey } from '../../../protocol/query.ts';
import type { TaskEvent } from '../messages.ts';
import { compareValues } from './compare-values.ts';
import { mergeRuns } from './merge-runs.ts';
import type { Value } from './page.ts';
import type { ResultReader } from './result-reader.ts';
import { ResultWriter } from './result-writer.ts';
import { RowPage } from './row-page.ts';
import { passingRows } from './row-filter.ts';
import { orderNumbers } from './sort-numbers.ts';

export interface Order {
  readonly sort: readonly SortKey[];
  readonly filter: readonly RowFilter[];
}
type Report = (event: TaskEvent) => void;

/** Sorted in memory at once; more are sorted in parts on disk, which are merged. */
const RUN_ROWS = 500_000;
const RUN_BYTES = 64_000_000;
const REPORT_PAGES = 256;

/** Writes the numbers of the rows that pass, in their order (u32 each), and answers how many. Equal rows stay as they came. */
export function writeView(
  reader: ResultReader,
  { sort, filter }: Order,
  file: string,
  report: Report,
  runRows = RUN_ROWS,
): number {
  const out = new NumberFile(file);
  try {
    const numbers = sort.length === 1 ? orderNumbers(reader, sort[0]!, filter) : null;
    if (numbers !== null) out.write(numbers);
    else if (sort.length === 0) for (const { row } of passing(reader, filter, [], report)) out.add(row);
    else sortByRuns(reader, { sort, filter }, { file, out, runRows }, report);
    return out.close();
  } catch (thrown) {
    out.close();
    rmSync(file, { force: true });
    throw thrown;
  }
}

interface Target {
  readonly file: string;
  readonly out: NumberFile;
  readonly runRows: number;
}
interface Passed {
  readonly row: number;
  readonly keys: readonly Value[];
}

function* passing(
  reader: ResultReader,
  filter: readonly RowFilter[],
  sort: readonly SortKey[],
  report: Report,
): Generator<Passed> {
  for (let number = 0; number < reader.pages; number++) {
    const page = reader.page(number);
    const first = reader.firstRow(number);
    const columns = sort.map(({ column }) => page.column(column).all().map(reader.comparable(column)));
    for (const row of passingRows(page, filter, reader))
      yield { row: first + row, keys: columns.map((values) => values[row] as Value) };
    if (number % REPORT_PAGES === 0) report({ rows: first, bytes: 0, totalRows: reader.rows });
  }
}

/** By key, then by row number: so that nothing depends on where runs were cut. */
export function compareRows(sort: readonly SortKey[]): (a: Passed, b: Passed) => number {
  const signs = sort.map(({ descending }) => (descending === true ? -1 : 1));
  return (a, b) => {
    for (let at = 0; at < signs.length; at++) {
      const order = compareValues(a.keys[at] as Value, b.keys[at] as Value);
      if (order !== 0) return order * (signs[at] ?? 1);
    }
    return a.row - b.row;
  };
}

function sortByRuns(
  reader: ResultReader,
  { sort, filter }: Order,
  { file, out, runRows }: Target,
  report: Report,
): void {
  const compare = compareRows(sort);
  const folders: string[] = [];
  let run: Passed[] = [];
  let bytes = 0;
  const spill = (): void => {
    const folder = `${file}-run${folders.length}`;
    folders.push(folder);
    const writer = new ResultWriter(folder, new RowPage(sort.length + 1));
    for (const { keys, row } of run.sort(compare)) writer.add([...keys, row]);
    writer.close();
    run = [];
    bytes = 0;
  };
  try {
    for (const passed of passing(reader, filter, sort, report)) {
      run.push(passed);
      for (const key of passed.keys) bytes += typeof key === 'string' ? 2 * key.length + 16 : 16;
      if (run.length >= runRows || bytes >= RUN_BYTES) spill();
    }
    if (folders.length === 0) return run.sort(compare).forEach(({ row }) => out.add(row));
    if (run.length > 0) spill();
    mergeRuns(folders, compare, (row) => out.add(row));
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

const BUFFERED = 65_536;

/** Numbers on their way into a file. */
class NumberFile {
  readonly #file: number;
  readonly #buffer = new Uint32Array(BUFFERED);
  #at = 0;
  #written = 0;

  constructor(file: string) {
    this.#file = openSync(file, 'wx', 0o600);
  }

  add(number: number): void {
    this.#buffer[this.#at++] = number;
    if (this.#at === BUFFERED) this.#flush();
  }

  write(numbers: Uint32Array): void {
    this.#flush();
    for (let at = 0; at < numbers.length; at += BUFFERED) this.#put(numbers.subarray(at, at + BUFFERED));
  }

  close(): number {
    this.#flush();
    closeSync(this.#file);
    return this.#written;
  }

  #flush(): void {
    this.#put(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
  }

  #put(numbers: Uint32Array): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    for (let at = 0; at < bytes.byteLength;) at += writeSync(this.#file, bytes, at);
    this.#written += numbers.length;
  }
}
