import { EngineError } from '../../protocol/errors.ts';
import type { Analysis, AnalysisResult, Detail, PlanSummary } from '../../protocol/index.ts';
import { resolveContext } from '../compute/resolve-context.ts';
import { getNeededHistory } from '../plan/needed-history.ts';
import { getNeededHours, planPartitions } from '../plan/plan-partitions.ts';
import { getRequiredColumns } from '../plan/required-columns.ts';

import { canonicalJson } from './canonical-json.ts';
import { makeContext } from './compute-tasks.ts';
import { getComputeModule } from '../compute/registry.ts';
import type { Packed } from './packed.ts';
import { RecentMap } from './recent-map.ts';
import { runOnRanges } from './run-on-ranges.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment, SegmentNeed } from './segment-set.ts';
import type { SourceSession } from './source-session.ts';
import type { ResolvedMoments } from './tasks.ts';
import { getWarnings } from './warnings.ts';

const KEPT_SELECTIONS = 8;

/** An answer with what later questions about it need: its segment, its moments, the actor lists opened so far. */
export interface CachedAnswer {
  readonly analysis: Analysis;
  readonly moments: ResolvedMoments;
  readonly held: HeldSegment;
  readonly packed: Packed;
  readonly result: AnalysisResult;
  readonly selections: RecentMap<string, Uint32Array>;
}

interface Prepared {
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
  const need: SegmentNeed = {
    actorProperty: analysis.actorFrom?.slice('props.'.length) ?? null,
    hours: session.description.prunable ? getNeededHours(getNeededHistory(analysis, times)) : { from: null, to: null },
    properties: getRequiredColumns(analysis),
    recordedAt: analysis.knownAt !== null,
  };
  return { analysis, need, moments: { ...times, lastEventMs: session.lastEventMs, detail } };
}

export function getPlan(session: SourceSession, { need }: Prepared): PlanSummary {
  const held = session.segments.find(need);
  return summarizePlan(session, need, held === null ? null : 'cached');
}

function summarizePlan(session: SourceSession, need: SegmentNeed, scan: PlanSummary['scan'] | null): PlanSummary {
  const { report, description, pool } = session;
  const plan = planPartitions({
    partitions: report.partitions,
    guardHours: report.guardHours,
    prunable: description.prunable,
    needed: need.hours,
    columns: need.properties,
    threads: pool.size,
    inMemory: false,
  });
  return scan === null ? plan : { ...plan, scan };
}

/** The answer from the cache or computed. The source is compared with the one opened before an answer is given. */
export async function getAnswer(
  session: SourceSession,
  analysis: Analysis,
  scope: RequestScope,
  detail: Detail = 'full',
): Promise<CachedAnswer> {
  const key = `${detail} ${canonicalJson({ ...analysis, title: undefined })}`;
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
  const startedAt = performance.now();
  const prepared = prepare(session, analysis, detail);
  const { held, scan } = await session.ensureSegment(prepared.need, scope);
  const builtAt = performance.now();
  const { body, packed } = await computeBody(session, held, prepared, scope);
  const now = performance.now();
  const { moments } = prepared;
  const result = {
    ...(body as object),
    version: 1,
    timezone: analysis.timezone,
    asOf: Number.isFinite(moments.asOfMs) ? new Date(moments.asOfMs).toISOString() : null,
    semantics: getComputeModule(analysis.type).semantics(analysis),
    plan: summarizePlan(session, prepared.need, scan),
    timing: { totalMs: round(now - startedAt), buildMs: round(builtAt - startedAt), computeMs: round(now - builtAt) },
    warnings: getWarnings(session, held.segment, analysis),
  } as AnalysisResult;
  return { analysis, moments, held, packed, result, selections: new RecentMap(KEPT_SELECTIONS) };
}

async function computeBody(
  session: SourceSession,
  held: HeldSegment,
  { analysis, moments }: Prepared,
  scope: RequestScope,
): Promise<{ readonly body: unknown; readonly packed: Packed }> {
  const { segment } = held;
  const partials = await computePartials(session, held, { analysis, moments }, scope);
  return session.pool.run(
    'merge',
    { analysis, moments, partials },
    { control: scope.control, segment: { key: held.key, value: segment } },
  );
}

async function computePartials(
  { pool }: SourceSession,
  held: HeldSegment,
  { analysis, moments }: Pick<Prepared, 'analysis' | 'moments'>,
  scope: RequestScope,
): Promise<Packed[]> {
  const all = { from: 0, to: held.segment.actorCount };
  const whole = makeContext(held.segment, all, moments, () => scope.throwIfStopped());
  const names = getComputeModule(analysis.type).derived?.(whole, analysis) ?? [];
  const { columns: derived, release } = await held.derived.use(held, names, scope);
  try {
    scope.begin('compute', 'actors', held.segment.actorCount);
    return await runOnRanges(pool, held, 'compute', (range) => ({ analysis, moments, range, derived }), scope);
  } finally {
    release();
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
