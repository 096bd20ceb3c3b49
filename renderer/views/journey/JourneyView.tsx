import { Button, SegmentedControl } from '@mantine/core';
import { useMemo, useRef, type ReactElement } from 'react';
import { JourneySchema, NO_STATE, type JourneyQuery, type JourneyResult } from '../../../protocol/index.ts';
import type { ChartHandle } from '../../charts/Chart.tsx';
import { getStateColors, type ColorOf } from '../../charts/palette.ts';
import { getDifferenceText } from '../../charts/time-series.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useAnswer } from '../../stores/answers.ts';
import { usePanel } from '../../stores/panel.ts';
import { useSession } from '../../stores/session.ts';
import { useAnalysis } from '../../stores/workspace.ts';
import { formatCount, formatShare, formatUnits } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { EmptyState } from '../../widgets/states.tsx';
import { Rules } from '../parts/Rules.tsx';
import { AnalysisBody } from '../parts/AnalysisBody.tsx';
import { AnalysisExport } from '../parts/AnalysisExport.tsx';
import { Figure, Figures, FigureSkeletons } from '../parts/Figure.tsx';
import { getSvgPicture } from '../parts/svg-picture.ts';
import { getSensibleInterval } from '../parts/sensible-interval.ts';
import { useActors } from '../parts/use-actors.ts';
import { useTab } from '../parts/use-tab.ts';
import { getModelFromEvents } from './journey-model.ts';
import { JourneyRules, type ChangeJourney } from './JourneyRules.tsx';
import { CompareTab, MovesTab, SizesTab, TimesTab } from './JourneyTabs.tsx';
import classes from './journey.module.css';

const TABS = ['moves', 'sizes', 'times', 'compare'] as const;
type Tab = (typeof TABS)[number];
const TAB_TEXT: Readonly<Record<Tab, string>> = {
  moves: 'Moves',
  sizes: 'Over time',
  times: 'Times',
  compare: 'Then and now',
};

function getInitialJourney(): JourneyQuery {
  const interval = getSensibleInterval(useSession.getState().source);
  return JourneySchema.parse({ type: 'journey', interval: interval === 'hour' ? 'day' : interval });
}

/** Where everybody is, how they got there, how long it took, and what changed. */
export function JourneyView(): ReactElement {
  const [journey, change] = useAnalysis<'journey'>('journey', () => getInitialJourney());
  const [tab, setTab] = useTab<Tab>('journey', TABS);
  const answer = useAnswer<'journey'>('journey', journey, { moving: tab === 'moves' ? 'counts' : 'full' });
  const theme = useChartTheme();
  const colorOf = useMemo(() => getStateColors(theme, journey.model.states), [theme, journey.model.states]);
  const svg = useRef<SVGSVGElement>(null);
  const chart = useRef<ChartHandle>(null);
  const hasResult = answer.result !== null;
  const rules = useMemo(
    () => (
      <Rules>
        <JourneyRules journey={journey} change={change} />
      </Rules>
    ),
    [journey, change],
  );
  const actions = useMemo(
    () => (
      <>
        <SegmentedControl
          aria-label="Picture"
          data={TABS.map((value) => ({ value, label: TAB_TEXT[value] }))}
          value={tab}
          onChange={setTab}
        />
        <AnalysisExport
          name={`journey ${TAB_TEXT[tab]}`}
          analysis={journey}
          disabled={!hasResult}
          {...(tab === 'times'
            ? {}
            : {
                picture: () =>
                  tab === 'moves' ? getSvgPicture(svg.current, 'Journey: moves between stages') : chart.current,
              })}
        />
      </>
    ),
    [journey, tab, setTab, hasResult],
  );
  return (
    <ViewLayout
      title="Journey"
      note={answer.result === null ? null : formatUnits(answer.result.actorCount, 'actor')}
      actions={actions}
    >
      {rules}
      {answer.result === null ? (
        <div className={classes.figures}>
          <FigureSkeletons labels={journey.model.states} />
        </div>
      ) : (
        <StageFigures journey={journey} result={answer.result} stale={answer.stale} colorOf={colorOf} />
      )}
      <AnalysisBody
        answer={answer}
        errorTitle="The journey could not be computed"
        isEmpty={(r) => r.moves.length === 0}
        empty={<NoStages change={change} />}
      >
        {(result) => {
          if (tab === 'moves') return <MovesTab journey={journey} result={result} colorOf={colorOf} svg={svg} />;
          if (tab === 'sizes') return <SizesTab journey={journey} result={result} colorOf={colorOf} chart={chart} />;
          if (tab === 'times') return <TimesTab journey={journey} result={result} colorOf={colorOf} />;
          return result.comparison === undefined ? (
            <NothingToCompare />
          ) : (
            <CompareTab journey={journey} result={result} chart={chart} />
          );
        }}
      </AnalysisBody>
    </ViewLayout>
  );
}

interface StageFiguresProps {
  readonly journey: JourneyQuery;
  readonly result: JourneyResult;
  readonly stale: boolean;
  readonly colorOf: ColorOf;
}
/** Stages as of T; with a comparison, what changed. */
function StageFigures({ journey, result, stale, colorOf }: StageFiguresProps): ReactElement {
  const showActors = useActors<'journey'>(journey);
  const then = result.comparison?.sizes;
  const all = result.states.reduce((sum, state) => sum + (result.sizes[state] ?? 0), 0);
  return (
    <div className={classes.figures} data-stale={stale || undefined}>
      <Figures>
        {result.states.map((state) => {
          const size = result.sizes[state] ?? 0;
          const change = then === undefined ? '' : ` · ${getDifferenceText(size - (then[state] ?? 0), formatCount)}`;
          return (
            <Figure
              key={state}
              label={state}
              color={colorOf(state)}
              value={formatCount(size)}
              note={`${formatShare(size / all)}${change}`}
              onClick={() => showActors({ state }, `In ${state}`)}
            />
          );
        })}
        {result.noState === 0 ? null : (
          <Figure
            label="No stage"
            value={formatCount(result.noState)}
            note="events, but no rule fits"
            onClick={() => showActors({ state: NO_STATE }, 'In no stage')}
          />
        )}
      </Figures>
    </div>
  );
}

function NoStages({ change }: { readonly change: ChangeJourney }): ReactElement {
  const vocabulary = useSession((s) => s.vocabulary);
  const start = (): void =>
    change((old) => ({ ...old, model: getModelFromEvents(vocabulary) }), 'Start a model from the events');
  return (
    <EmptyState action={<Button onClick={start}>Start from the most frequent events</Button>}>
      No event of this data moves anybody into a stage of this model.
    </EmptyState>
  );
}
function NothingToCompare(): ReactElement {
  return (
    <EmptyState action={<Button onClick={() => usePanel.getState().showRules()}>Choose a day</Button>}>
      Choose a day under “Compare with” to see who moved since.
    </EmptyState>
  );
}
