import type { DatabaseSync } from 'node:sqlite';
import type { Estimate, PlanNode, SqlPlan } from '../../../protocol/query-schema.ts';
import { countRows } from './schema-sqlite.ts';

interface Step {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

function readSteps(db: DatabaseSync, sql: string): Step[] {
  const text = sql.replace(/^\s*explain\s+(?:query\s+plan\s+)?/i, '');
  return db.prepare(`EXPLAIN QUERY PLAN ${text}`).all() as unknown as Step[];
}

export function explainSqlite(db: DatabaseSync, sql: string): SqlPlan {
  const steps = readSteps(db, sql);
  const roots = childrenOf(0, steps);
  const base = { dialect: 'sqlite', analyzed: false, partitions: [], planningMs: null, executionMs: null } as const;
  return { ...base, roots, text: drawTree(roots, '') };
}

function childrenOf(parent: number, steps: readonly Step[]): PlanNode[] {
  return steps.filter((step) => step.parent === parent).map((step) => toNode(step, steps));
}

function toNode({ id, detail }: Step, steps: readonly Step[]): PlanNode {
  const reading = /^(SCAN|SEARCH) (\S+)(?: (?:USING|VIRTUAL TABLE) (.*))?$/.exec(detail);
  const unknown = { estimatedRows: null, actualRows: null, loops: null, cost: null, actualMs: null };
  return {
    title: reading === null ? detail : reading[1] === 'SCAN' ? 'Scan' : 'Search',
    on: reading?.[2] ?? null,
    details: reading?.[3] === undefined ? [] : [{ label: 'using', text: reading[3] }],
    ...unknown,
    children: childrenOf(id, steps),
  };
}

const drawTree = (nodes: readonly PlanNode[], indent: string): string =>
  nodes
    .map(({ title, on, details, children }) => {
      const words = [title, on, ...details.map(({ label, text }) => `${label} ${text}`)].filter(Boolean);
      return `${indent}${words.join(' ')}\n${drawTree(children, `${indent}  `)}`;
    })
    .join('');

/** Only what the plan says: SQLite does not tell its guess of the rows. A scan reads a whole table. */
export function estimateSqlite(db: DatabaseSync, sql: string): Estimate {
  const base = { rows: null, partitionsRead: null, partitionsTotal: null, cost: null, unboundedScan: false };
  if (/^\s*(?:pragma|explain)\b/i.test(sql)) return { ...base, rowsRead: null, text: 'Reads no table.' };
  const ask = (text: string) => db.prepare(text).all();
  const names = new Set(
    ask("SELECT name FROM main.sqlite_schema WHERE type = 'table'").map((row) => String(row['name'])),
  );
  const scans = readSteps(db, sql).flatMap(({ detail }) => /^SCAN (\S+)(?!.*VIRTUAL)/.exec(detail)?.[1] ?? []);
  const counted = scans.filter((name) => names.has(name)).map((name) => countRows(ask, name) ?? 0);
  const rowsRead = scans.length === 0 ? null : counted.reduce((sum, rows) => sum + rows, 0);
  const text =
    scans.length === 0
      ? 'Looks rows up by an index.'
      : `Reads ${[...new Set(scans)].join(', ')} whole: about ${(rowsRead ?? 0).toLocaleString('en-US')} rows.`;
  return { ...base, rowsRead, text };
}
