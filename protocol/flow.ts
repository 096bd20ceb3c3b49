import { z } from 'zod';
import { documentShape, type AnswerEnvelope } from './analysis.ts';

/** Flow (step-wise paths), transitions (directly-follows), step matrix, variants: SEMANTICS.md, "Paths". */
const nodeShape = {
  include: z.strictObject({ prop: z.string(), in: z.array(z.string()) }).nullish(),
  /** First pattern found in the name replaces it; `*` = anything. */
  groupings: z.array(z.string()).default([]),
  excludeEvents: z.array(z.string()).default([]),
} as const;

export const FlowSchema = z.strictObject({
  ...documentShape,
  ...nodeShape,
  type: z.literal('flow'),
  maxSteps: z.int().min(2).max(50).default(5),
  /** Edges shown; the rest is the remainder. null = all. */
  edgeLimit: z.int().min(1).nullable().default(50),
  sessionGapSeconds: z.number().nonnegative().nullable().default(null),
  collapseRepeats: z.boolean().default(true),
  startAt: z.string().nullish(),
  endAt: z.string().nullish(),
});
export type FlowQuery = z.infer<typeof FlowSchema>;

/** From `from` at position `step` (1-based) to `to` at `step + 1`. `count` = paths, `actors` = the actors behind them. */
export interface FlowEdge {
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly actors: number;
  /** Absent in counts. */
  readonly averageSeconds?: number;
}
/**
 * Balance at every node: `starts + in = count = out + dropOff + continues + remainderOut`. `in` holds all that comes
 * in, of which `remainderIn` by hidden edges; `out` holds the shown edges only. Hidden is what `edgeLimit` (or
 * reachability from startAt) leaves out. `dropOff` = paths that end here; a path cut at maxSteps `continues` instead.
 *
 * Numbers are paths. Without a session gap every actor has one path, so each number is also its number of actors;
 * with a gap the list behind a number has `actors` (`dropOffActors`, …) rows, and behind a remainder the actors with
 * at least one such path.
 */
export interface FlowNode {
  readonly step: number;
  readonly name: string;
  /** Paths through this node, and the actors behind them. */
  readonly count: number;
  readonly actors: number;
  /** Paths that begin here. */
  readonly starts: number;
  readonly in: number;
  readonly out: number;
  readonly dropOff: number;
  readonly dropOffActors: number;
  /** Paths that go on beyond maxSteps. */
  readonly continues: number;
  readonly continuesActors: number;
  readonly remainderIn: number;
  readonly remainderOut: number;
  /** At how many positions up to here the name occurs: 1, 2 for "2nd", … (display only). */
  readonly visit: number;
}
export interface FlowResult extends AnswerEnvelope {
  readonly type: 'flow';
  /** By count descending, then `position_from`, `position+1_to` as text. */
  readonly edges: readonly FlowEdge[];
  /** Edges shown. */
  readonly edgeCount: number;
  /** By position, then count descending: nodes of shown edges and the largest of position 1; all without a limit. */
  readonly nodes: readonly FlowNode[];
  readonly pathCount: number;
  readonly actorCount: number;
  /** Edges that are hidden and the path steps on them; nodes that are not listed and the paths that begin at them. */
  readonly remainder: {
    readonly edges: number;
    readonly count: number;
    readonly nodes: number;
    readonly starts: number;
  };
}
/** Actors with a path through a node, an edge, a drop-off, a cut at maxSteps, a remainder, or a whole branch (nodes by position). */
export const FlowSelectionSchema = z.union([
  z.strictObject({ node: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ edge: z.strictObject({ step: z.int().min(1), from: z.string(), to: z.string() }) }),
  z.strictObject({ dropOff: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ continues: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ remainder: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ branch: z.array(z.string()).min(1) }),
  z.strictObject({ all: z.literal(true) }),
]);
export type FlowSelection = z.infer<typeof FlowSelectionSchema>;

export const TRANSITION_MEASURES = [
  'count',
  'actors',
  'shareOfSource',
  'shareOfTarget',
  'shareOfTotal',
  'averageSeconds',
  'medianSeconds',
] as const;
export const TransitionsSchema = z.strictObject({
  ...documentShape,
  ...nodeShape,
  type: z.literal('transitions'),
  measure: z.enum(TRANSITION_MEASURES).default('count'),
  collapseRepeats: z.boolean().default(false),
  /** Adds `path_start` and `path_end`. */
  boundaryNodes: z.boolean().default(false),
});
export type TransitionsQuery = z.infer<typeof TransitionsSchema>;
export interface TransitionEdge {
  readonly from: string;
  readonly to: string;
  /** The asked measure. */
  readonly value: number;
  readonly count: number;
  readonly actors: number;
}
export interface TransitionsResult extends AnswerEnvelope {
  readonly type: 'transitions';
  readonly measure: (typeof TRANSITION_MEASURES)[number];
  /** By count descending, then from, to. */
  readonly edges: readonly TransitionEdge[];
  readonly edgeCount: number;
  readonly actorCount: number;
}
export const TransitionsSelectionSchema = z.strictObject({ from: z.string(), to: z.string() });
export type TransitionsSelection = z.infer<typeof TransitionsSelectionSchema>;

export const StepMatrixSchema = z.strictObject({
  ...documentShape,
  ...nodeShape,
  type: z.literal('stepMatrix'),
  maxSteps: z.int().min(1).max(100).default(10),
  collapseRepeats: z.boolean().default(false),
});
export type StepMatrixQuery = z.infer<typeof StepMatrixSchema>;
/** `share[event][position]` of all actors, 0..1; `(end)` from the position after the last event on. */
export interface StepMatrixResult extends AnswerEnvelope {
  readonly type: 'stepMatrix';
  readonly share: Readonly<Record<string, readonly number[]>>;
  readonly actorCount: number;
}
export const StepMatrixSelectionSchema = z.strictObject({ event: z.string(), position: z.int().min(0) });
export type StepMatrixSelection = z.infer<typeof StepMatrixSelectionSchema>;

export const VariantsSchema = z.strictObject({
  ...documentShape,
  ...nodeShape,
  type: z.literal('variants'),
  collapseRepeats: z.boolean().default(false),
  limit: z.int().min(1).max(1000).default(50),
});
export type VariantsQuery = z.infer<typeof VariantsSchema>;
/** Whole sequences by number of actors, descending, ties by sequence text. */
export interface VariantsResult extends AnswerEnvelope {
  readonly type: 'variants';
  readonly variants: readonly { readonly sequence: readonly string[]; readonly actors: number }[];
  readonly variantCount: number;
  readonly actorCount: number;
}
export const VariantsSelectionSchema = z.strictObject({ sequence: z.array(z.string()) });
export type VariantsSelection = z.infer<typeof VariantsSelectionSchema>;
