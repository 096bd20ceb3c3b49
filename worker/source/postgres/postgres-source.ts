import { EngineError } from '../../../protocol/errors.ts';
import type { PostgresRef, ServerPartition, StoreMigrations } from '../../../protocol/index.ts';
import type { ColumnMemory } from '../../segment/column-memory.ts';
import { dropRows } from '../../segment/drop-rows.ts';
import { countEqualTimes } from '../equal-times.ts';
import type {
  EventBatch,
  EventSource,
  FoundRow,
  HourRange,
  JoinedReport,
  PartitionPart,
  PartitionReport,
  RowPlace,
  ScanColumns,
  ScannedInto,
  ScanReport,
  ScanSlice,
  SliceRequest,
  SourceDescription,
  SourceMark,
} from '../event-source.ts';
import { limitOf } from '../../connection/session-budget.ts';
import type { OpenOptions } from '../open-source.ts';
import { joinParts, type PartitionScan } from '../partition-scan.ts';
import { NOT_OURS } from '../store-migrations.ts';
import { cutRange, cutWhole, estimateServerRows, type SeqCut } from './cut-slices.ts';
import { lookUpServerRows } from './look-up-server-rows.ts';
import { readPlannedPartitions } from './planned-partitions.ts';
import { resolveServerEvents } from './resolve-events.ts';
import { RECENT } from './find-gaps.ts';
import type { ServerPart } from './row-counts.ts';
import { runScan, type ServerScanned } from './run-scan.ts';
import { sampleServerKeys } from './sample-server-keys.ts';
import { countOnServer } from './server-count.ts';
import type { ServerEvents } from './server-events.ts';
import { factsOf, hasHourKey, type ServerFacts } from './server-facts.ts';
import { digestRows, findNewRows, hashSchema, markRows, type ServerMark } from './server-mark.ts';
import { readServerMigrations } from './server-migrations.ts';
import { findChanges, lookAtServer, type RowChanges, type SeenServer } from './server-state.ts';
import { WHOLE } from './slice-detail.ts';
import type { SqlValue } from './session-link.ts';
import type { SyncSession, SyncSessionOptions } from './sync-session.ts';
import { getThreadSession } from './thread-sessions.ts';
import { toBatches } from './to-batches.ts';

export interface ServerStatement {
  readonly text: string;
  readonly params: readonly unknown[];
}
/** A statement of an analysis may use so many processes of the server beside its own. */
const PUSHED_WORKERS = 2;
/** For each sort of it: the usual 4 MB would send the windows of a million events to the server's disk. */
const PUSHED_MEMORY = '64MB';

const NOTHING: ServerPart = {
  partitions: [],
  issues: [],
  duplicates: [],
  strays: [],
  owners: [],
  guardHours: 0,
  keysReadable: true,
  copies: [],
  recent: [],
  hash: '',
};

/**
 * A table or view of a Postgres server. Between calls no transaction is open; the connection is closed when it was idle for
 * some seconds, or when another thread needs its place. What is read is frozen by arrival numbers: see `ServerSlice`.
 */
export class PostgresSource implements EventSource {
  readonly #ref: PostgresRef;
  readonly #options: SyncSessionOptions;
  #known: ServerEvents | null = null;
  #scan: PartitionScan | null = null;
  #whole: ServerPart | null = null;
  /** As it was cut for the scan that counted. */
  #cuts: readonly SeqCut[] | null = null;

  constructor(ref: PostgresRef, { password, budget, sessionUrl }: OpenOptions) {
    this.#ref = ref;
    const threadUrl = sessionUrl === undefined ? undefined : new URL(sessionUrl);
    this.#options = { target: ref.target, password, budget, threadUrl };
  }

  get #session(): SyncSession {
    return getThreadSession(this.#options);
  }

  get #events(): ServerEvents {
    this.#known ??= resolveServerEvents(this.#session, this.#ref.target.schema, this.#ref.mapping ?? null);
    return this.#known;
  }

  describe(): SourceDescription {
    const events = this.#events;
    return {
      model: events.isModel ? 'tributary' : 'mapped',
      mapping: events.mapping,
      hasRecordedAt: events.recordedAt !== null,
      rows: estimateServerRows(this.#session, events),
      canLookUp: events.seq !== null,
      prunable: events.seq !== null && (events.isModel || events.time.kind === 'micros'),
      properties: events.properties.map(({ name }) => name),
      sampledKeys: sampleServerKeys(this.#session, events),
    };
  }

  migrations(): StoreMigrations {
    return this.#events.isModel ? readServerMigrations(this.#session, this.#ref.target.schema) : NOT_OURS;
  }

  look(): SeenServer {
    this.#known = null;
    return lookAtServer(this.#session, this.#ref.target, this.#events);
  }

  fingerprint(): string {
    return this.look().state;
  }

  partitions(shouldStop: (rowsSeen: number) => boolean): PartitionReport {
    if (this.#scan === null) this.joinParts([this.countPart(0, 1, shouldStop)]);
    return this.#scan?.report ?? { partitions: [], issues: [], guardHours: 0 };
  }

  countPart(part: number, _parts: number, shouldStop: (rowsSeen: number) => boolean): ServerPart {
    if (part > 0) return NOTHING;
    const check = checkOf(shouldStop);
    const events = this.#events;
    if (events.isModel && events.seq !== null && events.json?.type === 'jsonb' && events.time.kind === 'micros')
      return countOnServer(this.#session, events, check);
    return this.#scanAll(check).counted ?? NOTHING;
  }

  /** All rows in one scan, with the number of different actors and the events at equal times. */
  countWhole(shouldStop: (rowsSeen: number) => boolean): { readonly report: PartitionReport; readonly actors: number } {
    const { counted, slice } = this.#scanAll(checkOf(shouldStop));
    const part = counted ?? NOTHING;
    const { chunks } = dropRows(slice, part.copies);
    const flat = <T>(pick: (chunk: (typeof chunks)[number]) => Iterable<T>): T[] => chunks.flatMap((c) => [...pick(c)]);
    const actors = flat((chunk) => chunk.actors.subarray(0, chunk.rows));
    const equal = countEqualTimes(
      actors,
      flat((chunk) => chunk.times.subarray(0, chunk.rows)),
    );
    const { report } = joinParts([part], new Map(equal === 0 ? [] : [['equal_times', equal]]));
    return { report, actors: new Set(actors).size };
  }

  #scanAll(check: (rowsRead: number) => void): ServerScanned {
    const slice = { index: 0, estimatedRows: Math.max(0, this.#events.table.rows), detail: WHOLE };
    const kept = { events: true, recordedAt: false, properties: [] };
    return this.#run(slice, { kept, actorProperty: null, counting: true }, null, check);
  }

  joinParts(parts: readonly PartitionPart[]): JoinedReport {
    const pieces = parts as readonly ServerPart[];
    this.#scan = joinParts(pieces);
    const { report, whole, dropped } = this.#scan;
    const recent = pieces.flatMap((piece) => piece.recent).toSorted((a, b) => a - b);
    this.#whole = { ...whole, copies: [], recent: recent.slice(-RECENT), hash: '' };
    this.#cuts = this.#cuts?.map((cut, i) => ({ ...cut, hash: pieces[i]?.hash ?? '' })) ?? null;
    const out = dropped.map((rows, i) => [...rows, ...(pieces[i]?.copies ?? [])].toSorted((a, b) => a - b));
    return { ...report, dropped: out, counted: this.#whole };
  }

  slices(range: HourRange, parts: number): readonly ScanSlice[] {
    this.partitions(() => false);
    const counted = { scan: this.#scan, whole: this.#whole ?? NOTHING };
    const events = this.#events;
    if (range.from !== null || range.to !== null) return cutRange(this.#session, events, range, parts, counted);
    return cutWhole(this.#session, events, parts, counted, this.#cuts).slices;
  }

  uncountedSlices(parts: number): readonly ScanSlice[] {
    this.#known = null;
    // Two that read in the snapshot of a third take three places.
    const most = limitOf(this.#ref.target) < 3 ? 1 : parts;
    const { slices, cuts } = cutWhole(this.#session, this.#events, most, null, null);
    this.#cuts = cuts;
    const snapshot = slices.length < 2 ? '' : this.#session.hold(slices.length);
    return slices.map((slice) => ({ ...slice, detail: { ...slice.detail, snapshot } }));
  }

  /** Read as a whole first: rows come in the server's order, batches go out in order of arrival. */
  *scan(
    slice: ScanSlice,
    columns: ScanColumns,
    check: (rowsRead: number) => void = () => undefined,
    counting = false,
  ): Generator<EventBatch, ScanReport> {
    const { properties, recordedAt, actorProperty } = columns;
    const kept = { events: true, recordedAt, properties };
    const scanned = this.#run(slice, { kept, actorProperty, counting }, null, check);
    yield* toBatches(scanned, columns);
    return scanned.report;
  }

  scanInto(
    slice: ScanSlice,
    request: SliceRequest,
    memory: ColumnMemory,
    check: (rowsRead: number) => void,
  ): ScannedInto {
    const { slice: scanned, report } = this.#run(slice, request, memory, check);
    return { slice: scanned, report };
  }

  lookUp(slice: ScanSlice, places: readonly RowPlace[], actorProperty: string | null): readonly FoundRow[] {
    return lookUpServerRows(this.#session, this.#events, slice, places, actorProperty);
  }

  mark(): SourceMark | null {
    return this.#whole === null ? null : markRows(this.#session, this.#events, this.#whole);
  }

  digest(mark: SourceMark, from: number, to: number): Uint32Array | null {
    const server = mark as ServerMark;
    if (hashSchema(this.#events) !== server.detail.schema) return null;
    return digestRows(this.#session, this.#events, server, from, to);
  }

  /** Asked again, the same rows: others may have come meanwhile. */
  rowsSince(mark: SourceMark, counted: PartitionPart): ScanSlice | null {
    const server = mark as ServerMark;
    if (this.#since?.lastSeq !== server.detail.lastSeq) {
      this.#known = null;
      const slice = findNewRows(this.#session, this.#events, server, counted as ServerPart);
      this.#since = { lastSeq: server.detail.lastSeq, slice };
    }
    const { slice } = this.#since;
    if (slice === null) return null;
    const duplicates = [...(this.#scan?.duplicates ?? [])].join(',');
    return { ...slice, detail: { ...slice.detail, duplicates } };
  }
  #since: { readonly lastSeq: number; readonly slice: ScanSlice | null } | null = null;

  /** What a statement for this source has to know. */
  get facts(): ServerFacts {
    this.#hasHourKey ??= hasHourKey(this.#session, this.#ref.target.schema);
    return factsOf(this.#events, this.#hasHourKey);
  }
  #hasHourKey: boolean | null = null;

  /** The tables that hold events, and which of them hold these hours of event time. */
  plannedPartitions(
    hours: HourRange,
    guardHours: number,
    check: (rowsRead: number) => void,
  ): readonly ServerPartition[] {
    return readPlannedPartitions(this.#session, this.#events, hours, guardHours, () => check(0));
  }

  /** What has happened since it was seen in that state. Throws E_SOURCE_CHANGED. */
  changesSince(state: string): RowChanges {
    return findChanges(this.#session, this.#events, state);
  }

  /** One reading statement with its values, in a read-only transaction. */
  runStatement(
    { text, params }: ServerStatement,
    check: (rowsRead: number) => void,
  ): readonly Readonly<Record<string, unknown>>[] {
    const checkHere = (): void => check(0);
    return this.#session.inSnapshot(null, checkHere, () => {
      this.#session.query(`SET LOCAL max_parallel_workers_per_gather = ${PUSHED_WORKERS}`);
      this.#session.query(`SET LOCAL work_mem = '${PUSHED_MEMORY}'`);
      return this.#session.queryNamed(text, params as readonly SqlValue[], checkHere);
    });
  }

  close(): void {
    this.#session.disconnect();
  }

  #run(
    slice: ScanSlice,
    request: SliceRequest,
    memory: ColumnMemory | null,
    check: (rowsRead: number) => void,
  ): ServerScanned {
    return runScan({ session: this.#session, events: this.#events, slice, request, memory, check });
  }
}

function checkOf(shouldStop: (rowsSeen: number) => boolean): (rowsRead: number) => void {
  return (rowsRead) => {
    if (shouldStop(rowsRead)) throw stopped();
  };
}

const stopped = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Start it again when you want the answer.' });
