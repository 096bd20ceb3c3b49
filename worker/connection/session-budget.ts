import { EngineError } from '../../protocol/errors.ts';

/** Sessions at most per database and process, unless a caller knows better: courtesy to a server that others use too. */
export const SESSION_LIMIT = 3;

interface Budget {
  inUse: number;
  readonly waiting: (() => void)[];
}
const budgets = new Map<string, Budget>();

/** For people to see: how many sessions each database has from this process. */
export interface SessionCount {
  /** As of `formatTarget`. */
  readonly address: string;
  readonly inUse: number;
  readonly limit: number;
}
export const countSessions = (): readonly SessionCount[] =>
  [...budgets].map(([address, { inUse }]) => ({ address, inUse, limit: SESSION_LIMIT }));

/**
 * Waits for a free place, first come first served; answers how to give it back (once, later calls do nothing). Throws
 * E_SERVER_BUSY after `timeoutMs`.
 */
export async function takePlace(address: string, limit: number, timeoutMs: number): Promise<() => void> {
  const budget = budgets.get(address) ?? { inUse: 0, waiting: [] };
  budgets.set(address, budget);
  if (budget.inUse >= limit) await waitForPlace(budget, limit, timeoutMs);
  else budget.inUse += 1;
  let taken = true;
  return () => {
    if (taken) giveBack(address, budget);
    taken = false;
  };
}

/** A place that becomes free is handed over without being counted down in between. */
function giveBack(address: string, budget: Budget): void {
  const next = budget.waiting.shift();
  if (next !== undefined) return next();
  budget.inUse -= 1;
  if (budget.inUse === 0) budgets.delete(address);
}

function waitForPlace(budget: Budget, limit: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      budget.waiting.splice(budget.waiting.indexOf(enter), 1);
      reject(allTaken(limit));
    }, timeoutMs);
    const enter = (): void => {
      clearTimeout(timer);
      resolve();
    };
    budget.waiting.push(enter);
  });
}

const allTaken = (limit: number): EngineError =>
  new EngineError('E_SERVER_BUSY', `All ${limit} connections that Tributary allows itself here are in use.`, {
    hint: 'Wait for what is running, or cancel it.',
  });
