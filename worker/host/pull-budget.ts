import { EngineError } from '../../protocol/errors.ts';
import { summarizePlan } from './plan-summary.ts';
import type { SegmentNeed } from './held-segment.ts';
import type { SourceSession } from './source-session.ts';

/** Beyond so many rows of a server (TRIBUTARY_BUDGET_ROWS) somebody has to say yes. */
const BUDGET_ROWS = 20_000_000;
/** What is no number counts as not said. */
export function getBudgetRows(env = process.env['TRIBUTARY_BUDGET_ROWS']): number {
  const said = env === undefined || env === '' ? Number.NaN : Number(env);
  return said >= 0 ? said : BUDGET_ROWS;
}

/** Rows of a server that would be moved here for `need`; 0 = they are here, or it is a file. */
export function getRowsToMove(session: SourceSession, need: SegmentNeed): number {
  if (session.handle.ref.kind === 'sqlite' || session.segments.find(need) !== null) return 0;
  return summarizePlan(session, need, null).rowsRead;
}

/** Before anything is moved, whatever asks for it. Throws E_NEEDS_CONFIRMATION. */
export function checkPull(session: SourceSession, need: SegmentNeed): void {
  if (session.isConfirmed) return;
  const rows = getRowsToMove(session, need);
  if (rows > getBudgetRows()) throw beyondBudget(`${rows.toLocaleString('en-US')} rows would be moved from the server`);
}

export const beyondBudget = (what: string): EngineError =>
  new EngineError('E_NEEDS_CONFIRMATION', `${what}, which is more than the budget.`, {
    hint: 'Narrow the date range, or say yes to it (`confirmed`).',
  });
