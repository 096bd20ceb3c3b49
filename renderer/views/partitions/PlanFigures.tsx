import type { ReactElement, ReactNode } from 'react';
import type { PlanSummary } from '../../../protocol/index.ts';
import { formatBytes, formatCount, formatShare, formatUnits } from '../../widgets/format.ts';
import classes from './partitions.module.css';
import type { Planned } from './use-planned.ts';

/** What the question reads, in figures and as a bar. */
export function PlanFigures({ planned }: { readonly planned: Planned }): ReactElement {
  const { plan, partitions, analysis, questions } = planned;
  const read = partitions.filter(({ isRead }) => isRead);
  const sum = (of: typeof partitions): number => of.reduce((bytes, partition) => bytes + partition.bytes, 0);
  const share = plan.rowsTotal === 0 ? 0 : plan.rowsRead / plan.rowsTotal;
  const { compute } = plan;
  return (
    <section className={classes.plan} aria-label="What is read">
      <p className={classes.muted}>
        {questions === 1 ? 'For the question on the screen' : `For the ${questions} questions on the screen, the most`}:{' '}
        {nameOf(analysis.type)}
      </p>
      <div className={classes.share} aria-hidden>
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <dl className={classes.figures}>
        {partitions.length > 0 && (
          <Figure name="Partitions read">
            {formatCount(read.length)} of {formatCount(partitions.length)}
          </Figure>
        )}
        <Figure name="Hours read">
          {formatCount(plan.partitionsRead)} of {formatCount(plan.partitionsTotal)}
        </Figure>
        <Figure name="Rows in them">
          {formatCount(plan.rowsRead)} of {formatCount(plan.rowsTotal)} ({formatShare(share)})
        </Figure>
        {partitions.length > 0 && (
          <Figure name="On disk">
            {formatBytes(sum(read))} of {formatBytes(sum(partitions))}
          </Figure>
        )}
        <Figure name="From and to (UTC)">
          {plan.fromHour === null || plan.toHour === null ? 'all there is' : `${plan.fromHour} to ${plan.toHour}`}
        </Figure>
        {compute === undefined ? null : compute.cost === null ? (
          <Figure name="To be moved here">
            {formatUnits(compute.rowsToMove, 'row')}
            {compute.rowsToMove === 0 ? '' : `, about ${formatBytes(compute.bytesToMove)}`}
          </Figure>
        ) : (
          <Figure name="Expected cost">{formatCount(Math.round(compute.cost))}</Figure>
        )}
      </dl>
      <p className={classes.muted}>{getNote(plan)}</p>
    </section>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function getNote({ compute, scan, guardHours }: PlanSummary): string {
  const guard =
    guardHours === 0 ? '' : ` The hours include a guard band of ${guardHours} h for rows under another hour.`;
  if (compute !== undefined) return `${compute.why}${guard}`;
  if (scan === 'cached') return `The rows are in memory already.${guard}`;
  return `${scan === 'pruned' ? 'Other hours are not read.' : 'All hours are read.'}${guard}`;
}

/** `stepMatrix` → `step matrix` */
const nameOf = (type: string): string => type.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
