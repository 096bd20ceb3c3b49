import { EngineError } from '../../protocol/errors.ts';
import type {
  Analysis,
  AnalysisResult,
  ComputePlan,
  Detail,
  PlannedPartitions,
  PlanSummary,
} from '../../protocol/index.ts';
import { getComputeModule } from '../compute/registry.ts';
import { getSegmentRules } from './actor-segments.ts';
import { getAnswer, getPlan, prepare, type Prepared } from './answer.ts';
import { getMostPulled } from './most-pulled.ts';
import { summarizePlan } from './plan-summary.ts';
import { beyondBudget, getBudgetRows, getRowsToMove } from './pull-budget.ts';
import { unpack } from './packed.ts';
import type { PlannedPushdown, PushdownInput } from './pushdown-tasks.ts';
import type { RequestScope } from './request-scope.ts';
import type { SourceSession } from './source-session.ts';

export type ComputeWay = 'auto' | 'pull' | 'pushdown';
export interface WayAsked {
  readonly compute: ComputeWay;
  readonly confirmed: boolean;
}

/** Beyond it somebody has to say yes. */
const BUDGET_COST = 50_000_000;
/** Of a row on the line: time, type, actor, hour and number of arrival with their lengths; and each property. */
const ROW_BYTES = 84;
const PROPERTY_BYTES = 16;

/** What is read, where it is computed and why. For a file null. */
export async function planWay(
  session: SourceSession,
  prepared: Prepared,
  { compute }: WayAsked,
  scope: RequestScope,
): Promise<ComputePlan | null> {
  if (session.handle.ref.kind !== 'postgres') return null;
  const rows = getRowsToMove(session, prepared.need);
  const bytes = rows * (ROW_BYTES + PROPERTY_BYTES * prepared.need.properties.length);
  const wants = compute === 'pushdown' || (compute === 'auto' && rows > getMostPulled());
  const pushed = wants
    ? await session.pool.run('planPushdown', inputOf(session, prepared), { control: scope.control })
    : null;
  if (compute === 'pushdown' && pushed !== null && 'reason' in pushed) throw noPushdown(pushed.reason);
  const way = pushed !== null && 'sql' in pushed ? 'pushdown' : 'pull';
  const cost = pushed !== null && 'sql' in pushed ? pushed.cost : null;
  return {
    way,
    why: explainWay(compute, rows, pushed),
    rowsToMove: way === 'pull' ? rows : 0,
    bytesToMove: way === 'pull' ? bytes : 0,
    cost,
    sql: pushed !== null && 'sql' in pushed ? pushed.sql : null,
    noPushdown: pushed !== null && 'reason' in pushed ? pushed.reason : null,
    needsConfirmation: way === 'pull' ? rows > getBudgetRows() : (cost ?? 0) > BUDGET_COST,
  };
}

/** What would be read of a question, and of a server in which of its tables that lies. */
export async function planReading(
  session: SourceSession,
  analysis: Analysis,
  asked: WayAsked,
  scope: RequestScope,
): Promise<PlannedPartitions> {
  const prepared = prepare(session, analysis);
  const compute = await planWay(session, prepared, asked, scope);
  const plan = getPlan(session, prepared);
  if (compute === null) return { plan, partitions: [] };
  const { guardHours } = session.report;
  const input = { ...session.handle, hours: prepared.need.hours, guardHours };
  const partitions = await session.pool.run('plannedPartitions', input, { control: scope.control });
  return { plan: { ...plan, compute }, partitions };
}

const count = (rows: number): string => rows.toLocaleString('en-US');

function explainWay(compute: ComputeWay, rows: number, pushed: PlannedPushdown | null): string {
  if (compute !== 'auto')
    return compute === 'pull' ? 'Asked for: rows are moved here.' : 'Asked for: the server computes.';
  if (rows === 0) return 'The rows are here already.';
  if (pushed === null)
    return `${count(rows)} rows are moved here, once: up to ${count(getMostPulled())} that is the quicker way.`;
  return 'reason' in pushed
    ? `${count(rows)} rows have to be moved: ${pushed.reason}`
    : `The server computes: ${count(rows)} rows would have to be moved.`;
}

/** The answer, computed where it is best or where it was asked to be. Throws E_NEEDS_CONFIRMATION. */
export async function runByWay(
  session: SourceSession,
  analysis: Analysis,
  asked: WayAsked & { readonly detail: Detail },
  scope: RequestScope,
): Promise<AnalysisResult> {
  if (session.handle.ref.kind === 'sqlite') return (await getAnswer(session, analysis, scope, asked.detail)).result;
  const prepared = prepare(session, analysis, asked.detail);
  const compute = await planWay(session, prepared, asked, scope);
  if (asked.confirmed) session.isConfirmed = true;
  else checkBudget(compute);
  if (compute !== null) scope.plan = { ...getPlan(session, prepared), compute: { ...compute, sql: null } };
  // From here on there may be something to wait for.
  if (compute !== null && compute.rowsToMove > 0) scope.begin('scan', 'rows', compute.rowsToMove);
  if (compute?.way === 'pushdown') return runPushdown(session, analysis, compute, scope);
  const { result } = await getAnswer(session, analysis, scope, asked.detail);
  return compute === null ? result : { ...result, plan: { ...result.plan, compute } };
}

/** Throws E_NEEDS_CONFIRMATION. */
function checkBudget(plan: ComputePlan | null): void {
  if (plan?.needsConfirmation !== true) return;
  throw beyondBudget(
    plan.way === 'pull'
      ? `${count(plan.rowsToMove)} rows would be moved from the server`
      : `The server expects this to cost ${count(Math.round(plan.cost ?? 0))} units`,
  );
}

/** The answer as the server computed it, in one statement. */
async function runPushdown(
  session: SourceSession,
  analysis: Analysis,
  compute: ComputePlan,
  scope: RequestScope,
): Promise<AnalysisResult> {
  const startedAt = performance.now();
  const prepared = prepare(session, analysis);
  scope.begin('compute', 'rows', null);
  const pushed = await session.pool.run('pushDown', inputOf(session, prepared), { control: scope.control });
  if ('reason' in pushed) throw noPushdown(pushed.reason);
  const totalMs = Math.round((performance.now() - startedAt) * 100) / 100;
  const { asOfMs } = prepared.moments;
  const plan: PlanSummary = { ...summarizePlan(session, prepared.need, null), compute };
  return {
    ...(unpack(pushed.body) as object),
    version: 1,
    timezone: analysis.timezone,
    asOf: Number.isFinite(asOfMs) ? new Date(asOfMs).toISOString() : null,
    semantics: [...getComputeModule(analysis.type).semantics(analysis), ...getSegmentRules(prepared.moments)],
    plan,
    timing: { totalMs, buildMs: 0, computeMs: totalMs },
    warnings: [],
  } as unknown as AnalysisResult;
}

function inputOf(session: SourceSession, { analysis, moments, need }: Prepared): PushdownInput {
  const { handle, report, firstEventMs } = session;
  return { ...handle, analysis, moments, hours: need.hours, guardHours: report.guardHours, firstEventMs };
}

const noPushdown = (reason: string): EngineError =>
  new EngineError('E_UNSUPPORTED', `The server cannot compute this analysis: ${reason}`, {
    hint: 'Ask with compute "pull", or "auto".',
    path: 'compute',
  });
