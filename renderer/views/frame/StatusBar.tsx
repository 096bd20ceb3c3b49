import { UnstyledButton } from '@mantine/core';
import { useEffect, type ReactElement } from 'react';
import type { SourceInfo } from '../../../protocol/index.ts';
import { countPartitions } from '../../engine/partitions.ts';
import { askStatus, useActivity } from '../../stores/activity.ts';
import { useSession } from '../../stores/session.ts';
import { formatCount, formatMs, formatUnits } from '../../widgets/format.ts';
import { EngineControl } from './EngineControl.tsx';
import { runCommandById } from './run-command.ts';
import { RunningWork } from './RunningWork.tsx';
import classes from './StatusBar.module.css';

export function StatusBar(): ReactElement {
  const source = useSession((s) => s.source);
  return (
    <footer className={classes.bar} aria-label="Status">
      {source !== null && (
        <>
          <Item title={source.partial === undefined ? 'Events in the source' : 'Events in the rows read so far'}>
            {formatUnits(source.events, 'event')}
            {source.partial === undefined ? '' : ' so far'}
          </Item>
          <Item title="Actors in the source">{formatUnits(source.actors, 'actor')}</Item>
          <PlanLine source={source} />
        </>
      )}
      <ServerBudget />
      <EngineControl />
      <span className={classes.gap} />
      <RunningWork />
      <LastAnswer />
    </footer>
  );
}

/** How many hours have events, how many of them the last answer needed, and behind it which. */
function PlanLine({ source }: { readonly source: SourceInfo }): ReactElement {
  const read = useActivity((s) => s.lastAnswer?.partitionsRead ?? null);
  const all = countPartitions(source);
  // Partitions of a server are its own: often months.
  const unit = source.ref.kind === 'postgres' ? 'hour' : 'partition';
  return (
    <UnstyledButton
      className={classes.plan}
      title="Hours that have events, and how many of them the last answer needs; shows which"
      onClick={() => void runCommandById('analysis.partitions')}
    >
      {read === null || read >= all ? formatUnits(all, unit) : `${formatCount(read)} of ${formatUnits(all, unit)}`}
    </UnstyledButton>
  );
}

const LOOK_MS = 1_000;
/** Courtesy to a server that others use too: what it has of us now, and at most. */
function ServerBudget(): ReactElement | null {
  const sourceId = useSession((s) => s.source?.sourceId);
  const connections = useActivity((s) => s.engineStatus?.connections);
  const mine = connections?.find((one) => one.sourceId === sourceId);
  const isServer = useSession((s) => s.source?.ref.kind === 'postgres');
  useEffect(() => {
    if (!isServer) return;
    // Following and SQL come and go without a question of the engine.
    const timer = setInterval(askStatus, LOOK_MS);
    return () => clearInterval(timer);
  }, [isServer]);
  if (mine === undefined) return null;
  return (
    <Item
      title={`Connections to ${mine.server} now, of those Tributary allows itself, for analyses, following and SQL`}
    >
      {`${mine.open} of ${mine.most} connections`}
      {mine.waiting === 0 ? '' : `, ${mine.waiting} waiting`}
    </Item>
  );
}

function LastAnswer(): ReactElement | null {
  const last = useActivity((s) => s.lastAnswer);
  if (last === null) return null;
  const { totalMs, buildMs, computeMs } = last.timing;
  const rows = `${formatCount(last.rowsRead)} rows on ${formatUnits(last.threads, 'thread')}`;
  return (
    <Item
      title={`${rows}; build ${formatMs(buildMs)}, compute ${formatMs(computeMs)}${last.cached ? '; kept from before' : ''}`}
    >
      Last answer: {last.cached ? 'kept' : formatMs(totalMs)}
    </Item>
  );
}

function Item({ title, children }: { readonly title: string; readonly children: React.ReactNode }): ReactElement {
  return (
    <span className={classes.item} title={title}>
      {children}
    </span>
  );
}
