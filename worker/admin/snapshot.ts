import { existsSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../protocol/errors.ts';
import { guardRead } from '../source/sqlite-errors.ts';
import type { Anonymizer } from './anonymize.ts';
import type { CopyRow } from './copy-reader.ts';
import { MODEL_TABLES, type ModelTable } from './model-tables.ts';
import { computeDigest } from './snapshot-digest.ts';
import { SnapshotFile } from './snapshot-file.ts';
import { ROLLUP_TABLES, type SnapshotPart, type SnapshotSource, type TimeRange } from './snapshot-source.ts';

export interface SnapshotOptions {
  readonly out: string;
  readonly range: TimeRange;
  /** Replace an existing `out`. */
  readonly force?: boolean | undefined;
  readonly anonymizer?: Anonymizer | null | undefined;
  /** Events written of about `total`. Answer true to stop: E_CANCELLED; the same call goes on from there. */
  readonly onProgress?: (done: number, total: number) => boolean;
}
export interface SnapshotSummary {
  readonly out: string;
  readonly events: number;
  readonly tables: Readonly<Record<string, number>>;
  /** Hex SHA-256, also in the file; `verifyDigest` computes it anew. */
  readonly digest: string;
  /** Parts that an earlier, interrupted run had fetched and that are still the same. */
  readonly resumedParts: number;
  readonly parts: number;
  readonly seconds: number;
}

/**
 * Writes one frozen state of a store to a snapshot file. Interrupted, the same call goes on: what was fetched is taken
 * when it is still the same, so that the file is of one state all the same. Throws E_EXISTS, E_NOT_FOUND (folder), E_BUSY,
 * E_CANCELLED, E_CORRUPT (two events with one seq), and the errors of the source.
 */
export async function takeSnapshot(source: SnapshotSource, options: SnapshotOptions): Promise<SnapshotSummary> {
  const startedAt = performance.now();
  checkOut(options);
  const { range, anonymizer = null } = options;
  const question = { address: source.address, range, anonymized: anonymizer?.fingerprint ?? null };
  const file = new SnapshotFile(options.out, question);
  try {
    const done = await fetchEvents(source, file, options);
    const tables: Record<string, number> = {};
    for (const table of [...MODEL_TABLES, ...ROLLUP_TABLES])
      tables[table.name] = await file.refill(
        table.name,
        table.columns.length,
        hideTable(source.rows(table), table, anonymizer),
      );
    file.writeInfo(describeSource(source, options));
    const digest = computeDigest(file.db);
    file.db.prepare("INSERT INTO snapshot_info VALUES ('digest', ?)").run(digest);
    const events = Number(file.db.prepare('SELECT count(*) FROM global_events').pluck().get());
    file.publish();
    return { out: options.out, events, tables, digest, ...done, seconds: (performance.now() - startedAt) / 1_000 };
  } catch (thrown) {
    file.close();
    throw guardRead(() => describeConflict(thrown));
  }
}

function checkOut({ out, force }: SnapshotOptions): void {
  if (!existsSync(path.dirname(out)))
    throw new EngineError('E_NOT_FOUND', `There is no folder ${path.dirname(out)}.`, {
      hint: 'Make it first, or choose another place.',
    });
  if (existsSync(out) && force !== true)
    throw new EngineError('E_EXISTS', `${out} is already there.`, {
      hint: 'Choose another name, or allow replacing it with --force.',
    });
}

async function fetchEvents(
  source: SnapshotSource,
  file: SnapshotFile,
  { anonymizer = null, onProgress }: SnapshotOptions,
): Promise<{ readonly parts: number; readonly resumedParts: number }> {
  const parts = await source.parts();
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  let resumedParts = 0;
  const watch = async function* (batches: AsyncIterable<readonly CopyRow[]>): AsyncGenerator<readonly CopyRow[]> {
    for await (const batch of batches) {
      yield anonymizer === null ? batch : batch.map((row) => hideEvent(row, anonymizer));
      done += batch.length;
      if (onProgress?.(done, Math.max(done, total)) === true) throw cancelled(file.begun, parts.length);
    }
  };
  for (const part of parts) {
    const fingerprint = await source.fingerprint(part);
    if (file.has(part, fingerprint)) {
      resumedParts++;
      done += part.rows;
    } else await file.fill(part, othersOf(part, parts), fingerprint, watch(source.events(part)));
  }
  return { parts: parts.length, resumedParts };
}

const othersOf = (part: SnapshotPart, parts: readonly SnapshotPart[]): readonly SnapshotPart[] =>
  parts.filter((other) => other !== part);

const cancelled = (begun: number, parts: number): EngineError =>
  new EngineError('E_CANCELLED', 'The snapshot was cancelled.', {
    hint: `The same command goes on: ${begun} of ${parts} partitions are fetched.`,
  });

const METADATA = 5;
function hideEvent(row: CopyRow, anonymizer: Anonymizer): CopyRow {
  const hidden = [...row];
  hidden[METADATA] = anonymizer.metadata(String(row[METADATA] ?? '{}'));
  return hidden;
}

/** Ids are only hidden where they are addresses; of the texts, names of plans and states are no one's. */
async function* hideTable(
  batches: AsyncIterable<readonly CopyRow[]>,
  { columns }: ModelTable,
  anonymizer: Anonymizer | null,
): AsyncGenerator<readonly CopyRow[]> {
  if (anonymizer === null) return yield* batches;
  const hide = (value: string, column: string): string =>
    column === 'email' ? anonymizer.text(value) : anonymizer.id(value);
  for await (const batch of batches)
    yield batch.map((row) =>
      row.map((value, i) => (typeof value === 'string' ? hide(value, columns[i]?.[0] ?? '') : value)),
    );
}

function describeSource({ address }: SnapshotSource, { range, anonymizer }: SnapshotOptions): Record<string, string> {
  const iso = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString());
  return {
    source: anonymizer ? 'anonymous' : address,
    from: iso(range.from),
    to: iso(range.to),
    taken_at: new Date().toISOString(),
    anonymized: anonymizer?.fingerprint ?? '',
  };
}

function describeConflict(thrown: unknown): never {
  if ((thrown as { code?: unknown } | null)?.code !== 'SQLITE_CONSTRAINT_ROWID') throw thrown;
  throw new EngineError('E_CORRUPT', 'Two events of this store have the same seq.', {
    hint: 'Let the identity column of global_events number them; one of them was written by hand.',
    cause: thrown,
  });
}
