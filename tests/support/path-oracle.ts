import type { LogEvent } from './timelines.ts';

/** SEMANTICS "Paths" told over plain lists: slow, obvious, sharing no code with the engine. */
export interface OraclePathQuery {
  readonly maxSteps: number;
  readonly sessionGapSeconds: number | null;
  readonly collapseRepeats: boolean;
  readonly groupings: readonly string[];
  readonly excludeEvents: readonly string[];
  readonly startAt: string | null;
  readonly endAt: string | null;
}
export interface OraclePath {
  readonly actor: string;
  readonly names: readonly string[];
  readonly times: readonly number[];
  readonly continues: boolean;
}
interface Node {
  readonly name: string;
  readonly time: number;
}
const timeOf = (e: LogEvent): number => Number(e.time);

/** The actor's events by time, equal times in arrival order. */
export function streamOf(log: readonly LogEvent[], actor: string): readonly LogEvent[] {
  return log.filter((e) => e.actor === actor).toSorted((a, b) => timeOf(a) - timeOf(b));
}

export const actorsOf = (log: readonly LogEvent[]): readonly string[] => [...new Set(log.map((e) => e.actor))];

export function listPaths(log: readonly LogEvent[], query: OraclePathQuery): readonly OraclePath[] {
  return actorsOf(log).flatMap((actor) => {
    const nodes = streamOf(log, actor)
      .map((e) => ({ name: query.groupings.find((g) => matchesPattern(e.event, g)) ?? e.event, time: timeOf(e) }))
      .filter((node) => !query.excludeEvents.includes(node.name));
    return cutSessions(nodes, query.sessionGapSeconds)
      .map((session) => (query.collapseRepeats ? collapse(session) : session))
      .flatMap((session) => trim(session, query))
      .map(({ path, continues }) => ({
        actor,
        names: path.map((n) => n.name),
        times: path.map((n) => n.time),
        continues,
      }));
  });
}

/** Tests only use patterns of the forms `x`, `x*` and `*x`. */
function matchesPattern(name: string, pattern: string): boolean {
  return name.includes(pattern.replaceAll('*', ''));
}

function cutSessions(nodes: readonly Node[], gapSeconds: number | null): readonly Node[][] {
  const sessions: Node[][] = [];
  nodes.forEach((node, i) => {
    const before = nodes[i - 1];
    const isNew = before === undefined || (gapSeconds !== null && node.time - before.time > gapSeconds * 1000);
    if (isNew) sessions.push([node]);
    else sessions.at(-1)?.push(node);
  });
  return sessions;
}

function collapse(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node, i) => nodes[i + 1]?.name !== node.name);
}

function trim(
  nodes: readonly Node[],
  { startAt, endAt, maxSteps }: OraclePathQuery,
): { path: readonly Node[]; continues: boolean }[] {
  const is = (anchor: string) => (node: Node) => node.name.replace(/(.)\/$/, '$1') === anchor.replace(/(.)\/$/, '$1');
  let path = nodes;
  if (startAt !== null)
    path = path.slice(path.findIndex(is(startAt)) === -1 ? path.length : path.findIndex(is(startAt)));
  if (endAt !== null) path = path.slice(0, path.findIndex(is(endAt)) + 1);
  if (path.length === 0) return [];
  if (path.length <= maxSteps) return [{ path, continues: false }];
  if (endAt === null) return [{ path: path.slice(0, maxSteps), continues: true }];
  if (startAt === null) return [{ path: path.slice(-maxSteps), continues: false }];
  const half = Math.floor(maxSteps / 2);
  const folded = { name: '...', time: path[half]?.time ?? 0 };
  return [{ path: [...path.slice(0, half), folded, ...path.slice(-half)], continues: false }];
}
