import type { StringTable } from '../../segment/string-table.ts';
import type { ScannedSlice } from '../../segment/event-rows.ts';
import { createColumnMemory } from '../../segment/column-memory.ts';
import { pickStrings } from '../../segment/string-table.ts';
import { collectGarbage } from '../give-back-memory.ts';
import { scanSlice } from '../scan-tasks.ts';
import { getCheckpoint, type TaskContext } from '../task-context.ts';
import type { TaskMap } from '../tasks.ts';
import { asBytes, withFile, writeBytes } from './column-slices.ts';

/**
 * Rows of one slice whose actors are of one shard, in a spill file from byte `at` on, in scan order:
 *
 *   times f64 × rows | actors u32 × rows | types u32 × rows | place in the slice u32 × rows | id offsets u32 | ids
 *
 * Actor codes are the piece's own, in order of first appearance; type codes are the slice's.
 */
export interface SpilledPiece {
  readonly at: number;
  readonly rows: number;
  readonly actors: number;
  readonly idBytes: number;
}
export interface SpilledSlice {
  readonly path: string;
  readonly rows: number;
  readonly eventNames: readonly string[];
  readonly landmarks: Float64Array;
  /** ms; Infinity without rows. */
  readonly firstMs: number;
  /** By shard. */
  readonly pieces: readonly SpilledPiece[];
}

/** In a thread: scans a slice and hands its rows to their shards; nothing of it stays in memory. */
export function scanToShards(
  payload: TaskMap['scanToShards']['payload'],
  context: TaskContext,
): TaskMap['scanToShards']['result'] {
  try {
    return scanAndSpill(payload, context);
  } finally {
    collectGarbage();
  }
}

function scanAndSpill(
  { path, shards, kernels, ...request }: TaskMap['scanToShards']['payload'],
  context: TaskContext,
): TaskMap['scanToShards']['result'] {
  const memory = kernels ? createColumnMemory() : null;
  const { slice, ...rest } = scanSlice({ ...request, memory }, context);
  const checkpoint = getCheckpoint(context);
  const rows = splitRows(slice, shards, () => checkpoint(slice.rows));
  const pieces = withFile(path, 'wx', 'written', (fd) => {
    let at = 0;
    return rows.map((piece): SpilledPiece => {
      const start = at;
      for (const values of [piece.times, piece.actors, piece.types, piece.places, piece.ids.offsets, piece.ids.bytes]) {
        writeBytes(fd, asBytes(values));
        at += values.byteLength;
      }
      return { at: start, rows: piece.times.length, actors: piece.ids.length, idBytes: piece.ids.bytes.length };
    });
  });
  const { rows: count, eventNames, landmarks } = slice;
  return { ...rest, spilled: { path, rows: count, eventNames, landmarks, firstMs: getFirst(slice), pieces } };
}

interface ShardRows {
  readonly times: Float64Array;
  readonly actors: Uint32Array;
  readonly types: Uint32Array;
  readonly places: Uint32Array;
  readonly ids: StringTable;
}

/** By shard. Rows keep their order. */
function splitRows(slice: ScannedSlice, shards: number, check: () => void): readonly ShardRows[] {
  const shardOf = hashIds(slice.actorIds, shards);
  const actors = numberByShard(shardOf, shards);
  const starts = countRows(slice, shardOf, shards);
  const times = new Float64Array(slice.rows);
  const codes = new Uint32Array(slice.rows);
  const types = new Uint32Array(slice.rows);
  const places = new Uint32Array(slice.rows);
  const next = starts.slice();
  let place = 0;
  for (const chunk of slice.chunks) {
    check();
    for (let i = 0; i < chunk.rows; i++) {
      const actor = chunk.actors[i] ?? 0;
      const shard = shardOf[actor] ?? 0;
      const to = next[shard] ?? 0;
      next[shard] = to + 1;
      times[to] = chunk.times[i] ?? 0;
      codes[to] = actors.codes[actor] ?? 0;
      types[to] = chunk.types[i] ?? 0;
      places[to] = place++;
    }
  }
  return actors.members.map((members, shard): ShardRows => {
    const [from, to] = [starts[shard], starts[shard + 1]];
    return {
      times: times.subarray(from, to),
      actors: codes.subarray(from, to),
      types: types.subarray(from, to),
      places: places.subarray(from, to),
      ids: pickStrings(slice.actorIds, members, null),
    };
  });
}

/** FNV-1a, mixed, so that ids that differ in little are spread. */
function hashIds({ bytes, offsets, length }: StringTable, shards: number): Uint16Array {
  const shardOf = new Uint16Array(length);
  for (let id = 0; id < length; id++) {
    let hash = 0x811c_9dc5;
    const end = offsets[id + 1] ?? 0;
    for (let at = offsets[id] ?? 0; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x0100_0193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
    shardOf[id] = ((hash ^ (hash >>> 13)) >>> 0) % shards;
  }
  return shardOf;
}

/** Ids of a slice are in order of first appearance, and so are those of each shard. */
function numberByShard(
  shardOf: Uint16Array,
  shards: number,
): { readonly codes: Uint32Array; readonly members: readonly Uint32Array[] } {
  const counts = new Uint32Array(shards);
  for (const shard of shardOf) counts[shard] = (counts[shard] ?? 0) + 1;
  const members = Array.from(counts, (count) => new Uint32Array(count));
  const codes = new Uint32Array(shardOf.length);
  counts.fill(0);
  shardOf.forEach((shard, actor) => {
    const code = counts[shard] ?? 0;
    counts[shard] = code + 1;
    codes[actor] = code;
    const list = members[shard];
    if (list !== undefined) list[code] = actor;
  });
  return { codes, members };
}

/** Where the rows of each shard begin, and where all end. */
function countRows(slice: ScannedSlice, shardOf: Uint16Array, shards: number): Uint32Array {
  const starts = new Uint32Array(shards + 1);
  for (const { rows, actors } of slice.chunks)
    for (let i = 0; i < rows; i++) {
      const shard = shardOf[actors[i] ?? 0] ?? 0;
      starts[shard + 1] = (starts[shard + 1] ?? 0) + 1;
    }
  for (let shard = 0; shard < shards; shard++) starts[shard + 1] = (starts[shard + 1] ?? 0) + (starts[shard] ?? 0);
  return starts;
}

function getFirst({ chunks }: ScannedSlice): number {
  let first = Infinity;
  for (const { rows, times } of chunks) for (let i = 0; i < rows; i++) first = Math.min(first, times[i] ?? first);
  return first;
}
