import { z } from 'zod';
import { fromZodError } from './error-schema.ts';
import { EngineError } from './errors.ts';
import {
  FlowSchema,
  FlowSelectionSchema,
  StepMatrixSchema,
  StepMatrixSelectionSchema,
  TransitionsSchema,
  TransitionsSelectionSchema,
  VariantsSchema,
  VariantsSelectionSchema,
} from './flow.ts';
import type { FlowResult, StepMatrixResult, TransitionsResult, VariantsResult } from './flow.ts';
import { FunnelSchema, FunnelSelectionSchema, type FunnelResult } from './funnel.ts';
import { JourneySchema, JourneySelectionSchema, type JourneyResult } from './journey.ts';
import {
  LifecycleSchema,
  LifecycleSelectionSchema,
  RetentionSchema,
  RetentionSelectionSchema,
  StickinessSchema,
  StickinessSelectionSchema,
} from './retention.ts';
import type { LifecycleResult, RetentionResult, StickinessResult } from './retention.ts';
import { RollupSchema, RollupSelectionSchema, type RollupResult } from './rollup.ts';

/** The public format of an analysis: what CLI, HTTP, workspaces and "copy as JSON" all speak. */
export const AnalysisSchema = z.discriminatedUnion('type', [
  FunnelSchema,
  FlowSchema,
  TransitionsSchema,
  StepMatrixSchema,
  VariantsSchema,
  RetentionSchema,
  LifecycleSchema,
  StickinessSchema,
  RollupSchema,
  JourneySchema,
]);
/** A checked document with its defaults filled in. */
export type Analysis = z.output<typeof AnalysisSchema>;
/** As written by a person: defaults may be left out. */
export type AnalysisDocument = z.input<typeof AnalysisSchema>;
export type AnalysisType = Analysis['type'];
export type AnalysisOf<T extends AnalysisType> = Extract<Analysis, { type: T }>;

export interface ResultByType {
  funnel: FunnelResult;
  flow: FlowResult;
  transitions: TransitionsResult;
  stepMatrix: StepMatrixResult;
  variants: VariantsResult;
  retention: RetentionResult;
  lifecycle: LifecycleResult;
  stickiness: StickinessResult;
  rollup: RollupResult;
  journey: JourneyResult;
}
export type AnalysisResult = ResultByType[AnalysisType];

/** Which number of an answer was clicked. */
export const SELECTION_SCHEMAS = {
  funnel: FunnelSelectionSchema,
  flow: FlowSelectionSchema,
  transitions: TransitionsSelectionSchema,
  stepMatrix: StepMatrixSelectionSchema,
  variants: VariantsSelectionSchema,
  retention: RetentionSelectionSchema,
  lifecycle: LifecycleSelectionSchema,
  stickiness: StickinessSelectionSchema,
  rollup: RollupSelectionSchema,
  journey: JourneySelectionSchema,
} as const;
export type SelectionOf<T extends AnalysisType> = z.output<(typeof SELECTION_SCHEMAS)[T]>;
export type Selection = SelectionOf<AnalysisType>;

/** A key that is null counts as left out. Throws E_BAD_QUERY with the path in the JSON. */
export function parseAnalysis(input: unknown): Analysis {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new EngineError('E_BAD_QUERY', 'An analysis is a JSON object.', {
      hint: 'See docs/cli.md for examples.',
      path: '',
    });
  const parsed = AnalysisSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const retried = AnalysisSchema.safeParse(withoutNulls(input));
  if (retried.success) return retried.data;
  throw fromZodError(parsed.error, 'E_BAD_QUERY', 'This analysis cannot be read');
}

/** Keys whose null says something else than leaving them out: any event, every edge. */
const NULL_SPEAKS: ReadonlySet<string> = new Set(['event', 'edgeLimit']);
/** Deeper than any condition that people write; a hostile document may nest without end. */
const DEEPEST = 64;
/** Programs write `null` for what they have not set. */
function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((inner) => withoutNulls(inner, depth + 1));
  const kept = Object.entries(value).filter(([key, inner]) => inner !== null || NULL_SPEAKS.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner, depth + 1)]));
}

/** Throws E_BAD_QUERY when the selection does not fit the analysis type. */
export function parseSelection<T extends AnalysisType>(type: T, input: unknown): SelectionOf<T> {
  const parsed = SELECTION_SCHEMAS[type].safeParse(input);
  if (parsed.success) return parsed.data as SelectionOf<T>;
  throw fromZodError(parsed.error, 'E_BAD_QUERY', `This selection does not fit a ${type}`);
}
