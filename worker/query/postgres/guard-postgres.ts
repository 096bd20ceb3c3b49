import { setFlagsFromString } from 'node:v8';
import { loadModule, parseSync } from 'libpg-query';
import { EngineError } from '../../../protocol/errors.ts';
import { isDenied } from './denied-functions.ts';

/** What the parser of Postgres itself makes of a text, and what is wrong with it for us. */
export interface Refusal {
  readonly message: string;
  /** Code point of the text where it begins; null = the whole statement. */
  readonly at: number | null;
}
export interface SyntaxFailure {
  readonly message: string;
  readonly at: number;
}
export type Judgement =
  | { readonly kind: 'allowed'; readonly statement: 'select' | 'explain' | 'show' }
  | ({ readonly kind: 'refused' } & Refusal)
  | ({ readonly kind: 'syntax' } & SyntaxFailure);

const ALLOWED: Readonly<Record<string, 'select' | 'explain' | 'show'>> = {
  SelectStmt: 'select',
  ExplainStmt: 'explain',
  VariableShowStmt: 'show',
};

/**
 * The parser is compiled once a process, and never compiled better: its largest function takes V8 half a gigabyte for two
 * seconds, to save microseconds.
 */
export async function loadParser(): Promise<void> {
  for (const flag of ['--no-wasm-dynamic-tiering', '--no-wasm-tier-up']) setFlagsFromString(flag);
  await loadModule();
}

/** One statement that only reads, or why not. Needs `loadParser`. */
export function judgeStatement(text: string): Judgement {
  let tree: { readonly stmts?: readonly { readonly stmt?: unknown }[] };
  try {
    tree = parseSync(text);
  } catch (thrown) {
    return { kind: 'syntax', ...toFailure(thrown) };
  }
  const stmts = tree.stmts ?? [];
  const [only] = stmts;
  if (only === undefined) return { kind: 'syntax', message: 'there is no statement', at: 0 };
  if (stmts.length > 1) return { kind: 'refused', message: `these are ${stmts.length} statements`, at: null };
  const [name = ''] = Object.keys(only.stmt ?? {});
  const statement = ALLOWED[name];
  if (statement === undefined) return { kind: 'refused', message: `${nameOf(name)} is not reading`, at: null };
  const refusal = findForbidden(only.stmt);
  return refusal === null ? { kind: 'allowed', statement } : { kind: 'refused', ...refusal };
}

/** Throws E_BAD_QUERY and E_REFUSED. */
export function requireReading(text: string): 'select' | 'explain' | 'show' {
  const judgement = judgeStatement(text);
  if (judgement.kind === 'allowed') return judgement.statement;
  if (judgement.kind === 'syntax')
    throw new EngineError('E_BAD_QUERY', `Postgres cannot read this: ${judgement.message}.`, {
      hint: `Look at character ${judgement.at + 1}.`,
    });
  throw new EngineError('E_REFUSED', `This statement is not only reading: ${judgement.message}.`, {
    hint: 'Use SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN of those. To change data, use the tool that owns it.',
  });
}

function toFailure(thrown: unknown): SyntaxFailure {
  const { message, sqlDetails } = thrown as { message: string; sqlDetails?: { readonly cursorPosition?: number } };
  return { message, at: Math.max(0, sqlDetails?.cursorPosition ?? 0) };
}

const nameOf = (node: string): string =>
  node
    .replace(/Stmt$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();

/** Looks at every node, however deep: the tree is JSON, and a statement inside another one is a node like any. */
function findForbidden(root: unknown): Refusal | null {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (Array.isArray(node)) {
      waiting.push(...(node as unknown[]));
      continue;
    }
    for (const [key, value] of Object.entries(node)) {
      const refusal = judgeNode(key, value);
      if (refusal !== null) return refusal;
      waiting.push(value);
    }
  }
  return null;
}

function judgeNode(key: string, value: unknown): Refusal | null {
  if (/^[A-Z]\w*Stmt$/.test(key) && !Object.hasOwn(ALLOWED, key))
    return { message: `${nameOf(key)} is not reading`, at: null };
  if (key === 'intoClause') return { message: 'SELECT INTO makes a table', at: null };
  if (key === 'lockingClause') return { message: 'FOR UPDATE and FOR SHARE lock rows', at: null };
  if (key !== 'FuncCall') return null;
  const { funcname, location } = value as { readonly funcname?: readonly NameNode[]; readonly location?: number };
  const name = funcname?.at(-1)?.String?.sval ?? '';
  return isDenied(name) ? { message: `the function ${name} does more than compute`, at: location ?? null } : null;
}
interface NameNode {
  readonly String?: { readonly sval?: string };
}
