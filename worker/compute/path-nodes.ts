import type { Condition, FlowQuery } from '../../protocol/index.ts';
import type { EventIndex } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import type { ColumnMemory } from '../segment/column-memory.ts';
import { compileCodes, LEFT_OUT, type EventBytes } from './event-bytes.ts';
import { compileStream, testStream } from './event-stream.ts';

/** SEMANTICS "Paths", first sentence: keep the included nodes, apply groupings, drop excluded events. */
export interface PathNodes {
  /** By node code. */
  readonly names: readonly string[];
  /** Node code of an event, -1 = no node. */
  readonly codeOf: (event: EventIndex) => number;
}
type NodeQuery = Pick<FlowQuery, 'where' | 'include' | 'groupings' | 'excludeEvents'>;

export function compileNodes(context: ComputeContext, query: NodeQuery): PathNodes {
  const { types } = context.segment;
  const { names, codes, kept } = compileNodeCodes(context, query);
  const codeOf = (event: EventIndex): number => codes[types[event] ?? 0] ?? -1;
  return { names, codeOf: kept === null ? codeOf : (event) => (kept(event) ? codeOf(event) : -1) };
}

/** The same in parts: the node code by type code, and which events are kept (null = all). */
export function compileNodeCodes(context: ComputeContext, query: NodeQuery) {
  const kept = compileStream(context, listConditions(query));
  return { ...nameNodes(context.segment.eventNames, query), kept };
}

/** Node codes as bytes for kernels, LEFT_OUT = no node; null = more nodes than a byte has room for. */
export function compileNodeBytes(
  context: ComputeContext,
  memory: ColumnMemory,
  query: NodeQuery,
): { readonly names: readonly string[]; readonly bytes: EventBytes } | null {
  const { segment } = context;
  const { names, codes } = nameNodes(segment.eventNames, query);
  // One byte is left for a folded middle.
  if (names.length >= LEFT_OUT - 1) return null;
  const table = Uint8Array.from(codes, (code) => (code < 0 ? LEFT_OUT : code));
  const filter = testStream(context, listConditions(query));
  return { names, bytes: compileCodes(segment, memory, segment.types, table, filter) };
}

function listConditions({ where, include }: NodeQuery): readonly Condition[] {
  return [...(where ?? []), ...(include ? [{ prop: include.prop, op: 'in' as const, value: include.in }] : [])];
}

/** Node names (several event names may become one) and the node code by type code. */
export function nameNodes(
  eventNames: readonly string[],
  query: Pick<NodeQuery, 'groupings' | 'excludeEvents'>,
): { readonly names: readonly string[]; readonly codes: Int32Array } {
  const patterns = query.groupings.map((pattern) => ({ pattern, regex: toRegex(pattern) }));
  const excluded = new Set(query.excludeEvents);
  const known = new Map<string, number>();
  const codes = Int32Array.from(eventNames, (event) => {
    const name = patterns.find(({ regex }) => regex.test(event))?.pattern ?? event;
    if (excluded.has(name)) return -1;
    if (!known.has(name)) known.set(name, known.size);
    return known.get(name) ?? -1;
  });
  return { names: [...known.keys()], codes };
}

/** Found anywhere in the name; `*` = anything, also nothing. */
function toRegex(pattern: string): RegExp {
  return new RegExp(
    pattern
      .split('*')
      .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
      .join('.*'),
    's',
  );
}

/** 1 for the nodes that an anchor (`startAt`, `endAt`) names; a trailing slash makes no difference. */
export function markAnchors(names: readonly string[], anchor: string): Uint8Array {
  const wanted = withoutSlash(anchor);
  return Uint8Array.from(names, (name) => (withoutSlash(name) === wanted ? 1 : 0));
}

const withoutSlash = (name: string): string => (name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name);
