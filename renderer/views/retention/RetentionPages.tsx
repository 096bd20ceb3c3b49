import { SegmentedControl } from '@mantine/core';
import { useMemo, useRef, type ReactElement } from 'react';
import { Chart, type ChartHandle } from '../../charts/Chart.tsx';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useSize } from '../../charts/use-size.ts';
import { getPeriodTitle } from '../../charts/period-text.ts';
import { useAnswer } from '../../stores/answers.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { EmptyState } from '../../widgets/states.tsx';
import { Rules } from '../parts/Rules.tsx';
import { AnalysisBody } from '../parts/AnalysisBody.tsx';
import { AnalysisExport } from '../parts/AnalysisExport.tsx';
import { Legend } from '../parts/Figure.tsx';
import { useActors } from '../parts/use-actors.ts';
import { useTab } from '../parts/use-tab.ts';
import type {
  LifecycleQuery,
  LifecycleResult,
  RetentionQuery,
  RetentionResult,
  StickinessQuery,
  StickinessResult,
} from '../../../protocol/index.ts';
import {
  getCohortMap,
  getCurvePicture,
  getLifecycleColors,
  getLifecyclePicture,
  getRetentionCurve,
  getStickinessPicture,
  LIFECYCLE_TEXT,
} from './retention-chart.ts';
import { ActivityRules, RetentionRules } from './RetentionRules.tsx';
import { getCohortRoom } from './cohort-room.ts';
import { useLifecycle, useRetention, useStickiness } from './use-retention.ts';
import classes from './retention.module.css';

export interface PageProps {
  readonly tabs: ReactElement;
}
const NoActors = (): ReactElement => <EmptyState>Nobody fits these rules in this range.</EmptyState>;

/** Cohorts and the curve are two pictures of one answer. */
export function CohortPage({ tabs, shows }: PageProps & { readonly shows: 'cohorts' | 'curve' }): ReactElement {
  const [analysis, change] = useRetention();
  const answer = useAnswer<'retention'>('retention', analysis);
  const chart = useRef<ChartHandle>(null);
  const [unit, setUnit] = useTab<'share' | 'count'>('retention.unit', ['share', 'count']);
  const numbers = (
    <SegmentedControl
      aria-label="Numbers"
      data={[
        { value: 'share', label: '%' },
        { value: 'count', label: 'Counts' },
      ]}
      value={unit}
      onChange={setUnit}
    />
  );
  return (
    <ViewLayout
      title="Retention"
      actions={
        <>
          {shows === 'cohorts' ? numbers : null}
          {tabs}
          <AnalysisExport
            name={shows === 'cohorts' ? 'retention cohorts' : 'retention curve'}
            analysis={analysis}
            picture={() => chart.current}
            disabled={answer.result === null}
          />
        </>
      }
    >
      <Rules>
        <RetentionRules analysis={analysis} change={change} />
      </Rules>
      <AnalysisBody
        answer={answer}
        errorTitle="Retention could not be computed"
        isEmpty={(r) => r.matrix.every((row) => (row[0] ?? 0) === 0)}
        empty={<NoActors />}
      >
        {(result) =>
          shows === 'cohorts' ? (
            <Cohorts analysis={analysis} result={result} unit={unit} chart={chart} />
          ) : (
            <Curve analysis={analysis} result={result} chart={chart} />
          )
        }
      </AnalysisBody>
    </ViewLayout>
  );
}

interface ChartOf<Q, R> {
  readonly analysis: Q;
  readonly result: R;
  readonly chart: React.RefObject<ChartHandle | null>;
}
function Cohorts({
  analysis,
  result,
  unit,
  chart,
}: ChartOf<RetentionQuery, RetentionResult> & { readonly unit: 'share' | 'count' }): ReactElement {
  const theme = useChartTheme();
  const map = useMemo(
    () => getCohortMap(result, analysis.interval, unit, theme),
    [result, analysis.interval, unit, theme],
  );
  const showActors = useActors<'retention'>(analysis);
  const host = useRef<HTMLDivElement>(null);
  const room = getCohortRoom(useSize(host)?.height ?? 0, map.rowCount);
  return (
    <div ref={host} className={classes.scroll}>
      <Chart
        {...map.picture}
        ref={chart}
        height={room.map}
        label={`Cohorts by ${analysis.interval}, and how many returned`}
        onSelect={({ dataIndex }) => {
          const cell = map.cells[dataIndex];
          if (cell === undefined || (result.matrix[cell.cohort]?.length ?? 0) <= cell.interval) return;
          showActors(
            { cohort: cell.cohort, interval: cell.interval, returned: true },
            `${getPeriodTitle(result.periodStarts[cell.cohort] ?? '', analysis.interval)}, ${cell.interval === 0 ? 'cohort' : `returned in ${analysis.interval} ${cell.interval}`}`,
          );
        }}
      />
      {room.curve === 0 ? null : (
        <div className={classes.curve} style={{ height: room.curve }}>
          <h3>All cohorts together</h3>
          <Curve analysis={analysis} result={result} />
        </div>
      )}
    </div>
  );
}

function Curve({
  analysis,
  result,
  chart,
}: Omit<ChartOf<RetentionQuery, RetentionResult>, 'chart'> & {
  readonly chart?: ChartOf<RetentionQuery, RetentionResult>['chart'];
}): ReactElement {
  const theme = useChartTheme();
  const picture = useMemo(
    () => getCurvePicture(getRetentionCurve(result), analysis.interval, theme),
    [result, analysis.interval, theme],
  );
  return (
    <Chart {...picture} ref={chart ?? null} label={`Share of the cohorts that returned, by ${analysis.interval}`} />
  );
}

export function LifecyclePage({ tabs }: PageProps): ReactElement {
  const [analysis, change] = useLifecycle();
  const answer = useAnswer<'lifecycle'>('retention.lifecycle', analysis);
  const chart = useRef<ChartHandle>(null);
  return (
    <ViewLayout
      title="Retention"
      actions={
        <>
          {tabs}
          <AnalysisExport
            name="lifecycle"
            analysis={analysis}
            picture={() => chart.current}
            disabled={answer.result === null}
          />
        </>
      }
    >
      <Rules>
        <ActivityRules analysis={analysis} onChange={(part, label) => change((old) => ({ ...old, ...part }), label)} />
      </Rules>
      <AnalysisBody
        answer={answer}
        errorTitle="The lifecycle could not be computed"
        isEmpty={(r) => r.periods.length === 0}
        empty={<NoActors />}
      >
        {(result) => <Lifecycle analysis={analysis} result={result} chart={chart} />}
      </AnalysisBody>
    </ViewLayout>
  );
}
function Lifecycle({ analysis, result, chart }: ChartOf<LifecycleQuery, LifecycleResult>): ReactElement {
  const theme = useChartTheme();
  const picture = useMemo(
    () => getLifecyclePicture(result, analysis.interval, theme),
    [result, analysis.interval, theme],
  );
  const colors = getLifecycleColors(theme);
  const showActors = useActors<'lifecycle'>(analysis);
  const statuses = ['new', 'returning', 'resurrecting', 'dormant'] as const;
  return (
    <>
      <Chart
        {...picture}
        ref={chart}
        height="calc(100% - 20px)"
        label={`New, returning, resurrecting and dormant actors by ${analysis.interval}`}
        onSelect={({ seriesId, dataIndex }) => {
          const status = statuses.find((s) => s === seriesId);
          const period = result.periods[dataIndex];
          if (status !== undefined && period !== undefined)
            showActors({ period, status }, `${LIFECYCLE_TEXT[status]}, ${getPeriodTitle(period, analysis.interval)}`);
        }}
      />
      <Legend items={statuses.map((s) => ({ name: LIFECYCLE_TEXT[s], color: colors[s] }))} />
    </>
  );
}

export function StickinessPage({ tabs }: PageProps): ReactElement {
  const [analysis, change] = useStickiness();
  const answer = useAnswer<'stickiness'>('retention.stickiness', analysis);
  const chart = useRef<ChartHandle>(null);
  return (
    <ViewLayout
      title="Retention"
      actions={
        <>
          {tabs}
          <AnalysisExport
            name="stickiness"
            analysis={analysis}
            picture={() => chart.current}
            disabled={answer.result === null}
          />
        </>
      }
    >
      <Rules>
        <ActivityRules analysis={analysis} onChange={(part, label) => change((old) => ({ ...old, ...part }), label)} />
      </Rules>
      <AnalysisBody
        answer={answer}
        errorTitle="Stickiness could not be computed"
        isEmpty={(r) => r.actorsByActiveIntervals.every((n) => n === 0)}
        empty={<NoActors />}
      >
        {(result) => <Stickiness analysis={analysis} result={result} chart={chart} />}
      </AnalysisBody>
    </ViewLayout>
  );
}
function Stickiness({ analysis, result, chart }: ChartOf<StickinessQuery, StickinessResult>): ReactElement {
  const theme = useChartTheme();
  const picture = useMemo(
    () => getStickinessPicture(result, analysis.interval, theme),
    [result, analysis.interval, theme],
  );
  const showActors = useActors<'stickiness'>(analysis);
  return (
    <Chart
      {...picture}
      ref={chart}
      label={`Actors by the number of ${analysis.interval}s they were active`}
      onSelect={({ dataIndex }) =>
        showActors(
          { activeIntervals: dataIndex + 1 },
          `Active in ${dataIndex + 1} ${analysis.interval}${dataIndex === 0 ? '' : 's'}`,
        )
      }
    />
  );
}
