import { useMemo, useRef, type ReactElement, type Ref } from 'react';
import type { StepMatrixQuery, StepMatrixResult } from '../../../protocol/index.ts';
import { Chart, type ChartHandle } from '../../charts/Chart.tsx';
import { HEAT_ROW_HEIGHT } from '../../charts/heat-map.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useAnswer } from '../../stores/answers.ts';
import { formatUnits } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { AnalysisBody } from '../parts/AnalysisBody.tsx';
import { AnalysisExport } from '../parts/AnalysisExport.tsx';
import { useActors } from '../parts/use-actors.ts';
import { NoPaths, type PageProps } from './flow-page.tsx';
import classes from './flow.module.css';
import { getCellTitle, getStepMatrix } from './step-matrix-chart.ts';
import { useStepMatrix } from './use-flow.ts';

/** Who is where at each step: share of all actors by event and position. */
export function StepMatrixPage({ flow, change, tabs }: PageProps): ReactElement {
  const matrix = useStepMatrix(flow);
  const answer = useAnswer<'stepMatrix'>('flow.matrix', matrix);
  const chart = useRef<ChartHandle>(null);
  return (
    <ViewLayout
      title="Flow"
      note={answer.result === null ? null : formatUnits(answer.result.actorCount, 'actor')}
      actions={
        <>
          {tabs}
          <AnalysisExport
            name="step matrix"
            analysis={matrix}
            picture={() => chart.current}
            disabled={answer.result === null}
          />
        </>
      }
    >
      <AnalysisBody
        answer={answer}
        errorTitle="The step matrix could not be computed"
        isEmpty={(r) => r.actorCount === 0}
        empty={<NoPaths flow={flow} change={change} />}
      >
        {(r) => <StepMatrixChart analysis={matrix} result={r} ref={chart} />}
      </AnalysisBody>
    </ViewLayout>
  );
}

/** Px: a row at most, and the names of the columns. */
const TALLEST_ROW = 44;
const HEAD = 56;
const CELL_WIDTH = 52;
const ROW_NAMES = 160;
function StepMatrixChart({
  analysis,
  result,
  ref,
}: {
  readonly analysis: StepMatrixQuery;
  readonly result: StepMatrixResult;
  readonly ref: Ref<ChartHandle>;
}): ReactElement {
  const theme = useChartTheme();
  const matrix = useMemo(() => getStepMatrix(result, theme), [result, theme]);
  const showActors = useActors<'stepMatrix'>(analysis);
  return (
    <div className={classes.scroll}>
      <div
        style={{
          minWidth: (matrix.picture.columnCount ?? 0) * CELL_WIDTH + ROW_NAMES,
          height: `clamp(${matrix.rowCount * HEAT_ROW_HEIGHT + HEAD}px, 100%, ${matrix.rowCount * TALLEST_ROW + HEAD}px)`,
        }}
      >
        <Chart
          {...matrix.picture}
          ref={ref}
          label="Share of the actors by event and step"
          onSelect={(mark) => {
            const cell = matrix.cells[mark.dataIndex] ?? null;
            if (cell !== null) showActors(cell, getCellTitle(cell));
          }}
        />
      </div>
    </div>
  );
}
