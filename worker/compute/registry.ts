import { EngineError, type AnalysisType } from '../../protocol/index.ts';
import type { ComputeModule } from './compute-module.ts';
import { rollupModule } from './rollup.ts';

/** A module whose analysis type is only known at run time: its partials go back to the same module unread. */
export type AnyComputeModule = ComputeModule<AnalysisType, unknown>;

const MODULES: { readonly [T in AnalysisType]?: AnyComputeModule } = {
  rollup: rollupModule,
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
