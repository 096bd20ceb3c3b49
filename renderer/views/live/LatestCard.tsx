import type { ReactElement } from 'react';
import { START_STATE, type ErrorData, type JourneyQuery, type LatestEvent } from '../../../protocol/index.ts';
import { getStateColors } from '../../charts/palette.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { usePanel } from '../../stores/panel.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { Card } from '../../widgets/layout.tsx';
import { EmptyState, ErrorPanel, SkeletonRows } from '../../widgets/states.tsx';
import { formatDate, formatInstant } from '../../widgets/zoned-time.ts';
import { useEventColors } from '../editors/use-event-colors.ts';
import { PlainTable } from '../parts/PlainTable.tsx';
import classes from './live.module.css';

/** With its date only where that is not the newest one. */
function formatTime(time: number, zone: string, newest: string): string {
  const text = formatInstant(time, zone);
  return text.startsWith(newest) ? text.slice(newest.length + 1) : text;
}

interface LatestCardProps {
  readonly events: readonly LatestEvent[] | null;
  readonly error: ErrorData | null;
  readonly journey: JourneyQuery | null;
}

/** The newest events, and the stage changes among them as they happen. */
export function LatestCard({ events, error, journey }: LatestCardProps): ReactElement {
  const zone = useWorkspace((s) => s.document.timezone);
  return (
    <Card title="Latest events">
      <div className={classes.latest}>
        {error !== null ? (
          <ErrorPanel error={error} title="The latest events could not be listed" />
        ) : events === null ? (
          <SkeletonRows rows={14} />
        ) : events.length === 0 ? (
          <EmptyState>No event has come yet.</EmptyState>
        ) : (
          <LatestTable events={events} zone={zone} journey={journey} />
        )}
      </div>
    </Card>
  );
}

function LatestTable({
  events,
  zone,
  journey,
}: {
  readonly events: readonly LatestEvent[];
  readonly zone: string;
  readonly journey: JourneyQuery | null;
}): ReactElement {
  const theme = useChartTheme();
  const colorOfEvent = useEventColors();
  const colorOf = getStateColors(theme, journey?.model.states ?? []);
  const newest = formatDate(events[0]?.time ?? 0, zone);
  return (
    <PlainTable
      label="Latest events"
      rows={events}
      keyOf={({ actor, event, time }, i) => `${time} ${actor} ${event} ${i}`}
      onRow={({ actor }) =>
        usePanel.getState().showTimeline(journey === null ? { actor } : { actor, analysis: journey })
      }
      columns={[
        { title: `Time (${zone})`, cell: ({ time }) => formatTime(time, zone, newest) },
        { title: 'Actor', cell: ({ actor }) => actor },
        {
          title: 'Event',
          cell: ({ event }) => (
            <span className={classes.name}>
              <i style={{ background: colorOfEvent(event) }} />
              {event}
            </span>
          ),
        },
        ...(journey === null
          ? []
          : [
              {
                title: 'Stage',
                cell: ({ move }: LatestEvent) =>
                  move === undefined ? null : (
                    <span className={classes.move} style={{ borderColor: colorOf(move.to) }}>
                      {move.from === START_STATE ? '' : `${move.from} `}→ {move.to}
                    </span>
                  ),
              },
            ]),
      ]}
    />
  );
}
