import { Button, Progress as ProgressBar } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Progress } from '../../protocol/index.ts';
import { formatBytes, formatCompact, formatMs } from './format.ts';
import classes from './progress.module.css';

const PHASES: Readonly<Record<Progress['phase'], string>> = {
  inspect: 'Looking at the file',
  scan: 'Reading events',
  build: 'Arranging events',
  compute: 'Computing',
  export: 'Writing',
  sample: 'Making the sample',
};
export const phaseText = (progress: Progress): string => PHASES[progress.phase];

const amount = (value: number, unit: Progress['unit']): string =>
  unit === 'bytes' ? formatBytes(value) : `${formatCompact(value)} ${unit}`;

/** `1.2M of 4M rows · 800K rows/s · 3 s left` */
export function progressText(progress: Progress): string {
  const { done, total, unit, perSecond, etaMs } = progress;
  const parts = [
    total === null
      ? amount(done, unit)
      : unit === 'bytes'
        ? `${formatBytes(done)} of ${formatBytes(total)}`
        : `${formatCompact(done)} of ${formatCompact(total)} ${unit}`,
  ];
  if (perSecond > 0) parts.push(`${amount(perSecond, unit)}/s`);
  if (etaMs !== null && etaMs >= 500) parts.push(`${formatMs(etaMs)} left`);
  return parts.join(' · ');
}
export const progressPercent = (progress: Progress): number | null =>
  progress.total === null || progress.total === 0 ? null : Math.min(100, (100 * progress.done) / progress.total);

export interface ProgressPanelProps {
  readonly progress: Progress;
  /** Default: what the phase is called. */
  readonly title?: string;
  readonly onCancel?: (() => void) | undefined;
}

/** For work of more than half a second. */
export function ProgressPanel({ progress, title = phaseText(progress), onCancel }: ProgressPanelProps): ReactElement {
  const percent = progressPercent(progress);
  return (
    <output className={classes.panel}>
      <div className={classes.text}>
        <span className={classes.phase}>{title}</span>
        <span className={classes.numbers}>{progressText(progress)}</span>
      </div>
      <div className={classes.line}>
        <ProgressBar
          className={classes.bar}
          value={percent ?? 100}
          size={4}
          animated={percent === null}
          aria-label={title}
        />
        {onCancel !== undefined && (
          <Button size="xs" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
    </output>
  );
}
