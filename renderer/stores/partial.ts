import type { PartialRows } from '../../protocol/index.ts';
import { useEntries } from './answer-entries.ts';
import { useSession } from './session.ts';

/**
 * Set while something on the screen was counted from the latest rows alone: the open source is a preview, or all rows have
 * just taken its place and the last answers have not. null = everything is of all rows.
 */
export function usePartial(): PartialRows | null {
  const source = useSession((s) => s.source?.partial);
  const shown = useEntries(({ byKey }) => {
    for (const { shown: answer } of Object.values(byKey))
      if (answer?.result.plan.partial) return answer.result.plan.partial;
    return undefined;
  });
  return source ?? shown ?? null;
}

/** Why nothing is written to a file now; null = it is. */
export const usePartialHold = (): string | null =>
  usePartial() === null ? null : 'Only the latest rows were read so far. Export when all rows are read.';
