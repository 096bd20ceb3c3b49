import { useMemo, useState, type ReactElement, type RefObject } from 'react';
import { Users } from 'lucide-react';
import type { JourneyQuery, JourneyResult } from '../../../protocol/index.ts';
import { Chart, type ChartHandle } from '../../charts/Chart.tsx';
import type { ColorOf } from '../../charts/palette.ts';
import { getPeriodTitle } from '../../charts/period-text.ts';
import { Sankey, type Anchor } from '../../charts/Sankey.tsx';
import type { SankeyTarget } from '../../charts/sankey-graph.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { formatCount, formatDuration, formatShare, formatUnits } from '../../widgets/format.ts';
import { ActionMenu } from '../parts/ActionMenu.tsx';
import { Legend } from '../parts/Figure.tsx';
import { PlainTable } from '../parts/PlainTable.tsx';
import { useActors } from '../parts/use-actors.ts';
import { getMovementMap, getSizesPicture, getStateAt, getStateText } from './journey-charts.ts';
import { getJourneyPicture, getJourneySelections, getJourneyTargetTitle, getJourneyTip } from './journey-graph.ts';
import classes from './journey.module.css';

export interface TabProps {
  readonly journey: JourneyQuery;
  readonly result: JourneyResult;
  readonly colorOf: ColorOf;
}
interface ChartTab extends TabProps {
  readonly chart: RefObject<ChartHandle | null>;
}

/** How actors move between stages, loops unrolled. */
export function MovesTab({
  journey,
  result,
  colorOf,
  svg,
}: TabProps & { readonly svg: RefObject<SVGSVGElement | null> }): ReactElement {
  const picture = useMemo(() => getJourneyPicture(result, colorOf), [result, colorOf]);
  const [chosen, setChosen] = useState<{ target: SankeyTarget; at: Anchor } | null>(null);
  const showActors = useActors<'journey'>(journey);
  const title = chosen === null ? '' : getJourneyTargetTitle(picture, chosen.target);
  return (
    <>
      <Sankey
        ref={svg}
        graph={picture.graph}
        total={result.actorCount}
        columnTitles={picture.columnTitles}
        label={`Moves of ${formatUnits(result.actorCount, 'actor')} between stages`}
        tip={(target) => getJourneyTip(picture, target)}
        onSelect={(target, at) => {
          if (getJourneySelections(picture, target).length > 0) setChosen({ target, at });
        }}
        selected={chosen?.target.kind === 'node' ? [chosen.target.id] : []}
      />
      {chosen === null ? null : (
        <ActionMenu
          at={chosen.at}
          title={title}
          groups={[
            getJourneySelections(picture, chosen.target).map(({ selection, label }) => ({
              label,
              icon: <Users size={14} />,
              run: () => showActors(selection, `${title}: ${'stays' in selection ? 'still there' : 'all'}`),
            })),
          ]}
          onClose={() => setChosen(null)}
        />
      )}
    </>
  );
}

export function SizesTab({ journey, result, colorOf, chart }: ChartTab): ReactElement {
  const theme = useChartTheme();
  const picture = useMemo(
    () => getSizesPicture(result, journey.interval, colorOf, theme),
    [result, journey.interval, colorOf, theme],
  );
  const showActors = useActors<'journey'>(journey);
  return (
    <>
      <div className={classes.fill}>
        <Chart
          {...picture}
          ref={chart}
          label={`Actors in each stage at the end of each ${journey.interval}`}
          onSelect={({ seriesId, dataIndex }, at) => {
            const state = seriesId ?? (at.value === null ? null : getStateAt(result, dataIndex, at.value));
            const period = result.periods[dataIndex];
            if (state !== null && period !== undefined)
              showActors({ state, period }, `${state}, end of ${getPeriodTitle(period, journey.interval)}`);
          }}
        />
      </div>
      <Legend items={result.states.map((state) => ({ name: state, color: colorOf(state) }))} />
    </>
  );
}

/** How long stays last, and every kind of move. */
export function TimesTab({ journey, result, colorOf }: TabProps): ReactElement {
  const showActors = useActors<'journey'>(journey);
  const name = (state: string): ReactElement => (
    <span className={classes.name}>
      <i style={{ background: colorOf(state) }} />
      {state === 'start' ? 'No stage yet' : state}
    </span>
  );
  return (
    <div className={classes.tables}>
      <PlainTable
        label="Time in stage"
        rows={result.states.map((state) => ({ state, ...result.timeInState[state] }))}
        keyOf={(row) => row.state}
        onRow={(row) => showActors({ state: row.state }, `In ${row.state} now`)}
        columns={[
          { title: 'Stage', cell: (row) => name(row.state) },
          { title: 'Ended stays', numeric: true, cell: (row) => formatCount(row.stays ?? 0) },
          { title: 'Median', numeric: true, cell: (row) => formatTime(row.stays, row.medianSeconds) },
          { title: 'Mean', numeric: true, cell: (row) => formatTime(row.stays, row.averageSeconds) },
          { title: '90% under', numeric: true, cell: (row) => formatTime(row.stays, row.p90Seconds) },
          { title: 'Still there', numeric: true, cell: (row) => formatCount(row.open ?? 0) },
        ]}
      />
      <PlainTable
        label="Moves"
        rows={result.moves}
        keyOf={(move) => `${move.from}\u0000${move.to}`}
        onRow={(move) =>
          showActors(
            { move: { from: move.from, to: move.to } },
            `${move.from === 'start' ? 'Began' : move.from} → ${move.to}`,
          )
        }
        columns={[
          { title: 'From', cell: (move) => name(move.from) },
          { title: 'To', cell: (move) => name(move.to) },
          { title: 'Moves', numeric: true, cell: (move) => formatCount(move.count) },
          { title: 'Actors', numeric: true, cell: (move) => formatCount(move.actors) },
          { title: 'Of all', numeric: true, cell: (move) => formatShare(move.actors / result.actorCount) },
          {
            title: 'Median time before',
            numeric: true,
            cell: (move) => (move.from === 'start' ? '–' : formatDuration(move.medianSeconds)),
          },
          {
            title: 'Mean time before',
            numeric: true,
            cell: (move) => (move.from === 'start' ? '–' : formatDuration(move.averageSeconds)),
          },
        ]}
      />
    </div>
  );
}
const formatTime = (stays: number | undefined, seconds: number | undefined): string =>
  (stays ?? 0) === 0 || seconds === undefined ? '–' : formatDuration(seconds);

export function CompareTab({ journey, result, chart }: Omit<ChartTab, 'colorOf'>): ReactElement {
  const theme = useChartTheme();
  const map = useMemo(() => getMovementMap(result, theme), [result, theme]);
  const showActors = useActors<'journey'>(journey);
  return (
    <Chart
      {...map.picture}
      ref={chart}
      height={`min(100%, ${map.pairs.length ** 0.5 * 56 + 56}px)`}
      label="Stages then, stages now"
      onSelect={({ dataIndex }) => {
        const pair = map.pairs[dataIndex];
        if (pair !== undefined) showActors({ moved: pair }, `${getStateText(pair.from)} → ${getStateText(pair.to)}`);
      }}
    />
  );
}
