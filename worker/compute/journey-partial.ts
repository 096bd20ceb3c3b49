import type { Durations } from './durations.ts';

/** With S states (0 = none): pairs are [from * S + to], positions [step * S + state] and [(step * S + from) * S + to]. */
export interface JourneyPartial {
  readonly actorCount: number;
  readonly sizes: Float64Array;
  readonly moveCount: Float64Array;
  readonly moveActors: Float64Array;
  /** Time in the state that was left, by pair; null where only counts are asked. */
  readonly stays: Durations | null;
  readonly nodes: { readonly count: Float64Array; readonly stays: Float64Array; readonly continues: Float64Array };
  readonly edges: { readonly count: Float64Array; readonly totalMs: Float64Array };
  /** Change of size by [interval * S + state]; everything before the range is in interval 0. */
  readonly growth: Float64Array;
  readonly compared: Float64Array;
}
export type JourneyColumns = Omit<JourneyPartial, 'actorCount' | 'moveActors' | 'stays'>;

/** Zeros for `width` states, none among them. */
export function createColumns(width: number, maxSteps: number, intervals: number): JourneyColumns {
  const column = (length: number): Float64Array => new Float64Array(length);
  const [nodes, edges] = [maxSteps * width, maxSteps * width * width];
  return {
    sizes: column(width),
    moveCount: column(width * width),
    nodes: { count: column(nodes), stays: column(nodes), continues: column(nodes) },
    edges: { count: column(edges), totalMs: column(edges) },
    growth: column(intervals * width),
    compared: column(width * width),
  };
}
