import type { FlowQuery } from '../../protocol/index.ts';
import type { EventIndex } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { compileStream } from './event-stream.ts';

/** SEMANTICS "Paths", first sentence: keep the included nodes, apply groupings, drop excluded events. */
export interface PathNodes {
  /** By node code. */
  readonly names: readonly string[];
  /** Node code of an event, -1 = no node. */
  readonly codeOf: (event: EventIndex) => number;
}
type NodeQuery = Pick<FlowQuery, 'where' | 'include' | 'groupings' | 'excludeEvents'>;

export function compileNodes(context: ComputeContext, query: NodeQuery): PathNodes {
  const { types, eventNames } = context.segment;
  const { names, codes } = nameNodes(eventNames, query);
  const include = query.include ? [{ prop: query.include.prop, op: 'in' as const, value: query.include.in }] : [];
  const kept = compileStream(context, [...(query.where ?? []), ...include]);
  const codeOf = (event: EventIndex): number => codes[types[event] ?? 0] ?? -1;
  return { names, codeOf: kept === null ? codeOf : (event) => (kept(event) ? codeOf(event) : -1) };
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
