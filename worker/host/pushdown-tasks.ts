import type { Analysis, ServerPartition, Vocabulary } from '../../protocol/index.ts';
import type { NeededHours } from '../plan/plan-partitions.ts';
import { countEventNames } from '../pushdown/event-names.ts';
import type { FrozenRows } from '../pushdown/frozen-rows.ts';
import { pushDown } from '../pushdown/pushdown.ts';
import { PostgresSource } from '../source/postgres/postgres-source.ts';
import type { RowChanges } from '../source/postgres/server-state.ts';
import { pack, type Packed } from './packed.ts';
import { getCheckpoint, type TaskContext } from './task-context.ts';
import type { ResolvedMoments, SourceHandle } from './tasks.ts';
import { getThreadSource } from './thread-sources.ts';

/** What threads do where a server computes: `TaskMap` has these too. */
export interface PushdownTaskMap {
  /** The statement of an analysis and what the server thinks of it, or why there is none. */
  planPushdown: { payload: PushdownInput; result: PlannedPushdown };
  pushDown: {
    payload: PushdownInput;
    /** `changes`: of the rows that were asked about, since the source was opened; null = all present ones were. */
    result: { readonly body: Packed; readonly changes: RowChanges | null } | { readonly reason: string };
  };
  /** Of all events of the source; null = that cannot be said in SQL. */
  eventNames: {
    payload: SourceHandle & Pick<PushdownInput, 'guardHours' | 'frozen'>;
    result: Vocabulary['events'] | null;
  };
  plannedPartitions: {
    payload: SourceHandle & Pick<PushdownInput, 'hours' | 'guardHours'>;
    result: readonly ServerPartition[];
  };
}
export interface PushdownInput extends SourceHandle {
  readonly analysis: Analysis;
  readonly moments: ResolvedMoments;
  readonly hours: NeededHours;
  readonly guardHours: number;
  readonly firstEventMs: number;
  readonly frozen: FrozenRows | null;
  /** In which the source was opened. */
  readonly state: string;
}
export type PlannedPushdown = { readonly sql: string; readonly cost: number | null } | { readonly reason: string };

export const PUSHDOWN_TASKS = {
  planPushdown: (input: PushdownInput, context: TaskContext): PlannedPushdown => {
    const { source, pushed } = makeStatement(input);
    if ('reason' in pushed) return pushed;
    const { text, params } = pushed.statement;
    const rows = source.runStatement({ text: `EXPLAIN (FORMAT JSON) ${text}`, params }, getCheckpoint(context));
    return { sql: pushed.readable, cost: readCost(rows[0]?.['QUERY PLAN']) };
  },
  pushDown: (input: PushdownInput, context: TaskContext): PushdownTaskMap['pushDown']['result'] => {
    const { source, pushed } = makeStatement(input);
    if ('reason' in pushed) return pushed;
    const rows = source.runStatement(pushed.statement, getCheckpoint(context));
    const changes = input.frozen === null ? null : source.changesSince(input.state);
    return { body: pack(pushed.read(rows)), changes };
  },
  eventNames: (
    { guardHours, frozen, ...handle }: PushdownTaskMap['eventNames']['payload'],
    context: TaskContext,
  ): Vocabulary['events'] | null => {
    const source = getServer(handle);
    const counting = countEventNames({ ...source.facts, dialect: 'postgres', guardHours, frozen });
    return counting?.read(source.runStatement(counting.statement, getCheckpoint(context))) ?? null;
  },
  plannedPartitions: (
    { hours, guardHours, ...handle }: PushdownTaskMap['plannedPartitions']['payload'],
    context: TaskContext,
  ): readonly ServerPartition[] => getServer(handle).plannedPartitions(hours, guardHours, getCheckpoint(context)),
} as const;

function getServer(handle: SourceHandle): PostgresSource {
  const source = getThreadSource(handle);
  if (!(source instanceof PostgresSource)) throw new Error('Not a server.');
  return source;
}

function makeStatement(input: PushdownInput) {
  const source = getServer(input);
  const { analysis, moments, hours, guardHours, firstEventMs, frozen } = input;
  const { lastEventMs, actorSets } = moments;
  const context = {
    ...source.facts,
    dialect: 'postgres' as const,
    frozen,
    hours,
    guardHours,
    firstEventMs,
    lastEventMs,
    moments,
    actorSets,
  };
  return { source, pushed: pushDown(analysis, context) };
}

function readCost(plan: unknown): number | null {
  const [first] = Array.isArray(plan) ? (plan as { readonly Plan?: { readonly 'Total Cost'?: number } }[]) : [];
  return first?.Plan?.['Total Cost'] ?? null;
}
