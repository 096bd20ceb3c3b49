import { Button } from '@mantine/core';
import { Pause, Play, Square } from 'lucide-react';
import { useMemo, type ReactElement } from 'react';
import { DEFAULT_JOURNEY, JourneySchema, type JourneyQuery, type SourceWatch } from '../../../protocol/index.ts';
import { getStateColors } from '../../charts/palette.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useAnswer } from '../../stores/answers.ts';
import { useLive } from '../../stores/live.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount } from '../../widgets/format.ts';
import { Card, ViewLayout } from '../../widgets/layout.tsx';
import { AnswerState, EmptyState, ErrorPanel } from '../../widgets/states.tsx';
import { MovesTab } from '../journey/JourneyTabs.tsx';
import { fitsVocabulary } from '../journey/journey-model.ts';
import { steady } from '../parts/quiet.ts';
import { LatestCard } from './LatestCard.tsx';
import { LiveFigures } from './LiveFigures.tsx';
import { LiveFunnel } from './LiveFunnel.tsx';
import { useLatest } from './use-latest.ts';
import classes from './live.module.css';

/** What is happening now: the source is followed, and pictures move with it. */
export function LiveView(): ReactElement {
  const source = useSession((s) => s.source);
  const { mode, error, start } = useLive();
  const journey = useLiveJourney();
  const latest = useLatest(journey);
  return (
    <ViewLayout title="Live" body="scroll" note={<ModeNote />} actions={<LiveActions />}>
      {source?.partial === undefined ? null : (
        <EmptyState>All rows are still being read. Following begins when they are there.</EmptyState>
      )}
      {error !== null && mode === 'off' ? <ErrorPanel error={error} title="Following ended" onRetry={start} /> : null}
      <div className={classes.page}>
        <LiveFigures latest={latest.events} />
        <div className={classes.columns}>
          <LatestCard {...latest} journey={journey} />
          <div className={classes.pictures}>
            {journey === null ? null : <MovesCard journey={journey} />}
            <LiveFunnel />
          </div>
        </div>
      </div>
    </ViewLayout>
  );
}

/** The journey of the workspace, without what takes long; null where its model has nothing to do with the data. */
function useLiveJourney(): JourneyQuery | null {
  const own = useWorkspace((s) => s.document.analyses['journey']);
  const vocabulary = useSession((s) => s.vocabulary);
  const model = own?.type === 'journey' ? own.model : DEFAULT_JOURNEY;
  const fits = fitsVocabulary(model, vocabulary);
  return useMemo(() => (fits ? JourneySchema.parse({ type: 'journey', model, maxSteps: 3 }) : null), [model, fits]);
}

function ModeNote(): ReactElement {
  const { mode, isBehind, isAway, watch } = useLive();
  const text = { off: 'Not following', following: 'Following', paused: isBehind ? 'Paused, there is more' : 'Paused' };
  return (
    <output className={classes.mode} data-mode={mode}>
      <i aria-hidden />
      {text[mode]}
      {mode === 'off' || watch === null ? null : (
        <span title={WAYS[watch.way]}>· {isAway ? 'the server does not answer' : describeWay(watch)}</span>
      )}
    </output>
  );
}

const WAYS = {
  notified: 'The server tells of new rows as they come; it is asked now and then all the same',
  polling: 'Nobody tells of new rows, so the source is asked for them',
};
const describeWay = ({ way, everyMs }: Pick<SourceWatch, 'way' | 'everyMs'>): string =>
  way === 'notified' ? 'notified' : `polling every ${formatCount(Math.round(everyMs / 1_000))} s`;

function LiveActions(): ReactElement {
  const { mode, isBehind, start, pause, resume, stop } = useLive();
  const canStart = useSession((s) => s.source !== null && s.source.partial === undefined);
  if (mode === 'off')
    return (
      <Button variant="filled" leftSection={<Play size={14} />} disabled={!canStart} onClick={start}>
        Follow
      </Button>
    );
  return (
    <>
      {mode === 'following' ? (
        <Button leftSection={<Pause size={14} />} onClick={pause}>
          Pause
        </Button>
      ) : (
        <Button variant="filled" leftSection={<Play size={14} />} onClick={resume}>
          {isBehind ? 'Catch up' : 'Go on'}
        </Button>
      )}
      <Button variant="subtle" color="gray" leftSection={<Square size={14} />} onClick={stop}>
        Stop
      </Button>
    </>
  );
}

function MovesCard({ journey }: { readonly journey: JourneyQuery }): ReactElement {
  const answer = useAnswer<'journey'>('live.journey', journey, { moving: 'counts' });
  const theme = useChartTheme();
  const colorOf = useMemo(() => getStateColors(theme, journey.model.states), [theme, journey.model.states]);
  return (
    <Card title="Moves between stages">
      <div className={classes.sankey}>
        <AnswerState answer={steady(answer)}>
          {(result) => <MovesTab journey={journey} result={result} colorOf={colorOf} svg={NO_REF} />}
        </AnswerState>
      </div>
    </Card>
  );
}
const NO_REF = { current: null };
