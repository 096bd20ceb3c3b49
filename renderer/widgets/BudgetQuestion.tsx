import { Button, Skeleton } from '@mantine/core';
import { Scale } from 'lucide-react';
import type { ReactElement } from 'react';
import type { ErrorData, PlannedPartitions } from '../../protocol/index.ts';
import { formatBytes, formatCount } from './format.ts';
import classes from './states.module.css';

interface BudgetProps {
  readonly error: ErrorData;
  /** null = it is on its way. */
  readonly planned: PlannedPartitions | null;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** Before a server moves or computes more than the budget: what exactly, and a yes. Nothing has failed. */
export function BudgetQuestion({ error, planned, onYes, onNo }: BudgetProps): ReactElement {
  return (
    <div className={classes.message} role="alert">
      <Scale className={classes.emptyIcon} size={20} aria-hidden />
      <div className={classes.text}>
        <p className={classes.title}>{error.message}</p>
        <p className={classes.muted}>Narrow the date range, or say yes to it: for this server, until it is closed.</p>
        {planned === null ? <Skeleton height={108} mt="sm" /> : <Plan {...planned} />}
        <div className={classes.actions}>
          <Button variant="filled" onClick={onYes}>
            Run all the same
          </Button>
          <Button onClick={onNo}>Do not run</Button>
          <code className={classes.code}>{error.code}</code>
        </div>
      </div>
    </div>
  );
}

function Plan({ plan, partitions }: PlannedPartitions): ReactElement {
  const read = partitions.filter(({ isRead }) => isRead);
  const bytes = read.reduce((sum, partition) => sum + partition.bytes, 0);
  const { compute } = plan;
  const figures: readonly (readonly [string, string])[] = [
    ...(partitions.length === 0
      ? []
      : [
          [
            'Partitions',
            `${formatCount(read.length)} of ${formatCount(partitions.length)}, ${formatBytes(bytes)} on disk`,
          ] as const,
        ]),
    ['Rows in them', `${formatCount(plan.rowsRead)} of ${formatCount(plan.rowsTotal)}`],
    ...(compute === undefined || compute.way === 'pushdown'
      ? []
      : [
          ['Moved here', `${formatCount(compute.rowsToMove)} rows, about ${formatBytes(compute.bytesToMove)}`] as const,
        ]),
    ...(compute === undefined || compute.cost === null
      ? []
      : [['Expected cost', formatCount(Math.round(compute.cost))] as const]),
    ...(compute === undefined ? [] : [['Why so', compute.why] as const]),
  ];
  return (
    <dl className={classes.plan}>
      {figures.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
