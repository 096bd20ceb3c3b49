import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { DEFAULT_JOURNEY, type JourneyModel, type SourceInfo, type Vocabulary } from '../../../protocol/index.ts';
import { useAnswer } from '../../stores/answers.ts';
import { useFrame } from '../../stores/frame.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { EmptyState } from '../../widgets/states.tsx';
import { formatDate, formatMinute } from '../../widgets/zoned-time.ts';
import { fitsVocabulary } from '../journey/journey-model.ts';
import { Figure, Figures } from '../parts/Figure.tsx';
import { getLookedAt, getOverviewQuestions, getSpans } from './overview-questions.ts';
import { DailyCard, RatesCard, SizesCard, StageFigures, TypesCard } from './OverviewCards.tsx';
import { RecentCard } from './RecentCard.tsx';
import classes from './overview.module.css';

/** The first look: where everybody is, what changed lately, what is going on. */
export function OverviewView(): ReactElement {
  const source = useSession((s) => s.source);
  const vocabulary = useSession((s) => s.vocabulary);
  if (source === null) return <ViewLayout title="Overview">{null}</ViewLayout>;
  if (source.lastTime === null || source.firstTime === null)
    return (
      <ViewLayout title="Overview">
        <EmptyState action={<Button onClick={() => useWorkspace.getState().setView('data')}>Look at the data</Button>}>
          This source has no events.
        </EmptyState>
      </ViewLayout>
    );
  return <Page source={source} vocabulary={vocabulary} first={source.firstTime} last={source.lastTime} />;
}

interface PageProps {
  readonly source: SourceInfo;
  readonly vocabulary: Vocabulary | null;
  readonly first: number;
  readonly last: number;
}
function Page({ source, vocabulary, first, last }: PageProps): ReactElement {
  const { timezone, asOf, range } = useFrame();
  const journey = useWorkspace((s) => s.document.analyses['journey']);
  const model: JourneyModel = journey?.type === 'journey' ? journey.model : DEFAULT_JOURNEY;
  const looked = useMemo(
    () => getLookedAt({ first, last }, { range, asOf, timezone }),
    [first, last, range, asOf, timezone],
  );
  if (looked === null) return <NothingThere />;
  return (
    <ViewLayout
      title="Overview"
      body="scroll"
      note={`${formatDate(looked.first, timezone)} to ${formatMinute(looked.last, timezone)}${asOf === null ? '' : ' (as of)'}, ${timezone}`}
    >
      <Cards source={source} vocabulary={vocabulary} model={model} {...looked} />
    </ViewLayout>
  );
}

function NothingThere(): ReactElement {
  const all = (): void =>
    useWorkspace
      .getState()
      .change((old) => ({ ...old, range: { from: null, to: null }, asOf: null }), 'Look at everything');
  return (
    <ViewLayout title="Overview">
      <EmptyState action={<Button onClick={all}>Look at everything</Button>}>
        Nothing happened in this range up to this time.
      </EmptyState>
    </ViewLayout>
  );
}

function Cards({ source, vocabulary, model, first, last }: PageProps & { readonly model: JourneyModel }): ReactElement {
  const spans = useMemo(() => getSpans(first, last), [first, last]);
  const isCut = last !== source.lastTime;
  const questions = useMemo(
    () => getOverviewQuestions(model, spans, first, last, isCut),
    [model, spans, first, last, isCut],
  );
  const staged = fitsVocabulary(model, vocabulary);
  // The figures come first: asked all at once, a large source would answer everything late.
  const stages = useAnswer<'journey'>('overview.now', staged ? questions.now : null, { moving: 'counts' });
  const isTurn = !staged || stages.status !== 'loading' || stages.result !== null;
  const { lately, before, typesLately, typesBefore } = questions;
  return (
    <div className={classes.page}>
      {staged ? (
        <StageFigures journey={questions.now} />
      ) : (
        <Totals source={source} vocabulary={vocabulary} first={first} last={last} />
      )}
      {staged && spans !== null && lately !== null && before !== null ? (
        <RatesCard isTurn={isTurn} spans={spans} questions={{ ...questions, lately, before }} />
      ) : null}
      <div className={classes.columns}>
        {staged ? <SizesCard journey={questions.now} /> : null}
        <DailyCard isTurn={isTurn} rollup={questions.daily} />
      </div>
      <div className={classes.columns}>
        {spans !== null && typesLately !== null && typesBefore !== null ? (
          <TypesCard isTurn={isTurn} spans={spans} lately={typesLately} before={typesBefore} />
        ) : null}
        <RecentCard isTurn={isTurn} last={last} />
      </div>
    </div>
  );
}

/** Sources without our stages: how much there is. */
function Totals({ source, vocabulary, first, last }: PageProps): ReactElement {
  const days = Math.max(1, (last - first) / 86_400_000);
  const [top] = vocabulary?.events ?? [];
  return (
    <Figures>
      <Figure label="Events" value={formatCount(source.events)} note={`${formatCount(source.events / days)} a day`} />
      <Figure
        label="Actors"
        value={formatCount(source.actors)}
        note={`${(source.events / Math.max(1, source.actors)).toFixed(1)} events each`}
      />
      <Figure
        label="Event types"
        value={formatCount(vocabulary?.events.length ?? 0)}
        note={top === undefined ? '' : `most frequent: ${top.name}`}
      />
      <Figure label="Days" value={formatCount(Math.ceil(days))} />
    </Figures>
  );
}
