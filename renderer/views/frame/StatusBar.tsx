import type { ReactElement } from 'react';
import { useActivity } from '../../stores/activity.ts';
import { useSession } from '../../stores/session.ts';
import { formatBytes, formatCount, formatMs } from '../../widgets/format.ts';
import { RunningWork } from './RunningWork.tsx';
import classes from './StatusBar.module.css';

export function StatusBar(): ReactElement {
  const source = useSession((s) => s.source);
  const last = useActivity((s) => s.lastAnswer);
  return (
    <footer className={classes.bar} aria-label="Status">
      {source !== null && (
        <>
          <Item title="Events in the source">{formatCount(source.events)} events</Item>
          <Item title="Actors in the source">{formatCount(source.actors)} actors</Item>
          <Item title="Hours that have events">{formatCount(source.partitions.length)} partitions</Item>
          <Item title="Memory of the columns of this source">{formatBytes(source.memoryBytes)}</Item>
        </>
      )}
      <span className={classes.gap} />
      <RunningWork />
      {last !== null && (
        <Item
          title={`${formatCount(last.rowsRead)} rows read on ${last.threads} threads; build ${formatMs(last.timing.buildMs)}, compute ${formatMs(last.timing.computeMs)}`}
        >
          {last.cached ? 'Last answer: kept' : `Last answer: ${formatMs(last.timing.totalMs)}`} · {last.threads}{' '}
          {last.threads === 1 ? 'thread' : 'threads'}
        </Item>
      )}
    </footer>
  );
}

function Item({ title, children }: { readonly title: string; readonly children: React.ReactNode }): ReactElement {
  return (
    <span className={classes.item} title={title}>
      {children}
    </span>
  );
}
