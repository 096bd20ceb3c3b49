import { EngineError, EXIT_CODE, isUnreachable, toErrorData } from '../../protocol/errors.ts';
import { getRefName } from '../../protocol/source-names.ts';
import type {
  DataIssue,
  PartialRows,
  PropertyValues,
  SourceInfo,
  SourceRef,
  Vocabulary,
} from '../../protocol/index.ts';
import { sourceClosed, type Pool } from '../pool.ts';
import type { ColumnStore } from '../store/column-store.ts';
import type { SourceDescription } from '../source/event-source.ts';
import { describeIssues } from '../source/issues.ts';
import { giveBackMemory } from './give-back-memory.ts';
import type { ActorSegments } from './actor-segments.ts';
import type { CachedAnswer } from './answer.ts';
import { nameProof, namePartitions, nameVocabulary, type KeptSource } from './kept-source.ts';
import type { CountedReport } from './partition-columns.ts';
import type { RowProof, RowWitness } from './row-witness.ts';
import { RecentMap } from './recent-map.ts';
import type { RequestScope } from './request-scope.ts';
import type { MemoryLimit } from './windows/memory-limit.ts';
import type { EnsuredSegment, SegmentNeed } from './held-segment.ts';
import type { SegmentSet } from './segment-set.ts';
import type { SeenSource, SourceHandle } from './tasks.ts';

const KEPT_VALUES = 64;
const QUICK_MS = 5;
const KNOWN_MS = 2_000;

export interface SessionOptions {
  readonly pool: Pool;
  readonly handle: SourceHandle;
  /** As the user named it: `sample:` stays. */
  readonly ref: SourceRef;
  readonly slices?: number | undefined;
  /** Properties that the question needs that follows at once: read in the pass that counts. null = none follows. */
  readonly firstColumns?: readonly string[] | null;
  readonly kernels: boolean;
  readonly derived: boolean;
  readonly keptAnswers: number;
  /** null = what is asked for is held in memory as a whole. */
  readonly memoryLimit: MemoryLimit | null;
  readonly actorSegments: ActorSegments;
  /** Where columns are kept for the next session; null = nowhere. */
  readonly store: ColumnStore | null;
}
/** What is known of a source when it is opened. */
export interface Known {
  readonly description: SourceDescription;
  readonly report: CountedReport;
  readonly fingerprint: string;
  readonly segments: SegmentSet;
  readonly kept: KeptSource | null;
  readonly witness: RowWitness | null;
  /** Events read of a source of which the others were known. */
  readonly addedEvents?: number;
  /** Of what was kept: as it was kept. */
  readonly keptProof?: RowProof | null;
  readonly vocabulary?: Vocabulary | null;
}

/** One open source: a frozen event set, its segments and its answers. */
export class SourceSession {
  readonly pool: Pool;
  readonly handle: SourceHandle;
  readonly segments: SegmentSet;
  readonly description: SourceDescription;
  readonly report: CountedReport;
  readonly answers: RecentMap<string, CachedAnswer>;
  readonly values = new RecentMap<string, PropertyValues>(KEPT_VALUES);
  readonly kernels: boolean;
  readonly actorSegments: ActorSegments;
  vocabulary: Promise<Vocabulary> | null = null;
  /** Who looks for changes of the source by himself and opens it again (`OpenRequest.follow`). */
  readonly followers = new Set<string>();
  /** Somebody said that more of a server than the budget may be moved. */
  isConfirmed = false;
  readonly #ref: SourceRef;
  readonly #fingerprint: string;
  readonly #kept: KeptSource | null;
  readonly #witness: RowWitness | null;
  /** Done when old rows were compared and what is to be kept is handed to the store. */
  readonly #behind: Promise<void>;
  readonly #addedEvents: number | undefined;
  readonly #keptProof: RowProof | null;
  #knownVocabulary: Vocabulary | null;
  #vocabularyToKeep: Vocabulary | null = null;
  #keepsLater = false;
  /** How long the last look at the file took. */
  #lookMs = Number.POSITIVE_INFINITY;
  #info: Omit<SourceInfo, 'partitions' | 'memoryBytes'> | null = null;

  constructor(options: SessionOptions, known: Known) {
    this.pool = options.pool;
    this.handle = options.handle;
    this.kernels = options.kernels;
    this.actorSegments = options.actorSegments;
    this.#ref = options.ref;
    this.answers = new RecentMap(options.keptAnswers);
    this.description = known.description;
    this.report = known.report;
    this.#fingerprint = known.fingerprint;
    this.segments = known.segments;
    this.#kept = known.kept;
    this.#witness = known.witness;
    this.#addedEvents = known.addedEvents;
    this.#keptProof = known.keptProof ?? null;
    this.#knownVocabulary = known.vocabulary ?? null;
    if (this.#knownVocabulary !== null) this.vocabulary = Promise.resolve(this.#knownVocabulary);
    this.#behind = known.witness?.done.then(() => this.#takeWitness()) ?? Promise.resolve();
  }

  /** Once, before anybody has it: throws when the source is no longer what was read. */
  async enter(options: SessionOptions, scope: RequestScope): Promise<void> {
    this.#describe(scope);
    // Where a question follows, its answer hands to the store what is kept: to write it takes a processor from the question.
    this.#keepsLater = (options.firstColumns ?? null) !== null;
    await this.#confirm();
    this.#keepsLater = false;
  }

  /** What tells later whether a changed source has only got more rows; null = nothing does, or not yet. */
  get proof(): RowProof | null {
    return this.#witness === null ? this.#keptProof : this.#witness.proof;
  }

  /** It has a proof, or is about to. */
  get mayGrow(): boolean {
    return this.proof !== null || this.#witness?.isPending === true;
  }

  /** When `proof` says all it will. Not longer than reading all rows anew may take, for checksums give way to questions. */
  async untilKnown(): Promise<void> {
    await Promise.race([this.#witness?.known, new Promise((resolve) => setTimeout(resolve, KNOWN_MS).unref())]);
  }

  /** Rows read before the source grew are not what they were. */
  get isSpoiled(): boolean {
    return this.#witness?.isSpoiled === true;
  }

  /** Rows read before the source grew are still being compared with it. */
  get isUnchecked(): boolean {
    return this.#witness?.isChecked === false;
  }

  /** A word for the state it was in when it was opened. */
  get openedState(): string {
    return this.#fingerprint;
  }

  /** When all is done that is done behind everyone's back. */
  settle(): Promise<void> {
    return this.#behind;
  }

  get info(): SourceInfo {
    const { report } = this;
    return {
      ...this.#getFacts(),
      // Some ten thousand objects, made when somebody looks.
      get partitions() {
        return report.partitions;
      },
    };
  }

  /** `info` as a window asks for it (`OpenRequest.compact`). */
  get compactInfo(): SourceInfo {
    const vocabulary = this.#knownVocabulary;
    return {
      ...this.#getFacts(),
      partitions: [],
      partitionTable: this.report.getTable(),
      ...(vocabulary === null ? {} : { vocabulary }),
    };
  }

  #getFacts(): Omit<SourceInfo, 'partitions'> {
    if (this.#info === null) throw new Error('a session is described when it opens');
    return { ...this.#info, memoryBytes: this.segments.bytes, reading: this.segments.reading };
  }

  get events(): number {
    return this.#info?.events ?? 0;
  }

  /** Of a preview; null = all rows are there. */
  get partial(): PartialRows | null {
    return this.description.partial ?? null;
  }

  /** First event of the source, ms; Infinity when it has none. */
  get firstEventMs(): number {
    return this.#info?.firstTime ?? Infinity;
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
      if (isSourceError(error)) await this.#confirm();
      throw error;
    }
  }

  /**
   * Before every answer: `compareNow`, but not of a source that is followed. Its answers are those of the event set that
   * was opened, which stands in memory whatever comes to the source; who follows looks for that by itself.
   */
  checkUnchanged(): Promise<void> {
    return this.followers.size > 0 && !this.isSpoiled ? Promise.resolve() : this.#confirm();
  }

  /**
   * A file is looked at. What was read of a server is one consistent state of it, frozen by arrival numbers, whatever
   * happens there: it is not asked again, and does not have to answer.
   */
  async #confirm(): Promise<void> {
    if (this.handle.ref.kind === 'sqlite') return this.compareNow();
    if (this.isSpoiled) throw this.#changed();
    this.#keep();
  }

  /**
   * Throws E_SOURCE_CHANGED when the file is no longer the one that was opened, or no longer there or readable, and what
   * `isUnreachable` of a server. While it is the same, what was read of it is kept for the next session.
   */
  async compareNow(): Promise<void> {
    const now = await this.#look();
    const isSame = now?.fingerprint === this.#fingerprint && !this.isSpoiled;
    if (isSame) return this.#keep();
    throw this.#changed();
  }

  #changed(): EngineError {
    return new EngineError('E_SOURCE_CHANGED', `${this.#name()} has changed since it was opened.`, {
      hint: 'Open it again to work with its present state.',
    });
  }

  /** null = it is not there, or cannot be read. Here where it was quick the last time, for it is before every answer. */
  async #look(): Promise<SeenSource | null> {
    const isQuick = this.#lookMs < QUICK_MS;
    // Answers that follow one another without a wait would keep timers and cancels out.
    if (isQuick) await new Promise((resolve) => setImmediate(resolve));
    try {
      const seen = await this.pool.run('look', this.handle, { inline: isQuick ? 'always' : true });
      this.#lookMs = seen.tookMs;
      return seen;
    } catch (error) {
      if (isSourceError(error) && !isUnreachable(toErrorData(error).code)) return null;
      throw error;
    }
  }

  /** Behind everyone's back: the store writes when it comes to it. */
  #keep(): void {
    const { description, report } = this;
    if (this.#kept === null || this.isUnchecked || this.#keepsLater) return;
    const { issues, guardHours } = report;
    this.segments.save({ description, issues, guardHours }, () => namePartitions(report.partitions));
    const vocabulary = this.#vocabularyToKeep;
    if (vocabulary === null || !this.segments.isSaved) return;
    this.#vocabularyToKeep = null;
    void this.#kept.add(null, [nameVocabulary(vocabulary)]);
  }

  /** What was answered with a warning is answered anew without. Then the columns may be kept. */
  async #takeWitness(): Promise<void> {
    this.answers.clear();
    const { proof } = this;
    const kept = this.#kept;
    if (this.isSpoiled) void kept?.forget(null);
    if (proof === null || kept === null || this.segments.isRetired) return;
    await this.#confirm().then(
      () => void kept.add(null, nameProof(proof)),
      () => undefined,
    );
  }

  /** For the next session too: once the columns are kept that it is kept with. */
  keepVocabulary(vocabulary: Vocabulary): void {
    this.#knownVocabulary = vocabulary;
    this.#vocabularyToKeep = vocabulary;
    this.#keep();
  }

  close(): void {
    const { bytes } = this.segments;
    this.segments.forget();
    this.pool.closeSource(this.handle.sourceId);
    giveBackMemory(this.pool, bytes);
    if (this.partial !== null) void this.pool.stop(sourceClosed());
  }

  #describe(scope: RequestScope): void {
    const { description, report } = this;
    const held = this.segments.find({ actorProperty: null, hours: { from: null, to: null } });
    const times = held === null ? report.partitions.flatMap((p) => [p.firstTime, p.lastTime]) : [];
    this.#info = {
      sourceId: this.handle.sourceId,
      ref: this.#ref,
      name: this.#name(),
      model: description.model,
      mapping: description.mapping,
      events: held?.segment.eventCount ?? report.partitions.reduce((sum, p) => sum + p.rows, 0),
      actors: held?.segment.actorCount ?? 0,
      firstTime: held === null ? minOf(times) : held.firstMs,
      lastTime: held === null ? maxOf(times) : held.lastMs,
      hasRecordedAt: description.hasRecordedAt,
      issues: withEqualTimes(report.issues, held?.equalTimes ?? 0),
      guardHours: report.guardHours,
      ...(this.partial === null ? {} : { partial: this.partial }),
      ...(this.#addedEvents === undefined ? {} : { addedEvents: this.#addedEvents }),
      openMs: Math.round(performance.now() - scope.startedAt),
    };
  }

  #name(): string {
    return getRefName(this.#ref);
  }
}

/** Counted pieces of a source do not know actors: its segment does. */
function withEqualTimes(issues: readonly DataIssue[], equalTimes: number): readonly DataIssue[] {
  return issues.some((issue) => issue.kind === 'equal_times')
    ? issues
    : [...issues, ...describeIssues(new Map([['equal_times', equalTimes]]))];
}

function isSourceError(error: unknown): boolean {
  return error instanceof EngineError && EXIT_CODE[error.code] === 3;
}

const minOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b));
const maxOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
