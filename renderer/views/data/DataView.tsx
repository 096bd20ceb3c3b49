import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { getAddress, type SourceInfo } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatBytes, formatCount, formatMs, formatUnits } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { EmptyState } from '../../widgets/states.tsx';
import { formatMinute } from '../../widgets/zoned-time.ts';
import { runCommandById } from '../frame/run-command.ts';
import { Figure, Figures } from '../parts/Figure.tsx';
import { IssuesCard, MappingCard, PartitionsCard, TablesCard } from './DataCards.tsx';
import { PropertiesCard } from './PropertiesCard.tsx';
import { useInspection } from './use-inspection.ts';
import classes from './data.module.css';

/** What is open: how much, how it is read, what is odd about it, hour by hour, table by table. */
export function DataView(): ReactElement {
  const source = useSession((s) => s.source);
  if (source === null)
    return (
      <ViewLayout title="Data">
        <EmptyState action={<Button onClick={() => void runCommandById('file.open')}>Open a snapshot…</Button>}>
          No source is open.
        </EmptyState>
      </ViewLayout>
    );
  return <Page source={source} />;
}

function Page({ source }: { readonly source: SourceInfo }): ReactElement {
  const vocabulary = useSession((s) => s.vocabulary);
  const framed = useWorkspace(({ document: d }) => d.asOf !== null || d.range.from !== null || d.range.to !== null);
  const inspection = useInspection(source.ref);
  const time = (ms: number | null): string => (ms === null ? '–' : formatMinute(ms, 'UTC'));
  return (
    <ViewLayout
      title="Data"
      note={`${getAddress(source.ref) === 'sample:' ? 'The sample that comes with Tributary' : getAddress(source.ref)}${framed ? ' · the whole file, whatever the range and as of' : ''}`}
      body="scroll"
    >
      <div className={classes.page}>
        <Figures>
          <Figure
            label="Events"
            value={formatCount(source.events)}
            note={formatUnits(vocabulary?.events.length ?? 0, 'type')}
          />
          <Figure label="Actors" value={formatCount(source.actors)} />
          <Figure
            label="First event (UTC)"
            value={time(source.firstTime).slice(0, 10)}
            note={time(source.firstTime).slice(11)}
          />
          <Figure
            label="Last event (UTC)"
            value={time(source.lastTime).slice(0, 10)}
            note={time(source.lastTime).slice(11)}
          />
          <Figure
            label="In memory"
            value={formatBytes(source.memoryBytes)}
            note={inspection.result === null ? null : `file ${formatBytes(inspection.result.sizeBytes)}`}
            title={`Opened in ${formatMs(source.openMs)}`}
          />
        </Figures>
        <IssuesCard source={source} />
        <MappingCard source={source} />
        <PartitionsCard source={source} />
        <PropertiesCard source={source} vocabulary={vocabulary} />
        <TablesCard answer={inspection} />
      </div>
    </ViewLayout>
  );
}
