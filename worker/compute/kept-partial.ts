import type { Condition, DateRange, EventMatch } from '../../protocol/index.ts';
import type { ComputeContext, Preparation, Prepared } from './compute-module.ts';

/** Counters of a question about all events: the partial of a range of actors, kept for the next such question. */
interface KeptPartial<P> extends Prepared {
  readonly partial: P;
}
interface WholeQuery {
  readonly asOf?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly where?: readonly Condition[] | undefined;
  readonly dateRange?: DateRange | null | undefined;
  readonly event?: EventMatch | null | undefined;
}

/**
 * Keeps partials of questions about the whole history without a filter: hourly counters by type, daily unique actors,
 * transitions, flows. They depend on nothing but the segment and what the document asks for, so an asOf behind the last
 * event changes nothing, and the answer needs no scan. `isKept` is false where a partial is too large for that.
 */
export function keepPartials<Q extends WholeQuery, P>(
  compute: (context: ComputeContext, query: Q) => P,
  isKept: (query: Q) => boolean = () => true,
): Preparation<Q> {
  return {
    keyOf: (context, query) =>
      isWhole(context, query) && isKept(query) ? JSON.stringify({ ...query, asOf: undefined, title: undefined }) : null,
    prepare(context, query): KeptPartial<P> {
      const partial = compute(context, query);
      const shared = share(partial);
      return { partial: shared.value as P, bytes: shared.bytes };
    },
    partialOf: (prepared) => (prepared as KeptPartial<P>).partial,
  };
}

function isWhole(context: ComputeContext, { where, dateRange, event }: WholeQuery): boolean {
  return (
    context.fromMs === Number.NEGATIVE_INFINITY &&
    context.toMs >= context.lastEventMs &&
    context.knownAtMs === Number.POSITIVE_INFINITY &&
    (dateRange?.to ?? null) === null &&
    (where ?? []).length === 0 &&
    isAnyEvent(event)
  );
}

const isAnyEvent = (match: EventMatch | null | undefined): boolean =>
  (match?.event ?? null) === null && (match?.anyOf ?? null) === null && (match?.where ?? []).length === 0;

/** The same value with its typed arrays in shared memory, so that it is sent between threads without copies. */
function share(value: unknown): { readonly value: unknown; readonly bytes: number } {
  if (value instanceof Float64Array) return shareColumn(value, Float64Array);
  if (value instanceof Uint32Array) return shareColumn(value, Uint32Array);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return { value, bytes: 8 };
  const parts = Object.entries(value).map(([key, part]) => [key, share(part)] as const);
  return {
    value: Object.fromEntries(parts.map(([key, part]) => [key, part.value])),
    bytes: parts.reduce((sum, [, part]) => sum + part.bytes, 0),
  };
}

function shareColumn<C extends Float64Array | Uint32Array>(
  column: C,
  Column: new (buffer: SharedArrayBuffer) => C,
): { readonly value: C; readonly bytes: number } {
  const value = new Column(new SharedArrayBuffer(column.byteLength));
  value.set(column);
  return { value, bytes: column.byteLength };
}
