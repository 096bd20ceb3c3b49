import { useCallback } from 'react';
import type { AnalysisOf, AnalysisType, Selection, SelectionOf } from '../../../protocol/index.ts';
import { effectiveAnalysis } from '../../stores/answers.ts';
import { usePanel } from '../../stores/panel.ts';
import { useWorkspace } from '../../stores/workspace.ts';

/** Opens the actors behind a number of an analysis in the right panel. */
export function useActors<T extends AnalysisType>(
  analysis: AnalysisOf<T> & { type: T },
): (selection: SelectionOf<T>, title: string) => void {
  return useCallback(
    (selection, title) => {
      const { document } = useWorkspace.getState();
      usePanel
        .getState()
        .showActors({ analysis: effectiveAnalysis(analysis, document), selection: selection as Selection, title });
    },
    [analysis],
  );
}
