import { Button } from '@mantine/core';
import { useMemo, type ReactElement, type Ref } from 'react';
import type { TransitionsQuery, TransitionsResult } from '../../../protocol/index.ts';
import { Chart, type ChartHandle } from '../../charts/Chart.tsx';
import { HEAT_ROW_HEIGHT } from '../../charts/heat-map.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useTab } from '../parts/use-tab.ts';
import { useActors } from '../parts/use-actors.ts';
import classes from './flow.module.css';
import { getTransitionMatrix, TOP_NAMES } from './transitions-chart.ts';

export interface TransitionsTabProps {
  readonly analysis: TransitionsQuery;
  readonly result: TransitionsResult;
  readonly ref: Ref<ChartHandle>;
}

/** What directly follows what, as a matrix. */
export function TransitionsTab({ analysis, result, ref }: TransitionsTabProps): ReactElement {
  const theme = useChartTheme();
  const [shows, setShows] = useTab<'top' | 'all'>('flow.matrix', ['top', 'all']);
  const matrix = useMemo(() => getTransitionMatrix(result, shows, theme), [result, shows, theme]);
  const showActors = useActors<'transitions'>(analysis);
  const more = matrix.nameCount > TOP_NAMES;
  return (
    <>
      {more ? (
        <div className={classes.shown}>
          {shows === 'top'
            ? `The ${TOP_NAMES} most frequent of ${matrix.nameCount} events`
            : `All ${matrix.nameCount} events`}
          <Button size="xs" variant="subtle" onClick={() => setShows(shows === 'top' ? 'all' : 'top')}>
            {shows === 'top' ? 'Show all' : 'Show the most frequent'}
          </Button>
        </div>
      ) : null}
      <div className={classes.scroll}>
        <div
          style={{
            minWidth: matrix.columnCount * CELL_WIDTH + ROW_NAMES,
            height: `max(100%, ${matrix.rowCount * HEAT_ROW_HEIGHT + COLUMN_NAMES}px)`,
          }}
        >
          <Chart
            {...matrix.picture}
            ref={ref}
            label="Which event directly follows which"
            onSelect={(mark) => {
              const pair = matrix.pairs[mark.dataIndex];
              if (pair !== undefined) showActors(pair, `${pair.from} → ${pair.to}`);
            }}
          />
        </div>
      </div>
    </>
  );
}
/** Px. */
const CELL_WIDTH = 36;
const ROW_NAMES = 160;
const COLUMN_NAMES = 90;
