import { useMemo, useRef, type ReactElement, type ReactNode } from 'react';
import type { Analysis, AnswerEnvelope, JourneyQuery, RollupQuery } from '../../../protocol/index.ts';
import { Chart, type ChartHandle } from '../../charts/Chart.tsx';
import { getStateColors } from '../../charts/palette.ts';
import { getPeriodTitle } from '../../charts/period-text.ts';
import { getDifferenceText } from '../../charts/time-series.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useAnswer, useAtRest } from '../../stores/answers.ts';
import { formatCount, formatShare } from '../../widgets/format.ts';
import { Card } from '../../widgets/layout.tsx';
import { AnswerState, SkeletonRows, type AnswerLike } from '../../widgets/states.tsx';
import { SemanticsLine } from '../editors/SemanticsLine.tsx';
import { useEventColors } from '../editors/use-event-colors.ts';
import { getSizesPicture, getStateAt } from '../journey/journey-charts.ts';
import { AnalysisExport } from '../parts/AnalysisExport.tsx';
import { Figure, Figures, FigureSkeletons, Legend } from '../parts/Figure.tsx';
import { PlainTable } from '../parts/PlainTable.tsx';
import { queued, quiet } from '../parts/quiet.ts';
import { useActors } from '../parts/use-actors.ts';
import { getRollupPicture, getRollupSelection } from '../rollups/rollup-chart.ts';
import { getKeyRates, getRatePairs, getTypeChanges } from './key-rates.ts';
import { DAILY_DAYS, type OverviewQuestions, type Spans } from './overview-questions.ts';
import classes from './overview.module.css';

/** Charts that are slow to draw follow as of and the range when the hand rests. */
const AT_REST = { moving: 'rest' } as const;

interface ChartCardProps<R extends AnswerEnvelope> {
  readonly title: string;
  readonly name: string;
  readonly analysis: Analysis;
  readonly answer: AnswerLike<R>;
  readonly chart: { readonly current: ChartHandle | null };
  readonly children: (result: R) => ReactNode;
}
/** A chart of constant size with its rules and its way out. */
function ChartCard<R extends AnswerEnvelope>({
  title,
  name,
  analysis,
  answer,
  chart,
  children,
}: ChartCardProps<R>): ReactElement {
  return (
    <Card
      title={title}
      actions={
        <AnalysisExport
          name={name}
          analysis={analysis}
          picture={() => chart.current}
          disabled={answer.result === null}
        />
      }
    >
      <div className={classes.chart}>
        <AnswerState answer={answer}>{children}</AnswerState>
      </div>
      <SemanticsLine answer={answer.result} />
    </Card>
  );
}

export function StageFigures({ journey }: { readonly journey: JourneyQuery }): ReactElement {
  const answer = useAnswer<'journey'>('overview.now', journey, { moving: 'counts' });
  const colorOf = getStateColors(useChartTheme(), journey.model.states);
  const showActors = useActors<'journey'>(journey);
  return (
    <div className={classes.figures}>
      <AnswerState answer={quiet(answer)} skeleton={<FigureSkeletons labels={journey.model.states} />}>
        {(result) => {
          const all = result.states.reduce((sum, state) => sum + (result.sizes[state] ?? 0), 0);
          return (
            <Figures>
              {result.states.map((state) => (
                <Figure
                  key={state}
                  label={state}
                  color={colorOf(state)}
                  value={formatCount(result.sizes[state] ?? 0)}
                  note={`${formatShare((result.sizes[state] ?? 0) / all)} of all with a stage`}
                  onClick={() => showActors({ state }, `In ${state}`)}
                />
              ))}
            </Figures>
          );
        }}
      </AnswerState>
    </div>
  );
}

export function SizesCard({ journey }: { readonly journey: JourneyQuery }): ReactElement {
  const answer = useAtRest(useAnswer<'journey'>('overview.now', journey, { moving: 'counts' }));
  const theme = useChartTheme();
  const chart = useRef<ChartHandle>(null);
  const colorOf = useMemo(() => getStateColors(theme, journey.model.states), [theme, journey.model.states]);
  const picture = useMemo(
    () => (answer.result === null ? null : getSizesPicture(answer.result, journey.interval, colorOf, theme)),
    [answer.result, journey.interval, colorOf, theme],
  );
  const showActors = useActors<'journey'>(journey);
  return (
    <ChartCard title="Stages over time" name="stages over time" analysis={journey} answer={answer} chart={chart}>
      {(result) =>
        picture === null ? null : (
          <>
            <div className={classes.fill}>
              <Chart
                {...picture}
                ref={chart}
                label="Actors in each stage over time"
                onSelect={({ seriesId, dataIndex }, { value }) => {
                  const state = seriesId ?? (value === null ? null : getStateAt(result, dataIndex, value));
                  const period = result.periods[dataIndex];
                  if (state !== null && period !== undefined)
                    showActors({ state, period }, `${state}, end of ${getPeriodTitle(period, journey.interval)}`);
                }}
              />
            </div>
            <Legend items={result.states.map((state) => ({ name: state, color: colorOf(state) }))} />
          </>
        )
      }
    </ChartCard>
  );
}

/** False while a more important part has no answer yet. */
interface Turn {
  readonly isTurn: boolean;
}

export function DailyCard({ rollup, isTurn }: Turn & { readonly rollup: RollupQuery }): ReactElement {
  const answer = queued(useAnswer<'rollup'>('overview.daily', isTurn ? rollup : null, AT_REST), isTurn);
  const theme = useChartTheme();
  const chart = useRef<ChartHandle>(null);
  const picture = useMemo(
    () =>
      answer.result === null
        ? null
        : getRollupPicture(
            answer.result,
            rollup,
            { measure: 'events', shape: 'bar', unit: 'events', colorOf: () => theme.types[0] ?? theme.accent },
            theme,
          ),
    [answer.result, rollup, theme],
  );
  const showActors = useActors<'rollup'>(rollup);
  return (
    <ChartCard
      title={
        (answer.result?.periods.length ?? 0) >= DAILY_DAYS
          ? `Events per day, the last ${DAILY_DAYS} days`
          : 'Events per day'
      }
      name="events per day"
      analysis={rollup}
      answer={quiet(answer)}
      chart={chart}
    >
      {(result) =>
        picture === null ? null : (
          <div className={classes.fill}>
            <Chart
              {...picture}
              ref={chart}
              label="Events per day"
              onSelect={(mark) => {
                const found = getRollupSelection(result, rollup, mark);
                if (found !== null) showActors(found.selection, found.title);
              }}
            />
          </div>
        )
      }
    </ChartCard>
  );
}

const spanText = (spans: Spans): string => (spans.days === 1 ? 'the last day' : `the last ${spans.days} days`);

export function RatesCard({
  spans,
  questions,
  isTurn,
}: Turn & {
  readonly spans: Spans;
  readonly questions: OverviewQuestions & { readonly lately: JourneyQuery; readonly before: JourneyQuery };
}): ReactElement {
  const lately = queued(useAnswer<'journey'>('overview.lately', isTurn ? questions.lately : null, AT_REST), isTurn);
  const before = useAnswer<'journey'>('overview.before', isTurn ? questions.before : null, AT_REST);
  const showActors = useActors<'journey'>(questions.lately);
  const colorOf = getStateColors(useChartTheme(), questions.lately.model.states);
  const bones = <FigureSkeletons labels={getRatePairs(questions.lately.model).map((pair) => pair.join(' → '))} />;
  return (
    <Card
      title={`Key rates of ${spanText(spans)}, against the ${spans.days === 1 ? 'day' : `${spans.days} days`} before`}
      actions={<AnalysisExport name="key rates" analysis={questions.lately} disabled={lately.result === null} />}
    >
      <div className={classes.figures}>
        <AnswerState answer={quiet(lately)} skeleton={bones}>
          {(now) =>
            before.result === null ? (
              bones
            ) : (
              <Figures>
                {getKeyRates(questions.lately.model, now, before.result).map((rate) => (
                  <Figure
                    key={`${rate.from}\u0000${rate.to}`}
                    label={`${rate.from} → ${rate.to}`}
                    color={colorOf(rate.to)}
                    value={formatShare(rate.rate)}
                    note={`${getPointsText(rate.rate - rate.before)} · ${formatCount(rate.moved)} of ${formatCount(rate.base)}`}
                    title={`${formatCount(rate.moved)} moves of ${formatCount(rate.base)} who were in ${rate.from} or came into it; before: ${formatShare(rate.before)}`}
                    onClick={() =>
                      showActors(
                        { move: { from: rate.from, to: rate.to } },
                        `${rate.from} → ${rate.to}, ${spanText(spans)}`,
                      )
                    }
                  />
                ))}
              </Figures>
            )
          }
        </AnswerState>
      </div>
      <SemanticsLine answer={lately.result} />
    </Card>
  );
}
/** `+1.2 pp`: a difference of rates in percentage points. */
function getPointsText(difference: number): string {
  return Number.isNaN(difference)
    ? 'new'
    : `${getDifferenceText(Number((difference * 100).toFixed(1)), (points) => points.toFixed(1))} pp`;
}

export function TypesCard({
  spans,
  lately,
  before,
  isTurn,
}: Turn & {
  readonly spans: Spans;
  readonly lately: RollupQuery;
  readonly before: RollupQuery;
}): ReactElement {
  const now = queued(useAnswer<'rollup'>('overview.typesLately', isTurn ? lately : null, AT_REST), isTurn);
  const then = useAnswer<'rollup'>('overview.typesBefore', isTurn ? before : null, AT_REST);
  const colorOf = useEventColors();
  const showActors = useActors<'rollup'>(lately);
  return (
    <Card
      title={`Events of ${spanText(spans)}`}
      actions={<AnalysisExport name="events by type" analysis={lately} disabled={now.result === null} />}
    >
      <div className={classes.list}>
        <AnswerState answer={quiet(now)} skeleton={<SkeletonRows rows={8} />}>
          {(result) => (
            <PlainTable
              label="Events by type"
              rows={getTypeChanges(result.series, then.result?.series ?? []).slice(0, 50)}
              keyOf={(row) => row.event}
              onRow={(row) => showActors({ series: row.event }, `${row.event}, ${spanText(spans)}`)}
              columns={[
                {
                  title: 'Event',
                  cell: (row) => (
                    <span className={classes.name}>
                      <i style={{ background: colorOf(row.event) }} />
                      {row.event}
                    </span>
                  ),
                },
                { title: 'Events', numeric: true, cell: (row) => formatCount(row.events) },
                {
                  title: 'Change',
                  numeric: true,
                  cell: (row) => (row.before === 0 ? 'new' : getRelativeText(row.events / row.before - 1)),
                },
                { title: 'Actors', numeric: true, cell: (row) => formatCount(row.actors) },
              ]}
            />
          )}
        </AnswerState>
      </div>
      <SemanticsLine answer={now.result} />
    </Card>
  );
}
const getRelativeText = (change: number): string =>
  change === 0 ? '±0%' : `${change > 0 ? '+' : '−'}${formatShare(Math.abs(change))}`;
