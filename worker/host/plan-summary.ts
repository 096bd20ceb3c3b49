import type { PlanSummary } from '../../protocol/index.ts';
import { planPartitions } from '../plan/plan-partitions.ts';
import type { SegmentNeed } from './held-segment.ts';
import type { SourceSession } from './source-session.ts';

/** What `need` reads of a source. `scan` = how it was read; null = as planned. */
export function summarizePlan(
  session: SourceSession,
  need: SegmentNeed,
  scan: PlanSummary['scan'] | null,
): PlanSummary {
  const { report, description, pool, partial } = session;
  const plan = planPartitions({
    partitions: report.hours,
    guardHours: report.guardHours,
    prunable: description.prunable,
    needed: need.hours,
    columns: need.properties,
    threads: pool.size,
    inMemory: false,
  });
  return { ...plan, ...(scan === null ? {} : { scan }), ...(partial === null ? {} : { partial }) };
}
