import { Button } from '@mantine/core';
import { ArrowLeftRight, X } from 'lucide-react';
import { useEffect, useMemo, type ReactElement } from 'react';
import { getRefName, type SourceInfo } from '../../../protocol/index.ts';
import { swapSources, useSecond } from '../../stores/second-source.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatUnits } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { phaseText } from '../../widgets/progress-text.ts';
import { ProgressPanel } from '../../widgets/progress.tsx';
import { EmptyState, ErrorPanel } from '../../widgets/states.tsx';
import { formatMinute } from '../../widgets/zoned-time.ts';
import { EnvironmentBadge } from '../connection/Environment.tsx';
import { notifyError } from '../frame/run-command.ts';
import { ChooseSecond } from './ChooseSecond.tsx';
import { ComparedEvents, ComparedFunnel, ComparedStages } from './compared-cards.tsx';
import classes from './compare.module.css';

/** Two sources side by side: the same questions to both, number by number. */
export function CompareView(): ReactElement {
  const first = useSession((s) => s.source);
  const ref = useWorkspace((s) => s.document.second);
  const { source: second, isOpening, progress, error, ensure, cancel } = useSecond();
  useEffect(() => void ensure(), [ensure, ref, second]);
  return (
    <ViewLayout title="Compare" note="two sources, the same questions" body="scroll" actions={<Actions />}>
      {first === null ? null : ref === null ? (
        <EmptyState action={<ChooseSecond />}>
          Choose a second source, such as last month&rsquo;s snapshot, to see every number beside this one&rsquo;s.
        </EmptyState>
      ) : second !== null ? (
        <Cards first={first} second={second} />
      ) : error !== null ? (
        <ErrorPanel error={error} title={`${getRefName(ref)} could not be opened`} onRetry={() => void ensure()} />
      ) : progress === null || !isOpening ? null : (
        <ProgressPanel
          progress={progress}
          title={`Opening ${getRefName(ref)} · ${phaseText(progress)}`}
          onCancel={cancel}
        />
      )}
    </ViewLayout>
  );
}

function Actions(): ReactElement | null {
  const second = useWorkspace((s) => s.document.second);
  if (second === null) return null;
  return (
    <>
      <ChooseSecond />
      <Button leftSection={<ArrowLeftRight size={14} />} onClick={() => void swapSources().catch(notifyError)}>
        Swap
      </Button>
      <Button
        variant="subtle"
        color="gray"
        leftSection={<X size={14} />}
        onClick={() => useWorkspace.getState().setSecond(null)}
      >
        Close the second
      </Button>
    </>
  );
}

function Cards({ first, second }: { readonly first: SourceInfo; readonly second: SourceInfo }): ReactElement {
  const ids = useMemo(() => [first.sourceId, second.sourceId] as const, [first.sourceId, second.sourceId]);
  const names = getNames(first, second);
  return (
    <div className={classes.page}>
      <div className={classes.sources}>
        <About source={first} name={names[0]} />
        <About source={second} name={names[1]} />
      </div>
      <div className={classes.columns}>
        <ComparedFunnel sources={ids} names={names} />
        <ComparedStages sources={ids} names={names} />
      </div>
      <ComparedEvents sources={ids} names={names} />
    </div>
  );
}

/** Two files of one name are told apart by their place. */
function getNames(first: SourceInfo, second: SourceInfo): readonly [string, string] {
  return first.name === second.name ? [`${first.name} (1)`, `${second.name} (2)`] : [first.name, second.name];
}

function About({ source, name }: { readonly source: SourceInfo; readonly name: string }): ReactElement {
  const zone = useWorkspace((s) => s.document.timezone);
  const { firstTime, lastTime, ref } = source;
  const environment = ref.kind === 'postgres' ? (ref.environment ?? null) : null;
  return (
    <div className={classes.about} data-environment={environment ?? undefined}>
      <span className={classes.name}>
        <b>{name}</b>
        {environment === null ? null : <EnvironmentBadge environment={environment} />}
      </span>
      <span>
        {formatUnits(source.events, 'event')}, {formatUnits(source.actors, 'actor')}
      </span>
      <span>
        {firstTime === null || lastTime === null
          ? 'no events'
          : `${formatMinute(firstTime, zone)} to ${formatMinute(lastTime, zone)}, ${zone}`}
      </span>
    </div>
  );
}
