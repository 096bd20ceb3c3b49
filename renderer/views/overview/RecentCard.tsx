import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { usePanel } from '../../stores/panel.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount, formatUnits } from '../../widgets/format.ts';
import { Card } from '../../widgets/layout.tsx';
import { ErrorPanel, SkeletonRows } from '../../widgets/states.tsx';
import { formatMinute } from '../../widgets/zoned-time.ts';
import { PlainTable } from '../parts/PlainTable.tsx';
import { useActors } from '../parts/use-actors.ts';
import { useRecentActors, type RecentActors } from './use-recent-actors.ts';
import classes from './overview.module.css';

interface RecentCardProps {
  /** Newest event, ms since the epoch, UTC. */
  readonly last: number;
  /** Whether it may ask already: figures that are seen first are asked first. */
  readonly isTurn: boolean;
}
const RECENT_ROWS = 50;
/** The newest of those who were active lately. */
export function RecentCard({ last, isTurn }: RecentCardProps): ReactElement {
  const { recent, error, retry } = useRecentActors(last, isTurn);
  const zone = useWorkspace((s) => s.document.timezone);
  const stretch = recent?.stretch ?? 'the last day';
  return (
    <Card title={`Active in ${stretch}`} actions={recent === null ? null : <AllActive recent={recent} />}>
      <div className={classes.list}>
        {error !== null ? (
          <ErrorPanel error={error} title="The newest actors could not be listed" onRetry={retry} />
        ) : recent === null ? (
          <SkeletonRows rows={8} />
        ) : (
          <PlainTable
            label="Recently active actors"
            rows={recent.rows.slice(0, RECENT_ROWS)}
            keyOf={(row) => row.actor}
            onRow={(row) => usePanel.getState().showTimeline({ actor: row.actor })}
            columns={[
              { title: 'Actor', cell: (row) => row.actor },
              { title: 'Events', numeric: true, cell: (row) => formatCount(row.events) },
              { title: `Last seen (${zone})`, numeric: true, cell: (row) => formatMinute(row.lastTime, zone) },
            ]}
          />
        )}
      </div>
    </Card>
  );
}
function AllActive({ recent }: { readonly recent: RecentActors }): ReactElement {
  const showActors = useActors<'rollup'>(recent.question);
  return (
    <Button size="xs" onClick={() => showActors({}, `Active in ${recent.stretch}`)}>
      {`All ${formatUnits(recent.total, 'actor')}`}
    </Button>
  );
}
