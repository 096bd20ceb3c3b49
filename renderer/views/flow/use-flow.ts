import { useMemo } from 'react';
import {
  FlowSchema,
  StepMatrixSchema,
  TransitionsSchema,
  VariantsSchema,
  type FlowQuery,
  type StepMatrixQuery,
  type TransitionsQuery,
  type VariantsQuery,
} from '../../../protocol/index.ts';
import { useAnalysis } from '../../stores/workspace.ts';

export type ChangeFlow = (change: (old: FlowQuery) => FlowQuery, label: string) => void;

export const useFlow = (): [FlowQuery, ChangeFlow] =>
  useAnalysis<'flow'>('flow', () => FlowSchema.parse({ type: 'flow' }));

/** The rules about nodes are set once and hold in all tabs of the view. */
function getNodeRules(flow: FlowQuery) {
  const { include, groupings, excludeEvents, collapseRepeats, where, dateRange } = flow;
  return {
    groupings,
    excludeEvents,
    collapseRepeats,
    ...((include ?? null) === null ? {} : { include }),
    ...(where === undefined ? {} : { where }),
    ...((dateRange ?? null) === null ? {} : { dateRange }),
  };
}

export function useTransitions(
  flow: FlowQuery,
): [TransitionsQuery, (change: (old: TransitionsQuery) => TransitionsQuery, label: string) => void] {
  const [own, change] = useAnalysis<'transitions'>('flow.transitions', () =>
    TransitionsSchema.parse({ type: 'transitions', boundaryNodes: true }),
  );
  const merged = useMemo(
    () =>
      TransitionsSchema.parse({
        type: 'transitions',
        measure: own.measure,
        boundaryNodes: own.boundaryNodes,
        ...getNodeRules(flow),
      }),
    [own.measure, own.boundaryNodes, flow],
  );
  return [merged, change];
}

export function useVariants(flow: FlowQuery): VariantsQuery {
  return useMemo(() => VariantsSchema.parse({ type: 'variants', limit: 100, ...getNodeRules(flow) }), [flow]);
}

export function useStepMatrix(flow: FlowQuery): StepMatrixQuery {
  return useMemo(
    () => StepMatrixSchema.parse({ type: 'stepMatrix', maxSteps: flow.maxSteps, ...getNodeRules(flow) }),
    [flow],
  );
}
