import path from 'node:path';
import { EngineError, EXIT_CODE } from '../../protocol/errors.ts';
import type { DataIssue, PropertyValues, SourceInfo, SourceRef, Vocabulary } from '../../protocol/index.ts';
import type { Pool } from '../pool.ts';
import type { PartitionReport, SourceDescription } from '../source/event-source.ts';
import { describeIssues } from '../source/issues.ts';
import { settleAll } from './build-segment.ts';
import type { CachedAnswer } from './answer.ts';
import { RecentMap } from './recent-map.ts';
import type { RequestScope } from './request-scope.ts';
import { SegmentSet, type EnsuredSegment, type SegmentNeed } from './segment-set.ts';
import type { SourceHandle } from './tasks.ts';

const KEPT_VALUES = 64;

export interface SessionOptions {
  readonly pool: Pool;
  readonly handle: SourceHandle;
  /** As the user named it: `sample:` stays. */
  readonly ref: SourceRef;
  readonly slices?: number | undefined;
  readonly kernels: boolean;
  readonly derived: boolean;
  readonly keptAnswers: number;
}

/** One open source: a frozen event set, its segments and its answers. */
export class SourceSession {
  readonly pool: Pool;
  readonly handle: SourceHandle;
  readonly segments: SegmentSet;
  readonly description: SourceDescription;
  readonly report: PartitionReport;
  readonly answers: RecentMap<string, CachedAnswer>;
  readonly values = new RecentMap<string, PropertyValues>(KEPT_VALUES);
  vocabulary: Promise<Vocabulary> | null = null;
  readonly #ref: SourceRef;
  readonly #fingerprint: string;
  #info: SourceInfo | null = null;

  private constructor(
    options: SessionOptions,
    description: SourceDescription,
    report: PartitionReport,
    fingerprint: string,
    segments: SegmentSet,
  ) {
    this.pool = options.pool;
    this.handle = options.handle;
    this.#ref = options.ref;
    this.answers = new RecentMap(options.keptAnswers);
    this.description = description;
    this.report = report;
    this.#fingerprint = fingerprint;
    this.segments = segments;
  }

  /** Looks at the source and counts its partitions; all events become the segment unless `lazy`. */
  static async open(options: SessionOptions, lazy: boolean, scope: RequestScope): Promise<SourceSession> {
    const { pool, handle } = options;
    const { description, fingerprint } = await pool.run('describe', handle, {
      control: scope.control,
      home: handle.sourceId,
    });
    const segments = new SegmentSet({ ...options, prunable: description.prunable });
    if (lazy) scope.begin('inspect', 'rows', description.rows);
    const report = lazy ? await countPartitions(pool, handle, scope) : await segments.buildAndCount(scope);
    const session = new SourceSession(options, description, report, fingerprint, segments);
    await session.#describe(lazy, scope);
    await session.checkUnchanged();
    return session;
  }

  get info(): SourceInfo {
    if (this.#info === null) throw new Error('a session is described when it opens');
    return { ...this.#info, memoryBytes: this.segments.bytes };
  }

  get partitionsTotal(): number {
    return this.report.partitions.length;
  }

  /** Last event of the source, ms; -Infinity when it has none. */
  get lastEventMs(): number {
    return this.#info?.lastTime ?? -Infinity;
  }

  /** A segment with what is needed. A failure to read a file that is no longer the one that was opened is E_SOURCE_CHANGED. */
  async ensureSegment(need: SegmentNeed, scope: RequestScope): Promise<EnsuredSegment> {
    try {
      return await this.segments.ensure(need, scope);
    } catch (error) {
      if (isSourceError(error)) await this.checkUnchanged();
      throw error;
    }
  }

  /** Throws E_SOURCE_CHANGED when the file is no longer the one that was opened, or no longer there or readable. */
  async checkUnchanged(): Promise<void> {
    const now = await this.pool.run('fingerprint', this.handle).catch((error: unknown) => {
      if (isSourceError(error)) return null;
      throw error;
    });
    if (now === this.#fingerprint) return;
    throw new EngineError('E_SOURCE_CHANGED', `${this.#name()} has changed since it was opened.`, {
      hint: 'Open it again to work with its present state.',
    });
  }

  close(): void {
    this.segments.forget();
    this.pool.closeSource(this.handle.sourceId);
  }

  async #describe(lazy: boolean, scope: RequestScope): Promise<void> {
    const { description, report } = this;
    const held = lazy
      ? null
      : (
          await this.ensureSegment(
            { actorProperty: null, hours: { from: null, to: null }, properties: [], recordedAt: false },
            scope,
          )
        ).held;
    const times = report.partitions.flatMap((p) => [p.firstTime, p.lastTime]);
    this.#info = {
      sourceId: this.handle.sourceId,
      ref: this.#ref,
      name: this.#name(),
      model: description.model,
      mapping: description.mapping,
      events: held?.segment.eventCount ?? report.partitions.reduce((sum, p) => sum + p.rows, 0),
      actors: held?.segment.actorCount ?? 0,
      firstTime: held?.firstMs ?? minOf(times),
      lastTime: held?.lastMs ?? maxOf(times),
      hasRecordedAt: description.hasRecordedAt,
      partitions: report.partitions,
      issues: withEqualTimes(report.issues, held?.equalTimes ?? 0),
      guardHours: report.guardHours,
      memoryBytes: 0,
      openMs: Math.round(performance.now() - scope.startedAt),
    };
  }

  #name(): string {
    return this.#ref.path === 'sample:' ? 'Sample' : path.basename(this.#ref.path);
  }
}

/** Counted pieces of a source do not know actors: its segment does. */
function withEqualTimes(issues: readonly DataIssue[], equalTimes: number): readonly DataIssue[] {
  return issues.some((issue) => issue.kind === 'equal_times')
    ? issues
    : [...issues, ...describeIssues(new Map([['equal_times', equalTimes]]))];
}

/** All threads count a piece; the thread that will cut slices keeps the sum. */
async function countPartitions(pool: Pool, handle: SourceHandle, scope: RequestScope): Promise<PartitionReport> {
  const { control } = scope;
  const parts = pool.size;
  const counted = await settleAll(
    Array.from({ length: parts }, (_, part) =>
      pool.run('countPart', { ...handle, part, parts }, { control, slot: part }),
    ),
  );
  return pool.run('joinParts', { ...handle, counted }, { control, home: handle.sourceId });
}

function isSourceError(error: unknown): boolean {
  return error instanceof EngineError && EXIT_CODE[error.code] === 3;
}

const minOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b));
const maxOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
