import { SegmentedControl } from '@mantine/core';
import { useMemo, useRef, type ReactElement, type Ref } from 'react';
import { RollupSchema, type RollupQuery, type RollupResult } from '../../../protocol/index.ts';
import { Chart, type ChartHandle } from '../../charts/Chart.tsx';
import { getSeriesColors, type ColorOf } from '../../charts/palette.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useAnswer } from '../../stores/answers.ts';
import { useSession } from '../../stores/session.ts';
import { useAnalysis } from '../../stores/workspace.ts';
import { formatUnits } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { EmptyState } from '../../widgets/states.tsx';
import { useEventColors } from '../editors/use-event-colors.ts';
import { Rules } from '../parts/Rules.tsx';
import { AnalysisBody } from '../parts/AnalysisBody.tsx';
import { AnalysisExport } from '../parts/AnalysisExport.tsx';
import { Legend } from '../parts/Figure.tsx';
import { getSensibleInterval } from '../parts/sensible-interval.ts';
import { useActors } from '../parts/use-actors.ts';
import { useTab } from '../parts/use-tab.ts';
import {
  getRollupPicture,
  getRollupSelection,
  type RollupLook,
  type RollupMeasure,
  type RollupShape,
} from './rollup-chart.ts';
import { RollupRules } from './RollupRules.tsx';
import { RollupTable } from './RollupTable.tsx';
import classes from './rollups.module.css';

const SHAPES: readonly RollupShape[] = ['bar', 'line'];
/** How many series have a hue of their own. */
const HUES = 8;

/** Events and unique actors over time. */
export function RollupsView(): ReactElement {
  const [rollup, change] = useAnalysis<'rollup'>('rollups', () =>
    RollupSchema.parse({
      type: 'rollup',
      by: '$event',
      limit: HUES,
      interval: getSensibleInterval(useSession.getState().source),
    }),
  );
  // A split by a property not chosen yet asks nothing new.
  const asked = useMemo(() => (rollup.by === '' ? { ...rollup, by: null } : rollup), [rollup]);
  const answer = useAnswer<'rollup'>('rollups', asked);
  const summing = rollup.sum !== undefined && rollup.sum !== null;
  const [measure, setMeasure] = useTab<RollupMeasure>(
    'rollups.measure',
    summing ? ['events', 'actors', 'sum'] : ['events', 'actors'],
  );
  const [shape, setShape] = useTab<RollupShape>('rollups.shape', SHAPES);
  const colorOf = useRollupColors(asked, answer.result);
  const chart = useRef<ChartHandle>(null);
  const unit = measure === 'sum' ? `sum of ${rollup.sum ?? ''}` : measure === 'actors' ? 'unique actors' : 'events';
  const look: RollupLook = { measure, shape, colorOf, unit };
  const { result } = answer;
  return (
    <ViewLayout
      title="Rollups"
      note={
        result === null
          ? null
          : `${formatUnits(result.total.totalEvents, 'event')} of ${formatUnits(result.total.totalActors, 'actor')}${result.seriesCount > result.series.length ? ` · ${result.seriesCount} series` : ''}`
      }
      actions={
        <>
          <SegmentedControl
            aria-label="Measure"
            data={[
              { value: 'events', label: 'Events' },
              { value: 'actors', label: 'Unique actors' },
              ...(summing ? [{ value: 'sum' as const, label: 'Sum' }] : []),
            ]}
            value={measure}
            onChange={setMeasure}
          />
          <SegmentedControl
            aria-label="Shape"
            data={[
              { value: 'bar', label: 'Bars' },
              { value: 'line', label: 'Lines' },
            ]}
            value={shape}
            onChange={setShape}
          />
          <AnalysisExport
            name={`rollup ${unit} per ${asked.interval}`}
            analysis={asked}
            picture={() => chart.current}
            disabled={result === null}
          />
        </>
      }
    >
      <Rules>
        <RollupRules rollup={rollup} change={change} />
      </Rules>
      <AnalysisBody
        answer={answer}
        errorTitle="The rollup could not be computed"
        isEmpty={(r) => r.total.totalEvents === 0}
        empty={<EmptyState>No event fits these rules in this range.</EmptyState>}
      >
        {(r) => (
          <div className={classes.page}>
            <RollupChart rollup={asked} result={r} look={look} ref={chart} />
            {r.series.length > 1 && asked.interval !== 'total' ? (
              <Legend items={r.series.map((s) => ({ name: s.value, color: colorOf(s.value) }))} />
            ) : null}
            <div className={classes.table}>
              <RollupTable rollup={asked} result={r} colorOf={colorOf} />
            </div>
          </div>
        )}
      </AnalysisBody>
    </ViewLayout>
  );
}

function useRollupColors(rollup: RollupQuery, result: RollupResult | null): ColorOf {
  const theme = useChartTheme();
  const eventColors = useEventColors();
  return useMemo(() => {
    if (rollup.by === '$event') return eventColors;
    if (rollup.by === null) return () => theme.types[0] ?? theme.accent;
    return getSeriesColors(theme, result?.series.map((s) => s.value) ?? []);
  }, [rollup.by, result, theme, eventColors]);
}

interface RollupChartProps {
  readonly rollup: RollupQuery;
  readonly result: RollupResult;
  readonly look: RollupLook;
  readonly ref: Ref<ChartHandle>;
}
function RollupChart({ rollup, result, look, ref }: RollupChartProps): ReactElement {
  const theme = useChartTheme();
  const { measure, shape, colorOf, unit } = look;
  const { interval } = rollup;
  const picture = useMemo(
    () => getRollupPicture(result, { interval }, { measure, shape, colorOf, unit }, theme),
    [result, interval, measure, shape, colorOf, unit, theme],
  );
  const showActors = useActors<'rollup'>(rollup);
  return (
    <div className={classes.chart}>
      <Chart
        {...picture}
        ref={ref}
        label={`${unit.slice(0, 1).toUpperCase()}${unit.slice(1)} per ${interval === 'total' ? 'series' : interval}`}
        onSelect={(mark) => {
          const found = getRollupSelection(result, rollup, mark);
          if (found !== null) showActors(found.selection, found.title);
        }}
      />
    </div>
  );
}
