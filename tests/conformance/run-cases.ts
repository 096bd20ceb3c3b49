import { EngineError } from '../../protocol/index.ts';
import type { Backend } from './backend.ts';
import { CHECKS } from './check-case.ts';
import type { ConformanceCase } from './case-files.ts';
import type { Differences } from './compare.ts';

export interface CaseOutcome {
  readonly id: string;
  readonly kind: string;
  readonly differences: Differences;
}

/** An error of ours is a difference, too, and so is a kind that no check knows. */
export async function runCase(c: ConformanceCase, backend: Backend): Promise<CaseOutcome> {
  const check = CHECKS[c.kind];
  if (check === undefined) return { id: c.id, kind: c.kind, differences: ['no check knows this kind'] };
  try {
    const log = await backend.open(c.events);
    try {
      return { id: c.id, kind: c.kind, differences: await check(c, log) };
    } finally {
      await log.close();
    }
  } catch (error) {
    return { id: c.id, kind: c.kind, differences: [describeError(error)] };
  }
}

/** Where one of our own mistakes happened matters; what the engine refuses says enough itself. */
export function describeError(error: unknown): string {
  if (error instanceof EngineError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
