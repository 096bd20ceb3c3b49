import type { DatabaseSync } from 'node:sqlite';
import type { Estimate, PlanNode, SqlPlan } from '../../../protocol/query-schema.ts';
import { countByEnds, countFew, FEW_ROWS } from './schema-sqlite.ts';
import { readAliases } from './table-aliases.ts';

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
  const roots = childrenOf(
    0,
    steps,
    aliasesOf((text) => db.prepare(text).all(), sql),
  );
  const base = { dialect: 'sqlite', analyzed: false, partitions: [], planningMs: null, executionMs: null } as const;
  return { ...base, roots, text: drawTree(roots, '') };
}

/** The plan knows tables by their aliases only. */
type Aliases = ReadonlyMap<string, string>;
function aliasesOf(ask: Ask, sql: string): Aliases {
  const rows = ask("SELECT lower(name) AS name FROM main.sqlite_schema WHERE type IN ('table', 'view')");
  const names = new Set(rows.map(({ name }) => name));
  return readAliases(sql, (name) => names.has(name.toLowerCase()));
}

function childrenOf(parent: number, steps: readonly Step[], aliases: Aliases): PlanNode[] {
  return steps.filter((step) => step.parent === parent).map((step) => toNode(step, steps, aliases));
}

function toNode({ id, detail }: Step, steps: readonly Step[], aliases: Aliases): PlanNode {
  const reading = /^(SCAN|SEARCH) (\S+)(?: (?:USING|VIRTUAL TABLE) (.*))?$/.exec(detail);
  const unknown = { estimatedRows: null, actualRows: null, loops: null, cost: null, actualMs: null };
  return {
    title: reading === null ? inWords(detail) : reading[1] === 'SCAN' ? 'Scan' : 'Search',
    on: reading?.[2] === undefined ? null : withTable(reading[2], aliases),
    details: reading?.[3] === undefined ? [] : [{ label: 'using', text: reading[3] }],
    ...unknown,
    children: childrenOf(id, steps, aliases),
  };
}

function withTable(alias: string, aliases: Aliases): string {
  const table = aliases.get(alias.toLowerCase());
  return table === undefined ? alias : `${table} AS ${alias}`;
}

/** SQLite shouts: `USE TEMP B-TREE FOR GROUP BY`. Names in it are as somebody wrote them. */
const inWords = (detail: string): string =>
  detail
    .replace(/^USE TEMP B-TREE FOR /, 'Sort for ')
    .replace(/^(?:[A-Z-]{2,}(?: |$))+/, (words) => words.charAt(0) + words.slice(1).toLowerCase());

const drawTree = (nodes: readonly PlanNode[], indent: string): string =>
  nodes
    .map(({ title, on, details, children }) => {
      const words = [title, on, ...details.map(({ label, text }) => `${label} ${text}`)].filter(Boolean);
      return `${indent}${words.join(' ')}\n${drawTree(children, `${indent}  `)}`;
    })
    .join('');

/**
 * SQLite does not tell its guess of the rows, so this says what is certain: the tables that are read from end to end. The
 * plan names aliases, the program of the statement names the pages: a cursor opened on the first page of a table or of one
 * of its indexes, and wound back to its start, passes all its rows.
 */
export function estimateSqlite(db: DatabaseSync, sql: string): Estimate {
  const base = { rows: null, partitionsRead: null, partitionsTotal: null, cost: null, unboundedScan: false };
  if (/^\s*(?:pragma|explain)\b/i.test(sql)) return { ...base, rowsRead: null, text: 'Reads no table.' };
  const ask = (text: string) => db.prepare(text).all();
  const scanned = findScanned(ask, sql);
  if (scanned.length === 0)
    return { ...base, rowsRead: null, text: describeLookUps(readSteps(db, sql), aliasesOf(ask, sql)) };
  const counts = scanned.map(({ schema, name }) => countFew(ask, name, schema) ?? countByEnds(ask, name, schema));
  const rowsRead = counts.reduce<number>((sum, count) => sum + (count ?? FEW_ROWS), 0);
  const tables = [...new Set(scanned.map(writtenName))].join(', ');
  const about = counts.includes(null) ? 'more than' : 'about';
  return { ...base, rowsRead, text: `Reads ${tables} whole: ${about} ${rowsRead.toLocaleString('en-US')} rows.` };
}

/** A range may be all there is; what is looked up for equal values is not. */
function describeLookUps(steps: readonly Step[], aliases: Aliases): string {
  const ranges = steps.flatMap(({ detail }) => {
    const [, name, range] = /^SEARCH (\S+) USING .*?\((.*[<>].*)\)$/.exec(detail) ?? [];
    if (name === undefined || range === undefined) return [];
    const table = aliases.get(name.toLowerCase()) ?? name;
    return [`${table} (${range})`];
  });
  return ranges.length === 0
    ? 'Looks rows up by an index, or reads no table.'
    : `Reads a range, by an index, of ${[...new Set(ranges)].join(', ')}.`;
}

type Ask = (text: string) => readonly Record<string, unknown>[];
interface Scanned {
  readonly schema: string;
  readonly name: string;
}
const writtenName = ({ schema, name }: Scanned): string => (schema === 'main' ? name : `${schema}.${name}`);
/** As a statement's program numbers them; 1 is `temp`. */
const SCHEMAS: ReadonlyMap<unknown, string> = new Map([
  [0, 'main'],
  [2, 'scratch'],
]);
const PASSES_ALL: ReadonlySet<string> = new Set(['Rewind', 'Last', 'Count']);

/** Tables read from end to end, one as often as it is. */
function findScanned(ask: Ask, sql: string): readonly Scanned[] {
  const program = ask(`EXPLAIN ${sql}`);
  const opened = program.filter(({ opcode, p3 }) => opcode === 'OpenRead' && SCHEMAS.has(p3));
  const tableAt = new Map(
    [...new Set(opened.map(({ p3 }) => p3))].flatMap((number) => readRootPages(ask, SCHEMAS.get(number) ?? 'main')),
  );
  const tableOf = new Map(
    opened.map(({ p1, p2, p3 }) => [Number(p1), tableAt.get(`${SCHEMAS.get(p3)} ${String(p2)}`)]),
  );
  const passed = new Set(program.filter(({ opcode }) => PASSES_ALL.has(String(opcode))).map(({ p1 }) => Number(p1)));
  return [...passed].flatMap((cursor) => tableOf.get(cursor) ?? []);
}

function readRootPages(ask: Ask, schema: string): (readonly [string, Scanned])[] {
  return ask(`SELECT rootpage, tbl_name FROM ${schema}.sqlite_schema WHERE rootpage > 0`).map((row) => [
    `${schema} ${String(row['rootpage'])}`,
    { schema, name: String(row['tbl_name']) },
  ]);
}
