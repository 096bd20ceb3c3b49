import type { Pool } from '../pool.ts';
import { ColumnDamaged } from '../store/column-file.ts';
import type { StoredColumns } from '../store/column-store.ts';
import { growSource, takeFrom } from './grow-source.ts';
import { getFacts, KeptSource, readPartitions, readProof, readVocabulary } from './kept-source.ts';
import { getMostPulled } from './most-pulled.ts';
import { reportOf, toReport, type CountedReport } from './partition-columns.ts';
import type { RequestScope } from './request-scope.ts';
import { RowWitness } from './row-witness.ts';
import { SegmentSet } from './segment-set.ts';
import { settleAll } from './settle-all.ts';
import { SourceSession, type SessionOptions } from './source-session.ts';
import type { SeenSource, SourceHandle } from './tasks.ts';

/** Bytes; files with less than this for each row of a preview have no more rows than it. */
const SMALLEST_ROW = 16;

/**
 * From what an earlier session kept of a source in this state, without reading the source. Else looks at the source
 * and counts its partitions; all events become the segment unless `lazy`.
 */
export async function openSession(
  options: SessionOptions,
  lazy: boolean,
  scope: RequestScope,
  before: SourceSession | null = null,
): Promise<SourceSession> {
  const { pool, handle, store } = options;
  const seen = await pool.run('look', handle, { inline: true, control: scope.control });
  const kept = store === null ? null : new KeptSource(store, handle.ref, seen);
  const session =
    reopen(options, seen, kept) ??
    (await openGrown(options, seen, kept, before, scope)) ??
    (await openFirst(options, seen, kept, lazy, scope));
  await session.enter(options, scope);
  return session;
}

/**
 * Of a large source the latest rows alone (`handle.latest`), nothing of which is kept; null when it is to be opened
 * whole: it is known, not that large, cannot be cut, or is read through a copy. The pool is its own: the threads of the
 * engine read the whole meanwhile.
 */
export async function openPreview(options: SessionOptions, scope: RequestScope): Promise<SourceSession | null> {
  const { pool, handle, store } = options;
  const seen = await pool.run('look', handle, { inline: true, control: scope.control });
  if (seen.isCopied || seen.sizeBytes < SMALLEST_ROW * (handle.latest ?? 0)) return null;
  if (store !== null && new KeptSource(store, handle.ref, seen).find(null) !== null) return null;
  const { description } = await pool.run('describe', handle, { control: scope.control, home: handle.sourceId });
  if (description.partial === undefined) return null;
  const session = await openFirst(options, seen, null, false, scope);
  await session.enter(options, scope);
  return session;
}

function reopen(options: SessionOptions, { fingerprint }: SeenSource, kept: KeptSource | null): SourceSession | null {
  const stored = kept?.find(null) ?? null;
  return kept === null || stored === null ? null : revive(options, fingerprint, kept, stored);
}

function revive(
  options: SessionOptions,
  fingerprint: string,
  kept: KeptSource,
  stored: StoredColumns,
): SourceSession | null {
  try {
    const { description, issues, guardHours } = getFacts(stored);
    const partitions = readPartitions(stored);
    const report = reportOf({ issues, guardHours }, partitions);
    const segments = new SegmentSet({ ...options, prunable: description.prunable, rows: description.rows, kept });
    segments.revive(null, stored);
    const keptProof = readProof(stored, partitions.all);
    const vocabulary = readVocabulary(stored);
    const known = { description, report, fingerprint, segments, kept, witness: null, keptProof, vocabulary };
    return new SourceSession(options, known);
  } catch (error) {
    if (!(error instanceof ColumnDamaged)) throw error;
    void kept.forget(null);
    return null;
  }
}

async function openFirst(
  options: SessionOptions,
  seen: SeenSource,
  sameKept: KeptSource | null,
  lazy: boolean,
  scope: RequestScope,
): Promise<SourceSession> {
  const { pool, handle } = options;
  const { description, fingerprint: described } = await pool.run('describe', handle, {
    control: scope.control,
    home: handle.sourceId,
  });
  const fingerprint = getStateRead(handle, seen, described);
  // Of a source that changes while it is opened nothing is kept.
  const kept = fingerprint === seen.fingerprint ? sameKept : null;
  const segments = new SegmentSet({ ...options, prunable: description.prunable, rows: description.rows, kept });
  // Of a large server what is asked decides whether rows are moved at all.
  const isRemote = handle.ref.kind === 'postgres' && description.prunable && description.rows > getMostPulled();
  // A file larger than memory is read in batches once: what is asked first makes no difference.
  const countOnly = isRemote || (lazy && !segments.isLarge);
  if (countOnly) scope.begin('inspect', 'rows', description.rows);
  const report = countOnly ? await countPartitions(pool, handle, scope) : await segments.buildAndCount(scope);
  const isWhole = segments.whole !== null && description.partial === undefined && fingerprint === seen.fingerprint;
  const witness = isWhole && report.counted !== undefined ? new RowWitness(pool, handle, report.counted, null) : null;
  return new SourceSession(options, { description, report, fingerprint, segments, kept, witness });
}

/** Of a source that was only added to since `open`, or since it was kept: reads the new rows alone. null = it was not. */
async function openGrown(
  options: SessionOptions,
  seen: SeenSource,
  kept: KeptSource | null,
  open: SourceSession | null,
  scope: RequestScope,
): Promise<SourceSession | null> {
  const { pool, handle } = options;
  await Promise.race([open?.untilKnown(), scope.stopped]);
  if (open?.isSpoiled === true) return null;
  const before = open?.proof === undefined || open.proof === null ? reopenOlder(options, kept) : open;
  const proof = before?.proof ?? null;
  const held = await before?.segments.loadWhole();
  if (before === null || proof === null || held === null || held === undefined) return null;
  const takeColumns = (): boolean | Promise<boolean> =>
    before === open ? takeFrom(pool, before.handle.sourceId, before.segments) : true;
  const keepFiles = (until: Promise<unknown>): void => before.segments.keepFiles(until);
  const grown = await growSource(pool, handle, { held, proof, takeColumns, keepFiles }, scope);
  if (grown === null) return null;
  const { description, fingerprint: described } = grown.described;
  const fingerprint = getStateRead(handle, seen, described);
  if (fingerprint !== seen.fingerprint) return null;
  const segments = new SegmentSet({ ...options, rows: description.rows, prunable: description.prunable, kept });
  const now = segments.adopt(grown.segment, grown.isInPlace ? held.derived : null);
  if (grown.isInPlace && grown.keepsTypes) await now.derived.takeOver(held.derived, now, grown.actors);
  const witness = new RowWitness(pool, handle, grown.counted, proof);
  const { report, addedEvents } = grown;
  const known = { description, report, fingerprint, segments, kept, witness, addedEvents };
  return new SourceSession(options, known);
}

/** From what is kept of the source in an earlier state; only to grow out of. */
function reopenOlder(options: SessionOptions, kept: KeptSource | null): SourceSession | null {
  const stored = kept?.findOlder() ?? null;
  return kept === null || stored === null ? null : revive(options, '', kept, stored);
}

/**
 * What a file says of itself when it was read. A server may get rows at any moment: what is read of it counts as of the
 * state seen before, so that whatever is newer is found by its arrival number when it is opened again.
 */
const getStateRead = ({ ref }: SourceHandle, seen: SeenSource, described: string): string =>
  ref.kind === 'sqlite' ? described : seen.fingerprint;

/** All threads count a piece; the thread that will cut slices keeps the sum. */
async function countPartitions(pool: Pool, handle: SourceHandle, scope: RequestScope): Promise<CountedReport> {
  const { control } = scope;
  const parts = pool.size;
  const counted = await settleAll(
    Array.from({ length: parts }, (_, part) =>
      pool.run('countPart', { ...handle, part, parts }, { control, slot: part }),
    ),
  );
  return toReport(await pool.run('joinParts', { ...handle, counted }, { control, home: handle.sourceId }));
}
