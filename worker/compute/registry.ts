import {
  EngineError,
  type Analysis,
  type AnalysisType,
  type Selection,
  type SemanticsRule,
} from '../../protocol/index.ts';
import type { ActorIndex } from '../segment/segment.ts';
import type { ActorExplanation, ActorFacts, AnswerBody, ComputeContext } from './compute-module.ts';
import { flowModule } from './flow.ts';
import { funnelModule } from './funnel.ts';
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
  merge(partials: readonly unknown[], query: Analysis, context: ComputeContext): AnswerBody<AnalysisType>;
  select(context: ComputeContext, query: Analysis, selection: Selection, answer: AnswerBody<AnalysisType>): Uint32Array;
  semantics(query: Analysis): readonly SemanticsRule[];
  describeActors?(context: ComputeContext, query: Analysis, actors: Uint32Array): readonly ActorFacts[];
  explain?(context: ComputeContext, query: Analysis, actor: ActorIndex): ActorExplanation;
}

const MODULES: { readonly [T in AnalysisType]?: AnyComputeModule } = {
  flow: flowModule,
  funnel: funnelModule,
  lifecycle: lifecycleModule,
  retention: retentionModule,
  rollup: rollupModule,
  stepMatrix: stepMatrixModule,
  stickiness: stickinessModule,
  transitions: transitionsModule,
  variants: variantsModule,
};

export function getComputeModule(type: AnalysisType): AnyComputeModule {
  const module = MODULES[type];
  if (module === undefined)
    throw new EngineError('E_UNSUPPORTED', `The analysis type "${type}" is not there yet.`, {
      hint: 'Update Tributary.',
      path: 'type',
    });
  return module;
}
