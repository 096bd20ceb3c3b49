import type { Analysis, AnalysisType, Selection, SemanticsRule } from '../../protocol/index.ts';
import type { ActorIndex } from '../segment/segment.ts';
import type {
  ActorExplanation,
  ActorFacts,
  AnswerBody,
  ComputeContext,
  FromDerived,
  Preparation,
} from './compute-module.ts';
import { flowModule } from './flow.ts';
import { funnelModule } from './funnel.ts';
import { journeyModule } from './journey.ts';
import { lifecycleModule } from './lifecycle.ts';
import { retentionModule } from './retention.ts';
import { rollupModule } from './rollup.ts';
import { stepMatrixModule } from './step-matrix.ts';
import { stickinessModule } from './stickiness.ts';
import { transitionsModule } from './transitions.ts';
import { variantsModule } from './variants.ts';

/**
 * A ComputeModule whose analysis type is only known at run time. The caller hands query, selection, partials and
 * answer of one and the same type to it; partials stay unread outside.
 */
export interface AnyComputeModule {
  readonly type: AnalysisType;
  compute(context: ComputeContext, query: Analysis): unknown;
  derived?(context: ComputeContext, query: Analysis): readonly string[];
  readonly fromDerived?: FromDerived<Analysis, unknown>;
  readonly preparation?: Preparation<Analysis>;
  survey?(context: ComputeContext, query: Analysis): Float64Array | null;
  readonly addsCells?: true;
  merge(partials: readonly unknown[], query: Analysis, context: ComputeContext): AnswerBody<AnalysisType>;
  select(context: ComputeContext, query: Analysis, selection: Selection, answer: AnswerBody<AnalysisType>): Uint32Array;
  semantics(query: Analysis): readonly SemanticsRule[];
  describeActors?(context: ComputeContext, query: Analysis, actors: Uint32Array): readonly ActorFacts[];
  explain?(context: ComputeContext, query: Analysis, actor: ActorIndex): ActorExplanation;
}

const MODULES: { readonly [T in AnalysisType]: AnyComputeModule } = {
  funnel: funnelModule,
  flow: flowModule,
  transitions: transitionsModule,
  stepMatrix: stepMatrixModule,
  variants: variantsModule,
  retention: retentionModule,
  lifecycle: lifecycleModule,
  stickiness: stickinessModule,
  rollup: rollupModule,
  journey: journeyModule,
};

export function getComputeModule(type: AnalysisType): AnyComputeModule {
  return MODULES[type];
}
