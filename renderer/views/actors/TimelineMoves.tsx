import type { ReactElement } from 'react';
import { NO_STATE, START_STATE } from '../../../protocol/index.ts';
import { formatUnits } from '../../widgets/format.ts';
import { formatExactInstant, formatInstant } from '../../widgets/zoned-time.ts';
import type { Move } from './timeline-rows.ts';
import classes from './actors.module.css';

/** `Lead → Prospect`; the first move, from no stage: `→ Lead`. */
export const getMoveText = ({ from, to }: Move): string =>
  from === START_STATE || from === NO_STATE ? `→ ${to}` : `${from} → ${to}`;

/** The stage at the end, and how one came there. */
export function StageNow({ moves, zone }: { readonly moves: readonly Move[]; readonly zone: string }): ReactElement {
  const last = moves.at(-1);
  if (last === undefined) return <p className={classes.whyTitle}>In no stage: no rule fits an event</p>;
  return (
    <>
      <p className={classes.whyTitle}>{`In ${last.to}`}</p>
      <p>
        {`Since ${formatInstant(last.time, zone)}, ${last.cause === 'deadline' ? 'when a deadline passed' : 'by an event'}; ${formatUnits(moves.length, 'move')} in all.`}
      </p>
    </>
  );
}

/** A deadline has no event of its own: a line between the events. */
export function DeadlineRow({ move, zone }: { readonly move: Move; readonly zone: string }): ReactElement {
  return (
    <li className={classes.windowEnd}>
      <span title={formatExactInstant(move.time, zone)}>
        {`Deadline passed ${formatInstant(move.time, zone).slice(11)}: `}
        <b>{getMoveText(move)}</b>
      </span>
    </li>
  );
}
