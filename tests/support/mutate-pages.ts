import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { EngineError } from '../../protocol/index.ts';
import { createColumnMemory, type ColumnMemory } from '../../worker/segment/column-memory.ts';
import type { SliceRequest } from '../../worker/source/event-source.ts';
import { openEventSource } from '../../worker/source/open-source.ts';
import { randomOf } from './random-log.ts';
import { writeRandomSnapshot } from './random-snapshot.ts';
import { readPages, readRows, type ReadSlice } from './read-both-ways.ts';

/** How mutated files were answered. `differs` lists the mutations where the page reader says something else than SQLite. */
export interface MutationTally {
  equal: number;
  /** Left to SQLite, whose answer counts. */
  left: number;
  refused: number;
  readonly differs: string[];
}

const REQUESTS: readonly SliceRequest[] = [
  { kept: { events: true, recordedAt: true, properties: ['plan'] }, actorProperty: null, counting: true },
  {
    kept: { events: false, recordedAt: false, properties: ['amount', 'user_id'] },
    actorProperty: null,
    counting: false,
  },
];
/** Files made from one original before another is made. */
const PER_ORIGINAL = 200;
/** Reads into one memory of 4 GiB, some 40 MB each. */
const READS_PER_MEMORY = 40;

/** Mutation n of a seed is the same whatever `count` is: a finding is repeated with `from` = its number, `count` 1. */
export function runMutations(
  folder: string,
  { seed, from, count }: { readonly seed: number; readonly from: number; readonly count: number },
  onProgress: (done: number, tally: MutationTally) => void = () => undefined,
): MutationTally {
  const tally: MutationTally = { equal: 0, left: 0, refused: 0, differs: [] };
  let original: Buffer = Buffer.alloc(0);
  let originalNumber = -1;
  let memory = createColumnMemory();
  for (let n = from; n < from + count; n++) {
    if (Math.floor(n / PER_ORIGINAL) !== originalNumber) {
      originalNumber = Math.floor(n / PER_ORIGINAL);
      original = makeOriginal(`${folder}/original.db`, randomOf(seed + originalNumber));
    }
    if (n % READS_PER_MEMORY === 0) memory = createColumnMemory();
    const file = `${folder}/mutated.db`;
    writeFileSync(file, mutate(original, randomOf(seed * 31 + n)));
    try {
      compare(file, memory, `seed ${seed}, mutation ${n}`, tally);
    } catch (thrown) {
      // Whatever is no EngineError is a mistake of ours.
      tally.differs.push(`seed ${seed}, mutation ${n}: ${String(thrown)}`);
    }
    if (n % 1_000 === 999) onProgress(n + 1 - from, tally);
  }
  return tally;
}

function makeOriginal(file: string, random: () => number): Buffer {
  const pageSize = random() < 0.7 ? 512 : 1_024 * 2 ** Math.floor(random() * 3);
  writeRandomSnapshot(file, random, {
    rows: 20 + Math.floor(random() * 250),
    pageSize,
    dirt: random() < 0.5 ? 0 : 0.1,
  });
  return readFileSync(file);
}

function compare(file: string, memory: ColumnMemory, label: string, tally: MutationTally): void {
  const source = attempt(() => openEventSource({ kind: 'sqlite', path: file }, { scratchDir: `${file}-scratch` }));
  if (source instanceof EngineError) {
    tally.refused++;
    return;
  }
  try {
    for (const request of REQUESTS) {
      const [slice] = attempt(() => source.uncountedSlices(1), []);
      if (slice === undefined) {
        tally.refused++;
        return;
      }
      const pages = attempt(() => readPages(source, slice, request, memory));
      if (typeof pages === 'string') tally.left++;
      else
        judge(
          pages,
          attempt(() => readRows(source, slice, request)),
          label,
          tally,
        );
    }
  } finally {
    source.close();
  }
}

function judge(
  pages: ReadSlice | EngineError,
  rows: ReadSlice | EngineError,
  label: string,
  tally: MutationTally,
): void {
  if (pages instanceof EngineError) tally.refused++;
  else if (rows instanceof EngineError)
    tally.differs.push(`${label}: ${rows.code} by rows, ${pages.rows.length} events by pages`);
  else if (isDeepStrictEqual(pages, rows)) tally.equal++;
  else tally.differs.push(`${label}: ${rows.rows.length} events by rows, ${pages.rows.length} by pages`);
}

/** What `act` gives, or the EngineError it throws (or `instead`); any other error passes. */
function attempt<T, E = EngineError>(act: () => T, instead?: E): T | E {
  try {
    return act();
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code === 'E_INTERNAL') throw thrown;
    return instead ?? (thrown as E);
  }
}

/** Mostly in the tree of the table: bits, bytes, cell pointers, cell heads, page heads, pages copied over others. */
function mutate(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const below = (n: number): number => Math.floor(random() * n);
  const raw = bytes.readUInt16BE(16);
  const size = raw === 1 ? 65_536 : raw;
  const pages = bytes.length / size;
  const put = (at: number, value: number): void => void (at < bytes.length && (bytes[at] = value));
  const kinds: readonly (() => void)[] = [
    () =>
      Array.from({ length: 1 + below(20) }, () => below(bytes.length)).forEach((at) =>
        put(at, (bytes[at] ?? 0) ^ (1 << below(8))),
      ),
    () => put(below(bytes.length), below(256)),
    () => put(below(pages) * size + below(12), below(256)),
    () => put(below(pages) * size + 8 + below(40), below(256)),
    () => void bytes.copyWithin(below(pages) * size, below(pages) * size, (1 + below(pages)) * size),
    () => spoilCell(bytes, below(pages) * size, size, below, put),
    () => spoilCell(bytes, below(pages) * size, size, below, put),
    () => spoilCell(bytes, below(pages) * size, size, below, put),
    () => swapPointers(bytes, below(pages) * size, size, below),
    () => put(16 + below(84), below(256)),
  ];
  for (let i = 1 + below(2); i > 0; i--) kinds[below(kinds.length)]?.();
  return bytes;
}

type Below = (n: number) => number;

/** A byte of the head of some cell: payload length, rowid, header length, serial types. */
function spoilCell(
  bytes: Buffer,
  page: number,
  size: number,
  below: Below,
  put: (at: number, value: number) => void,
): void {
  const cells = page + 4 < bytes.length ? bytes.readUInt16BE(page + 3) : 0;
  if (cells === 0 || cells > size / 4) return;
  const head = bytes[page] === 5 ? 12 : 8;
  const at = bytes.readUInt16BE(page + head + 2 * below(cells));
  put(page + at + below(14), below(3) === 0 ? 128 + below(128) : below(128));
}

function swapPointers(bytes: Buffer, page: number, size: number, below: Below): void {
  const cells = bytes.readUInt16BE(page + 3);
  if (cells < 2 || cells > size / 4) return;
  const head = page + (bytes[page] === 5 ? 12 : 8);
  const [a, b] = [head + 2 * below(cells), head + 2 * below(cells)];
  const kept = bytes.readUInt16BE(a);
  bytes.writeUInt16BE(bytes.readUInt16BE(b), a);
  if (below(2) === 0) bytes.writeUInt16BE(kept, b);
}
