import type { FrozenRows } from '../pushdown/frozen-rows.ts';
import type { ScanSlice } from '../source/event-source.ts';
import { findGaps } from '../source/postgres/find-gaps.ts';
import { detailOf, splitSeqs } from '../source/postgres/slice-detail.ts';
import { unpackCounted } from './partition-columns.ts';
import type { SourceSession } from './source-session.ts';

const known = new WeakMap<SourceSession, FrozenRows | null>();

/**
 * Which rows of a server an opened source has, by arrival number, for statements that are run there. null = nothing numbers
 * its rows (or it is a file).
 */
export function getFrozenRows(session: SourceSession): FrozenRows | null {
  let rows = known.get(session);
  if (rows === undefined) known.set(session, (rows = findFrozenRows(session)));
  return rows;
}

function findFrozenRows({ handle, description, report, proof, segments }: SourceSession): FrozenRows | null {
  if (handle.ref.kind !== 'postgres' || !description.canLookUp) return null;
  const counted = report.counted ?? proof?.counted;
  if (counted !== undefined) return frozenBy(unpackCounted(counted) as { readonly recent?: readonly number[] });
  return segments.whole === null ? null : frozenIn(segments.whole.target.slices);
}

/** Of a table without rows nothing is there. */
const frozenBy = ({ recent = [] }: { readonly recent?: readonly number[] }): FrozenRows => ({
  lastSeq: recent.at(-1) ?? Number.MIN_SAFE_INTEGER,
  gaps: findGaps({ recent }),
});

/** Of columns that were kept before anything could be said of their rows. */
function frozenIn(slices: readonly ScanSlice[]): FrozenRows {
  const details = slices.map(detailOf);
  const filled = new Set(details.flatMap(({ extra }) => splitSeqs(extra)));
  const except = details.flatMap(({ except: seqs }) => splitSeqs(seqs));
  return {
    lastSeq: details.reduce((last, { toSeq }) => Math.max(last, toSeq ?? last), Number.MIN_SAFE_INTEGER),
    gaps: except.filter((seq) => !filled.has(seq)).toSorted((a, b) => a - b),
  };
}
