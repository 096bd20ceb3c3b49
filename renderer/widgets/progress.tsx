import { Button, Progress as ProgressBar } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Progress } from '../../protocol/index.ts';
import { phaseText, planText, progressPercent, progressText } from './progress-text.ts';
import classes from './progress.module.css';

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
        {progress.plan !== undefined && <span className={classes.plan}>{planText(progress.plan)}</span>}
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
