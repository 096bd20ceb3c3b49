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
  sessionGapSeconds: z.number().positive().nullable().default(null),
  collapseRepeats: z.boolean().default(true),
  startAt: z.string().nullish(),
  endAt: z.string().nullish(),
});
export type FlowQuery = z.infer<typeof FlowSchema>;

/** From `from` at position `step` (1-based) to `to` at `step + 1`. `count` = paths. */
export interface FlowEdge {
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly averageSeconds: number;
}
/**
 * Balance at every node: `starts + in` = `out + dropOff + remainderOut` where `in` includes `remainderIn`; `out`
 * counts the shown edges only. The remainder is what `edgeLimit` (or reachability from startAt) hides. `dropOff` = paths that end here
 * (a path cut at maxSteps ends at `maxSteps` as `continues`, not as drop-off).
 */
export interface FlowNode {
  readonly step: number;
  readonly name: string;
  /** Paths through this node. */
  readonly count: number;
  /** Paths that begin here. */
  readonly starts: number;
  readonly in: number;
  readonly out: number;
  readonly dropOff: number;
  /** Paths that go on beyond maxSteps. */
  readonly continues: number;
  readonly remainderIn: number;
  readonly remainderOut: number;
  /** 1 for the first time this event name occurs in the paths up to here, 2 for "2nd", … (display only). */
  readonly visit: number;
}
export interface FlowResult extends AnswerEnvelope {
  readonly type: 'flow';
  readonly edges: readonly FlowEdge[];
  readonly edgeCount: number;
  readonly nodes: readonly FlowNode[];
  readonly pathCount: number;
  readonly actorCount: number;
  /** Edges hidden by edgeLimit, and the path steps on them. */
  readonly remainder: { readonly edges: number; readonly count: number };
}
/** Actors with a path through a node, an edge, a drop-off, a remainder, or a whole branch (nodes by position). */
export const FlowSelectionSchema = z.union([
  z.strictObject({ node: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ edge: z.strictObject({ step: z.int().min(1), from: z.string(), to: z.string() }) }),
  z.strictObject({ dropOff: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ remainder: z.strictObject({ step: z.int().min(1), name: z.string() }) }),
  z.strictObject({ branch: z.array(z.string()).min(1) }),
  z.strictObject({ all: z.literal(true) }),
]);
export type FlowSelection = z.infer<typeof FlowSelectionSchema>;

export const TRANSITION_MEASURES = ['count', 'actors', 'shareOfSource', 'shareOfTarget', 'shareOfTotal', 'averageSeconds', 'medianSeconds'] as const;
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
