import type { ReactElement } from 'react';
import { formatDuration } from '../../widgets/format.ts';
import { formatExactInstant, toLocalText } from '../../widgets/zoned-time.ts';
import { getMoveText } from './TimelineMoves.tsx';
import type { TimelineRow } from './timeline-rows.ts';
import classes from './actors.module.css';

export interface TimelineEventRowProps {
  readonly row: Extract<TimelineRow, { kind: 'event' }>;
  readonly color: string;
  readonly zone: string;
  /** 0-based step that the event fills. */
  readonly step: number | null;
  readonly voidLabel: string | null;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** One event: when, how long after the one before, what the analysis made of it; its properties when opened. */
export function TimelineEventRow({
  row,
  color,
  zone,
  step,
  voidLabel,
  open,
  onToggle,
}: TimelineEventRowProps): ReactElement {
  const { event, gap, move } = row;
  return (
    <li className={classes.event} data-ignored={event.ignored || undefined} data-step={step === null ? undefined : ''}>
      <button type="button" className={classes.eventLine} aria-expanded={open} onClick={onToggle}>
        <span className={classes.time} title={formatExactInstant(event.time, zone)}>
          {toLocalText(event.time, zone).slice(11, 19)}
        </span>
        {step === null ? (
          <span className={classes.dot} style={{ borderColor: color }} />
        ) : (
          <span
            className={classes.stepDot}
            style={{ borderColor: color }}
            title={`Step ${step + 1}`}
            aria-label={`Step ${step + 1}`}
            role="img" // oxlint-disable-line jsx-a11y/prefer-tag-over-role -- a number in a ring, not a file
          >
            {step + 1}
          </span>
        )}
        <span className={classes.eventName} title={event.event}>
          {event.event}
        </span>
        {event.entersState !== undefined && move === null && <span className={classes.badge}>{event.entersState}</span>}
        <span className={classes.gap}>{gap === null ? '' : `+${formatDuration(gap)}`}</span>
      </button>
      {move !== null && <p className={classes.move}>{getMoveText(move)}</p>}
      {voidLabel !== null && <p className={classes.void}>{voidLabel}</p>}
      {open && <Properties row={row} zone={zone} />}
    </li>
  );
}

function Properties({ row, zone }: { row: TimelineEventRowProps['row']; zone: string }): ReactElement {
  const { event } = row;
  const entries = Object.entries(event.props);
  return (
    <dl className={classes.props}>
      <Property name="time" value={formatExactInstant(event.time, zone)} />
      {event.recordedAt !== undefined && (
        <Property name="recorded" value={formatExactInstant(event.recordedAt, zone)} />
      )}
      {event.ignored && <Property name="counted" value="no: outside the range or filters" />}
      {entries.map(([name, value]) => (
        <Property key={name} name={name} value={value} />
      ))}
      {entries.length === 0 && <Property name="properties" value="none" />}
    </dl>
  );
}

function Property({ name, value }: { name: string; value: string | null }): ReactElement {
  return (
    <div>
      <dt title={name}>{name}</dt>
      <dd>{value ?? <i>null</i>}</dd>
    </div>
  );
}
