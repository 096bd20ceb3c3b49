import { useMemo, type ReactElement, type Ref } from 'react';
import type { TransitionsQuery, TransitionsResult } from '../../../protocol/index.ts';
import { Chart, type ChartHandle } from '../../charts/Chart.tsx';
import { HEAT_ROW_HEIGHT } from '../../charts/heat-map.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useActors } from '../parts/use-actors.ts';
import { getTransitionMatrix } from './transitions-chart.ts';

export interface TransitionsTabProps {
  readonly analysis: TransitionsQuery;
  readonly result: TransitionsResult;
  readonly ref: Ref<ChartHandle>;
}

/** What directly follows what, as a matrix. */
export function TransitionsTab({ analysis, result, ref }: TransitionsTabProps): ReactElement {
  const theme = useChartTheme();
  const matrix = useMemo(() => getTransitionMatrix(result, theme), [result, theme]);
  const showActors = useActors<'transitions'>(analysis);
  return (
    <div style={{ flex: 1, minHeight: 0, overflow: 'auto' }}>
      <Chart
        {...matrix.picture}
        ref={ref}
        height={`max(100%, ${matrix.rowCount * HEAT_ROW_HEIGHT + 56}px)`}
        label="Which event directly follows which"
        onSelect={(mark) => {
          const pair = matrix.pairs[mark.dataIndex];
          if (pair !== undefined) showActors(pair, `${pair.from} → ${pair.to}`);
        }}
      />
    </div>
  );
}
