import { EngineError } from '../../protocol/errors.ts';
import type { Analysis, AnalysisResult, Detail, PlanSummary } from '../../protocol/index.ts';
import { resolveContext } from '../compute/resolve-context.ts';
import { getNeededHistory } from '../plan/needed-history.ts';
import { getNeededHours } from '../plan/plan-partitions.ts';
import { checkSegmentUse, getRequiredColumns } from '../plan/required-columns.ts';

import { getSegmentRules, getSegmentWarnings, nameSets } from './actor-segments.ts';
import { computeFromDerived, READY_AFTER_MS } from './answer-from-derived.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Prepared as PreparedPart } from '../compute/compute-module.ts';
import { makeContext } from './compute-tasks.ts';
import { hasFirsts } from '../compute/derived-first.ts';
import { getComputeModule } from '../compute/registry.ts';
import { pack, unpack, type Packed } from './packed.ts';
import { summarizePlan } from './plan-summary.ts';
import { checkPull } from './pull-budget.ts';
import { RecentMap } from './recent-map.ts';
import { getColumnsNeeded, runOnRanges } from './run-on-ranges.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment, SegmentNeed } from './held-segment.ts';
import type { SourceSession } from './source-session.ts';
import type { DerivedColumns } from '../segment/derived-column.ts';
import type { ActorRange, Segment } from '../segment/segment.ts';
import { ColumnDamaged } from '../store/column-file.ts';
import type { ResolvedMoments, TaskMap } from './tasks.ts';
import { isShortAnswer, isShortShare } from './short-answer.ts';
import { getWarnings } from './warnings.ts';

const KEPT_SELECTIONS = 8;

/** An answer with what later questions about it need: its segment, its moments, the actor lists opened so far. */
export interface CachedAnswer {
  readonly analysis: Analysis;
  readonly moments: ResolvedMoments;
  readonly held: HeldSegment;
  /** The body for `select`, packed when first asked for. */
  readonly packed: () => Packed;
  readonly result: AnalysisResult;
  readonly selections: RecentMap<string, Uint32Array>;
}

export interface Prepared {
  readonly analysis: Analysis;
  readonly moments: ResolvedMoments;
  readonly need: SegmentNeed;
}

/** Resolves moments and needs of a document. Throws E_BAD_QUERY, E_BAD_TIME_ZONE, E_UNSUPPORTED. */
export function prepare(session: SourceSession, analysis: Analysis, detail: Detail = 'full'): Prepared {
  const times = resolveContext(analysis);
  if (analysis.knownAt !== null && !session.description.hasRecordedAt)
    throw new EngineError(
      'E_UNSUPPORTED',
      'This source does not say when its rows were recorded, so "known at" cannot be answered.',
      {
        hint: 'Leave knownAt out, or name the recorded time in the mapping.',
        path: 'knownAt',
      },
    );
  checkSegmentUse(analysis);
  const actorSets = session.actorSegments.find(analysis);
  const need: SegmentNeed = {
    actorProperty: analysis.actorFrom?.slice('props.'.length) ?? null,
    hours: session.description.prunable ? getNeededHours(getNeededHistory(analysis, times)) : { from: null, to: null },
    properties: getRequiredColumns(analysis),
    recordedAt: analysis.knownAt !== null,
    groups: actorSets !== undefined || getText(analysis).includes('"$actor"') ? ['events', 'actors'] : ['events'],
  };
  return { analysis, need, moments: { ...times, lastEventMs: session.lastEventMs, detail, actorSets } };
}

/** Equal for documents that ask the same. A document that was checked before comes again as the same object. */
function getText(analysis: Analysis): string {
  const known = texts.get(analysis) ?? canonicalJson({ ...analysis, title: undefined });
  texts.set(analysis, known);
  return known;
}
const texts = new WeakMap<Analysis, string>();

/** Properties that an analysis reads of the segment that is built when a source is opened. */
export const getFirstColumns = (analysis: Analysis): readonly string[] =>
  analysis.actorFrom ? [] : getRequiredColumns(analysis);

/** An answer whose segment has all that lists of actors need: ids too. */
export async function getWholeAnswer(
  session: SourceSession,
  analysis: Analysis,
  scope: RequestScope,
): Promise<CachedAnswer> {
  const answer = await getAnswer(session, analysis, scope);
  if (await session.segments.complete(answer.held)) return answer;
  session.answers.clear();
  return getAnswer(session, analysis, scope);
}

export function getPlan(session: SourceSession, { need }: Prepared): PlanSummary {
  const held = session.segments.find(need);
  return summarizePlan(session, need, held === null ? null : 'cached');
}

/** The answer from the cache or computed. The source is compared with the one opened before an answer is given. */
export async function getAnswer(
  session: SourceSession,
  analysis: Analysis,
  scope: RequestScope,
  detail: Detail = 'full',
): Promise<CachedAnswer> {
  const sets = nameSets(session.actorSegments.find(analysis));
  const key = `${detail} ${getText(analysis)} ${sets}`;
  const known = session.answers.get(key);
  const answer = known ?? (await computeAnswer(session, analysis, scope, detail));
  await session.checkUnchanged();
  if (known === undefined) session.answers.set(key, answer);
  return answer;
}

async function computeAnswer(
  session: SourceSession,
  analysis: Analysis,
  scope: RequestScope,
  detail: Detail,
): Promise<CachedAnswer> {
  try {
    return await computeOnce(session, analysis, scope, detail);
  } catch (error) {
    if (!(error instanceof ColumnDamaged)) throw error;
    await session.segments.dropDamaged(prepare(session, analysis).need.actorProperty);
    // What it says was here is not.
    scope.plan = null;
    return computeOnce(session, analysis, scope, detail);
  }
}

/** Throws ColumnDamaged when what was kept of the segment cannot be read. */
async function computeOnce(
  session: SourceSession,
  analysis: Analysis,
  scope: RequestScope,
  detail: Detail,
): Promise<CachedAnswer> {
  const startedAt = performance.now();
  const prepared = prepare(session, analysis, detail);
  if (scope.plan === null) {
    checkPull(session, prepared.need);
    scope.plan = getPlan(session, prepared);
  }
  const early = await computeFromDerived(session, prepared, scope);
  if (early === null && !isShortAnswer(analysis, session.events, session.kernels)) session.pool.warmUp();
  const { held, scan } =
    early === null ? await session.ensureSegment(prepared.need, scope) : { held: early.held, scan: 'cached' as const };
  const builtAt = performance.now();
  const moments = await surveyWindows(session, held, prepared, scope);
  const { body, packed } =
    early === null
      ? await computeBody(session, held, { ...prepared, moments }, scope)
      : mergeHere(held, prepared, early.partials, scope);
  const now = performance.now();
  const result = {
    ...(body as object),
    version: 1,
    timezone: analysis.timezone,
    asOf: Number.isFinite(moments.asOfMs) ? new Date(moments.asOfMs).toISOString() : null,
    semantics: [...getComputeModule(analysis.type).semantics(analysis), ...getSegmentRules(moments)],
    plan: summarizePlan(session, prepared.need, scan),
    timing: { totalMs: round(now - startedAt), buildMs: round(builtAt - startedAt), computeMs: round(now - builtAt) },
    warnings: [
      ...getWarnings(session, held.segment, analysis),
      ...(await getSegmentWarnings(session.pool, held, moments, scope)),
    ],
  } as unknown as AnalysisResult;
  return { analysis, moments, held, packed, result, selections: new RecentMap(KEPT_SELECTIONS) };
}

/** What a module counts over all actors first, where no thread has them all. */
async function surveyWindows(
  { pool }: SourceSession,
  held: HeldSegment,
  { analysis, moments }: Prepared,
  scope: RequestScope,
): Promise<ResolvedMoments> {
  if (held.windows === null || getComputeModule(analysis.type).survey === undefined) return moments;
  scope.begin('compute', 'actors', held.segment.actorCount);
  const payloadOf = (range: ActorRange): TaskMap['survey']['payload'] => ({ analysis, moments, range });
  const parts = await runOnRanges(pool, held, 'survey', payloadOf, scope, getColumnsNeeded(analysis));
  const [survey = null, ...others] = parts;
  for (const part of others) part?.forEach((count, i) => survey !== null && (survey[i] = (survey[i] ?? 0) + count));
  return { ...moments, survey };
}

async function computeBody(
  session: SourceSession,
  held: HeldSegment,
  { analysis, moments }: Prepared,
  scope: RequestScope,
): Promise<Body> {
  const { segment } = held;
  const kept = await mergeKept(session, held, { analysis, moments }, scope);
  if (kept !== null) return kept;
  const partials = await computePartials(session, held, { analysis, moments }, scope);
  const most = getComputeModule(analysis.type).addsCells === true ? ADDED_BYTES : SMALL_BYTES;
  if (sizeOf(partials) <= most) return mergeHere(held, { analysis, moments }, partials.map(unpack), scope);
  const { body, packed } = await session.pool.run(
    'merge',
    { analysis, moments, partials },
    { control: scope.control, segment: { key: held.key, value: segment }, inline: true },
  );
  return { body, packed: () => packed };
}

/** Lists of some hundred thousand cells take longer to send than to make. */
function mergeHere(
  { segment }: HeldSegment,
  { analysis, moments }: Pick<Prepared, 'analysis' | 'moments'>,
  partials: readonly unknown[],
  scope: RequestScope,
): Body {
  scope.throwIfStopped();
  const whole = makeContext(segment, getAll(segment), moments, () => scope.throwIfStopped());
  return packLater(getComputeModule(analysis.type).merge(partials, analysis, whole));
}

interface Body {
  readonly body: unknown;
  readonly packed: () => Packed;
}
function packLater(body: unknown): Body {
  let packed: Packed | null = null;
  return { body, packed: () => (packed ??= pack(body)) };
}

const getAll = ({ actorCount }: Segment): ActorRange => ({ from: 0, to: actorCount });

/** Some milliseconds. */
const ADDED_BYTES = 8 << 20;
/** Partials up to this are merged here: asking a thread takes longer. */
const SMALL_BYTES = 65_536;
const sizeOf = (partials: readonly Packed[]): number =>
  partials.reduce(
    (sum, { bytes, columns }) => columns.reduce((n, { byteLength }) => n + byteLength, sum + bytes.length),
    0,
  );

/** The answer from partials that are kept or looked up (`Preparation.partialOf`), made here: asking a thread takes longer. */
async function mergeKept(
  { pool }: SourceSession,
  held: HeldSegment,
  query: Pick<Prepared, 'analysis' | 'moments'>,
  scope: RequestScope,
): Promise<Body | null> {
  const { analysis, moments } = query;
  const module = getComputeModule(analysis.type);
  const { preparation } = module;
  if (preparation?.partialOf === undefined || pool.isCold) return null;
  const whole = makeContext(held.segment, getAll(held.segment), moments, () => scope.throwIfStopped());
  const parts = await held.derived.prepared.use(held, query, whole, scope);
  if (parts.length === 0) return null;
  const partials = parts.map((part) => preparation.partialOf?.(part, whole, analysis) ?? null);
  if (partials.includes(null)) return null;
  return packLater(module.merge(partials, analysis, whole));
}

async function computePartials(
  { pool }: SourceSession,
  held: HeldSegment,
  { analysis, moments }: Pick<Prepared, 'analysis' | 'moments'>,
  scope: RequestScope,
): Promise<Packed[]> {
  const all = getAll(held.segment);
  const whole = makeContext(held.segment, all, moments, () => scope.throwIfStopped());
  const names = getComputeModule(analysis.type).derived?.(whole, analysis) ?? [];
  const { columns: derived, release } = await held.derived.use(held, names, scope);
  try {
    const query = { analysis, moments };
    const payloadOf = (range: ActorRange, prepared: PreparedPart | null): TaskMap['compute']['payload'] => ({
      ...query,
      range,
      derived,
      prepared,
    });
    if (!pool.isCold || held.windows !== null || !isShort(held.segment, analysis)) {
      const parts = await held.derived.prepared.use(held, query, whole, scope);
      scope.begin('compute', 'actors', held.segment.actorCount);
      const payload = (range: ActorRange, i: number): TaskMap['compute']['payload'] =>
        payloadOf(range, parts[i] ?? null);
      const takesShare = isShareShort(held.segment, analysis, pool.size, derived);
      return await runOnRanges(pool, held, 'compute', payload, scope, getColumnsNeeded(analysis), takesShare);
    }
    scope.begin('compute', 'actors', held.segment.actorCount);
    const segment = { key: held.key, value: held.segment };
    const partial = await pool.run('compute', payloadOf(all, null), { control: scope.control, segment, inline: true });
    setTimeout(() => pool.warmUp(), READY_AFTER_MS).unref();
    return [partial];
  } finally {
    release();
  }
}

const isShort = ({ eventCount, memory }: Segment, analysis: Analysis): boolean =>
  isShortAnswer(analysis, eventCount, memory !== null);

const isShareShort = (segment: Segment, analysis: Analysis, shares: number, derived: DerivedColumns): boolean =>
  segment.memory !== null && isShortShare(analysis, segment.eventCount / shares, hasFirsts(derived));

const round = (ms: number): number => Math.round(ms * 100) / 100;
