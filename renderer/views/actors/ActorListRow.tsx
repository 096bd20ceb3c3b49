import { Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import type { ActorRow } from '../../../protocol/index.ts';
import { formatDuration, formatUnits } from '../../widgets/format.ts';
import { formatExactInstant, formatMinute } from '../../widgets/zoned-time.ts';
import { ROW_HEIGHT } from './list-window.ts';
import classes from './actors.module.css';

export interface ActorListRowProps {
  readonly index: number;
  readonly total: number;
  /** Undefined while its page is on the way. */
  readonly row: ActorRow | undefined;
  /** Steps of the funnel; 0 for other analyses. */
  readonly steps: number;
  readonly timezone: string;
  readonly active: boolean;
  readonly onOpen: () => void;
}

/** One actor: id, how far it came, how many events and when. */
export function ActorListRow({ index, total, row, steps, timezone, active, onOpen }: ActorListRowProps): ReactElement {
  return (
    // The list itself has the focus and the keys.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus, jsx-a11y/prefer-tag-over-role
    <div
      id={`actor-${index}`}
      role="option" // oxlint-disable-line jsx-a11y/prefer-tag-over-role
      aria-selected={active}
      aria-setsize={total}
      aria-posinset={index + 1}
      className={classes.row}
      style={{ height: ROW_HEIGHT }}
      onClick={onOpen}
    >
      {row === undefined ? (
        <Skeleton height={10} width="60%" />
      ) : (
        <>
          <div className={classes.rowLine}>
            <span className={classes.id} title={row.actor}>
              {row.actor === '' ? '(empty)' : row.actor}
            </span>
            {steps > 0 && row.level !== undefined && <Level row={row} steps={steps} timezone={timezone} />}
          </div>
          <div className={classes.rowNote}>
            <span>{formatUnits(row.events, 'event')}</span>
            <span
              title={`First ${formatExactInstant(row.firstTime, timezone)}\nLast ${formatExactInstant(row.lastTime, timezone)}`}
            >
              {formatMinute(row.firstTime, timezone)}
              {row.lastTime > row.firstTime && ` + ${formatDuration((row.lastTime - row.firstTime) / 1000)}`}
            </span>
          </div>
        </>
      )}
    </div>
  );
}

/** One dot a step, filled where the actor's attempt filled it. */
function Level({ row, steps, timezone }: { row: ActorRow; steps: number; timezone: string }): ReactElement {
  const times = row.stepTimes ?? [];
  const title = times
    .map((time, i) => `Step ${i + 1}: ${time === null ? 'not done' : formatExactInstant(time, timezone)}`)
    .join('\n');
  const text = `Reached step ${row.level ?? 0} of ${steps}`;
  if (steps > 8) return <span className={classes.level} title={title}>{`${row.level ?? 0}/${steps}`}</span>;
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- drawn by dots, not a file
    <span className={classes.dots} role="img" aria-label={text} title={`${text}\n${title}`}>
      {Array.from({ length: steps }, (_, i) => (
        <i key={i} data-on={i < (row.level ?? 0) && (times[i] ?? null) !== null ? '' : undefined} />
      ))}
    </span>
  );
}
