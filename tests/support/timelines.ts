import { buildStringTable } from '../../worker/segment/string-table.ts';
import type { PropertyColumn, Segment } from '../../worker/segment/segment.ts';

/** An event as conformance cases write it. The order of a list is arrival order. */
export interface LogEvent {
  readonly actor: string;
  readonly event: string;
  /** ISO 8601, or ms since the epoch. */
  readonly time: string | number;
  readonly props?: Readonly<Record<string, unknown>>;
  /** Second clock, ms. */
  readonly recordedAt?: number;
}

/**
 * Events from a drawing, one actor a line, for readable tests:
 *   `anna: signup@0 shop@60 pay@3600`  →  times in seconds after 2024-01-01T00:00:00Z
 */
export function parseTimelines(drawing: string): LogEvent[] {
  const start = Date.UTC(2024, 0, 1);
  return drawing
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [actor = '', rest = ''] = line.split(/:\s*/, 2);
      return rest.split(/\s+/).map((token) => {
        const [event = '', at = '0'] = token.split('@');
        return { actor, event, time: start + Number(at) * 1000 };
      });
    });
}

const asMs = (time: string | number): number => (typeof time === 'number' ? time : Date.parse(time));
/** As text, the way conditions compare: `true`, `1`, JSON for what is nested. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
const shared = <T>(Make: new (b: SharedArrayBuffer) => T, bytes: number): T => new Make(new SharedArrayBuffer(bytes));

/** The slow, obvious way to a segment: the reference for the real builder, and the quick way for compute tests. */
export function segmentOf(log: readonly LogEvent[]): Segment {
  const actors = [...new Set(log.map((e) => e.actor))];
  const names = [...new Set(log.map((e) => e.event))];
  const actorOf = new Map(actors.map((a, i) => [a, i]));
  const codeOf = new Map(names.map((n, i) => [n, i]));
  const order = log
    .map((e, seq) => ({ e, seq, actor: actorOf.get(e.actor) ?? 0, ms: asMs(e.time) }))
    .toSorted((a, b) => a.actor - b.actor || a.ms - b.ms || a.seq - b.seq);
  const n = order.length;
  const baseSeconds = n === 0 ? 0 : Math.min(...order.map((o) => Math.floor(o.ms / 1000)));
  const offsets = shared(Uint32Array, 4 * (actors.length + 1));
  const seconds = shared(Uint32Array, 4 * n);
  const millis = shared(Uint16Array, 2 * n);
  const types = shared(Uint16Array, 2 * n);
  const recordedAt = log.some((e) => e.recordedAt !== undefined) ? shared(Float64Array, 8 * n) : null;
  order.forEach(({ e, actor, ms }, i) => {
    offsets[actor + 1] = i + 1;
    seconds[i] = Math.floor(ms / 1000) - baseSeconds;
    millis[i] = ms - Math.floor(ms / 1000) * 1000;
    types[i] = codeOf.get(e.event) ?? 0;
    if (recordedAt !== null) recordedAt[i] = e.recordedAt ?? Number.NaN;
  });
  const properties = new Map<string, PropertyColumn>();
  for (const prop of new Set(log.flatMap((e) => Object.keys(e.props ?? {})))) {
    const texts = order.map(({ e }) => asText(e.props?.[prop]));
    const values = [...new Set(texts.filter((t) => t !== null))];
    const codes = shared(Uint32Array, 4 * n);
    texts.forEach((t, i) => (codes[i] = t === null ? 0 : values.indexOf(t) + 1));
    properties.set(prop, { codes, values: buildStringTable(values) });
  }
  return {
    memory: null,
    actorCount: actors.length,
    eventCount: n,
    offsets,
    baseSeconds,
    seconds,
    millis,
    types,
    eventNames: names,
    actorIds: buildStringTable(actors),
    properties,
    recordedAt,
  };
}
