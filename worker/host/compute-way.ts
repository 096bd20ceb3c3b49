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
import { getFrozenRows } from './frozen-rows.ts';
import { getMostPulled } from './most-pulled.ts';
import { summarizePlan } from './plan-summary.ts';
import { beyondBudget, getBudgetRows } from './pull-budget.ts';
import { unpack } from './packed.ts';
import type { PlannedPushdown, PushdownInput } from './pushdown-tasks.ts';
import type { RequestScope } from './request-scope.ts';
import type { SourceSession } from './source-session.ts';
import { getChangeWarnings } from './warnings.ts';

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

/** Where what `plan` reads of a server is computed, and why. */
async function planWay(
  session: SourceSession,
  prepared: Prepared,
  plan: PlanSummary,
  compute: ComputeWay,
  scope: RequestScope,
): Promise<ComputePlan> {
  const rows = plan.scan === 'cached' ? 0 : plan.rowsRead;
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
    why: explainWay(compute, rows, pushed) + (way === 'pushdown' && getFrozenRows(session) === null ? OF_NOW : ''),
    rowsToMove: way === 'pull' ? rows : 0,
    bytesToMove: way === 'pull' ? bytes : 0,
    cost,
    sql: pushed !== null && 'sql' in pushed ? pushed.sql : null,
    noPushdown: pushed !== null && 'reason' in pushed ? pushed.reason : null,
    needsConfirmation: way === 'pull' ? rows > getBudgetRows() : (cost ?? 0) > BUDGET_COST,
  };
}

const OF_NOW =
  ' It answers of its present state: nothing in this table tells the rows that were there when it was opened.';

/** What would be read of a question, and of a server where that is computed. */
export async function planAnalysis(
  session: SourceSession,
  analysis: Analysis,
  { compute }: WayAsked,
  scope: RequestScope,
): Promise<PlanSummary> {
  const prepared = prepare(session, analysis);
  const plan = getPlan(session, prepared);
  return session.handle.ref.kind === 'sqlite'
    ? plan
    : { ...plan, compute: await planWay(session, prepared, plan, compute, scope) };
}

/** The same with the tables of the server in which that lies. */
export async function planReading(
  session: SourceSession,
  analysis: Analysis,
  asked: WayAsked,
  scope: RequestScope,
): Promise<PlannedPartitions> {
  const plan = await planAnalysis(session, analysis, asked, scope);
  if (session.handle.ref.kind === 'sqlite') return { plan, partitions: [] };
  const { need } = prepare(session, analysis);
  const { guardHours } = session.report;
  const input = { ...session.handle, hours: need.hours, guardHours };
  const partitions = await session.pool.run('plannedPartitions', input, { control: scope.control });
  return { plan, partitions };
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
  const plan = getPlan(session, prepared);
  const compute = await planWay(session, prepared, plan, asked.compute, scope);
  if (asked.confirmed) session.isConfirmed = true;
  else checkBudget(compute);
  // Who computes the answer takes it for checked.
  scope.plan = { ...plan, compute: { ...compute, sql: null } };
  // From here on there may be something to wait for.
  if (compute.rowsToMove > 0) scope.begin('scan', 'rows', compute.rowsToMove);
  if (compute.way === 'pushdown') return runPushdown(session, prepared, compute, scope);
  const { result } = await getAnswer(session, analysis, scope, asked.detail);
  return { ...result, plan: { ...result.plan, compute } };
}

/** Throws E_NEEDS_CONFIRMATION. */
function checkBudget(plan: ComputePlan): void {
  if (!plan.needsConfirmation) return;
  throw beyondBudget(
    plan.way === 'pull'
      ? `${count(plan.rowsToMove)} rows would be moved from the server`
      : `The server expects this to cost ${count(Math.round(plan.cost ?? 0))} units`,
  );
}

/** The answer as the server computed it, in one statement. */
async function runPushdown(
  session: SourceSession,
  prepared: Prepared,
  compute: ComputePlan,
  scope: RequestScope,
): Promise<AnalysisResult> {
  const startedAt = performance.now();
  const { analysis, moments } = prepared;
  scope.begin('compute', 'rows', null);
  const pushed = await session.pool.run('pushDown', inputOf(session, prepared), { control: scope.control });
  if ('reason' in pushed) throw noPushdown(pushed.reason);
  const totalMs = Math.round((performance.now() - startedAt) * 100) / 100;
  const { asOfMs } = moments;
  const plan: PlanSummary = { ...summarizePlan(session, prepared.need, null), compute };
  return {
    ...(unpack(pushed.body) as object),
    version: 1,
    timezone: analysis.timezone,
    asOf: Number.isFinite(asOfMs) ? new Date(asOfMs).toISOString() : null,
    semantics: [...getComputeModule(analysis.type).semantics(analysis), ...getSegmentRules(moments)],
    plan,
    timing: { totalMs, buildMs: 0, computeMs: totalMs },
    warnings: getChangeWarnings(session, pushed.changes),
  } as unknown as AnalysisResult;
}

function inputOf(session: SourceSession, { analysis, moments, need }: Prepared): PushdownInput {
  const { handle, report, firstEventMs, openedState: state } = session;
  const frozen = getFrozenRows(session);
  const { hours } = need;
  return { ...handle, analysis, moments, hours, guardHours: report.guardHours, firstEventMs, frozen, state };
}

const noPushdown = (reason: string): EngineError =>
  new EngineError('E_UNSUPPORTED', `The server cannot compute this analysis: ${reason}`, {
    hint: 'Ask with compute "pull", or "auto".',
    path: 'compute',
  });
