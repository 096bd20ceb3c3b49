import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { DEFAULT_JOURNEY, type JourneyModel, type SourceInfo, type Vocabulary } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount, formatUnits } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { EmptyState } from '../../widgets/states.tsx';
import { formatDate, fromLocalText } from '../../widgets/zoned-time.ts';
import { fitsVocabulary } from '../journey/journey-model.ts';
import { Figure, Figures } from '../parts/Figure.tsx';
import { getOverviewQuestions, getSpans } from './overview-questions.ts';
import { DailyCard, RatesCard, RecentCard, SizesCard, StageFigures, TypesCard } from './OverviewCards.tsx';
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
  const { timezone, asOf, analyses } = useWorkspace((s) => s.document);
  const journey = analyses['journey'];
  const model: JourneyModel = journey?.type === 'journey' ? journey.model : DEFAULT_JOURNEY;
  const end = asOf === null ? last : Math.min(last, fromLocalText(asOf, timezone));
  const spans = useMemo(() => getSpans(first, end), [first, end]);
  const questions = useMemo(() => getOverviewQuestions(model, spans, first, end), [model, spans, first, end]);
  const staged = fitsVocabulary(model, vocabulary);
  const { lately, before, typesLately, typesBefore } = questions;
  return (
    <ViewLayout
      title="Overview"
      body="scroll"
      note={`${source.name} · ${formatUnits(source.events, 'event')} of ${formatUnits(source.actors, 'actor')} · ${formatDate(first, timezone)} to ${formatDate(last, timezone)}, ${timezone}`}
    >
      <div className={classes.page}>
        {staged ? (
          <StageFigures journey={questions.now} />
        ) : (
          <Totals source={source} vocabulary={vocabulary} first={first} last={last} />
        )}
        {staged && spans !== null && lately !== null && before !== null ? (
          <RatesCard spans={spans} questions={{ ...questions, lately, before }} />
        ) : null}
        <div className={classes.columns}>
          {staged ? <SizesCard journey={questions.now} /> : null}
          <DailyCard rollup={questions.daily} />
        </div>
        <div className={classes.columns}>
          {spans !== null && typesLately !== null && typesBefore !== null ? (
            <TypesCard spans={spans} lately={typesLately} before={typesBefore} />
          ) : null}
          <RecentCard lastDay={questions.lastDay} />
        </div>
      </div>
    </ViewLayout>
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
