import type { Estimate, PlanNode, SqlPlan } from '../../../protocol/query-schema.ts';
import type { ReadOnlySession } from './read-only-session.ts';

/** A plan as `EXPLAIN (FORMAT JSON)` gives it. */
export interface RawNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Schema?: string;
  readonly 'Index Name'?: string;
  readonly 'CTE Name'?: string;
  readonly Alias?: string;
  readonly 'Total Cost'?: number;
  readonly 'Plan Rows'?: number;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Actual Total Time'?: number;
  readonly 'Subplans Removed'?: number;
  readonly Plans?: readonly RawNode[];
  readonly [key: string]: unknown;
}
export interface RawPlan {
  readonly Plan: RawNode;
  readonly 'Planning Time'?: number;
  readonly 'Execution Time'?: number;
}
interface Relation {
  readonly name: string;
  readonly rows: number;
  readonly parent: string | null;
  /** Partitions of its parent. */
  readonly siblings: number;
}

/** A server that would read so much for one statement is asked for only after a yes: rows read whole, and the planner's cost. */
const UNBOUNDED_ROWS = 2_000_000;
const UNBOUNDED_COST = 100_000;

function* walk(node: RawNode): Generator<RawNode> {
  yield node;
  for (const child of node.Plans ?? []) yield* walk(child);
}

async function readRelations(session: ReadOnlySession, plan: RawPlan): Promise<ReadonlyMap<string, Relation>> {
  const names = [...walk(plan.Plan)].flatMap((node) => node['Relation Name'] ?? []);
  if (names.length === 0) return new Map();
  const relations = await session.rows<Relation>(
    `SELECT c.relname AS name, greatest(c.reltuples, 0)::float8 AS rows, p.relname AS parent,
       (SELECT count(*)::int FROM pg_inherits s WHERE s.inhparent = i.inhparent) AS siblings
     FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
       LEFT JOIN pg_class p ON p.oid = i.inhparent
     WHERE c.relname = ANY ($1) AND c.relkind IN ('r', 'm', 'p')`,
    [[...new Set(names)]],
  );
  return new Map(relations.map((relation) => [relation.name, relation]));
}

/** null = a statement without a plan (SHOW). */
export async function estimatePlan(session: ReadOnlySession, plan: RawPlan | null): Promise<Estimate> {
  if (plan === null)
    return {
      rows: null,
      rowsRead: null,
      partitionsRead: null,
      partitionsTotal: null,
      cost: null,
      unboundedScan: false,
      text: 'Reads no table.',
    };
  const relations = await readRelations(session, plan);
  const scans = [...walk(plan.Plan)].filter((node) => node['Relation Name'] !== undefined);
  const read = scans.map((node) => {
    const whole = relations.get(node['Relation Name'] ?? '')?.rows ?? 0;
    return node['Node Type'] === 'Seq Scan' ? whole : Math.min(node['Plan Rows'] ?? 0, Math.max(whole, 1));
  });
  const whole = scans.map((node, at) => (node['Node Type'] === 'Seq Scan' ? (read[at] ?? 0) : 0));
  const rowsRead = sum(read);
  const parts = partitionsOf(plan, relations);
  const cost = plan.Plan['Total Cost'] ?? 0;
  const partitionsRead = parts.length === 0 ? null : sum(parts.map((part) => part.read.length));
  const partitionsTotal = parts.length === 0 ? null : sum(parts.map(({ total }) => total));
  const share = partitionsTotal === null ? '' : ` in ${partitionsRead} of ${partitionsTotal} partitions`;
  return {
    rows: plan.Plan['Plan Rows'] ?? null,
    rowsRead,
    partitionsRead,
    partitionsTotal,
    cost,
    unboundedScan: sum(whole) > UNBOUNDED_ROWS && cost > UNBOUNDED_COST,
    text: `About ${format(plan.Plan['Plan Rows'] ?? 0)} rows; reads about ${format(rowsRead)}${share}.`,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const format = (n: number): string => Math.round(n).toLocaleString('en-US');

function partitionsOf(plan: RawPlan, relations: ReadonlyMap<string, Relation>): SqlPlan['partitions'] {
  const parents = new Map<string, { read: Set<string>; total: number }>();
  for (const node of walk(plan.Plan)) {
    const relation = relations.get(node['Relation Name'] ?? '');
    if (relation === undefined || relation.parent === null) continue;
    const known = parents.get(relation.parent) ?? { read: new Set(), total: relation.siblings };
    known.read.add(relation.name);
    parents.set(relation.parent, known);
  }
  return [...parents].map(([parent, { read, total }]) => ({ parent, read: [...read].toSorted(), total }));
}

export async function toSqlPlan(session: ReadOnlySession, plan: RawPlan, analyzed: boolean): Promise<SqlPlan> {
  const relations = await readRelations(session, plan);
  return {
    dialect: 'postgres',
    analyzed,
    roots: [toNode(plan.Plan)],
    partitions: partitionsOf(plan, relations),
    planningMs: plan['Planning Time'] ?? null,
    executionMs: plan['Execution Time'] ?? null,
    text: JSON.stringify(plan, null, 2),
  };
}

/** What has a place of its own in a node, or says nothing to a reader. */
const SHOWN_ELSEWHERE =
  /^(?:Node Type|Plans|Relation Name|Schema|Total Cost|Startup Cost|Plan Rows|Plan Width|Actual (?:Rows|Loops|Total Time|Startup Time)|Parallel Aware|Async Capable|Disabled|Parent Relationship)$/;

function toNode(node: RawNode): PlanNode {
  const details = Object.entries(node)
    .filter(([label, value]) => !SHOWN_ELSEWHERE.test(label) && value !== 0)
    .map(([label, value]) => ({ label, text: Array.isArray(value) ? value.join(', ') : String(value) }));
  return {
    title: node['Node Type'],
    on: node['Relation Name'] ?? node['Index Name'] ?? node['CTE Name'] ?? null,
    details,
    estimatedRows: node['Plan Rows'] ?? null,
    actualRows: node['Actual Rows'] ?? null,
    loops: node['Actual Loops'] ?? null,
    cost: node['Total Cost'] ?? null,
    actualMs: node['Actual Total Time'] ?? null,
    children: (node.Plans ?? []).map(toNode),
  };
}
