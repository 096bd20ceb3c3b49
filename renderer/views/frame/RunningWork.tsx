import { Progress as ProgressBar, UnstyledButton } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { useActivity } from '../../stores/activity.ts';
import { progressPercent, progressText } from '../../widgets/progress-text.ts';
import classes from './StatusBar.module.css';

const SHOW_AFTER_MS = 500;

/** The oldest request that has been running for more than half a second, with cancel for all of them. */
export function RunningWork(): ReactElement | null {
  const running = useActivity((s) => s.running);
  const [now, setNow] = useState(0);
  const isBusy = running.length > 0;
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [isBusy]);
  const slow = running.filter((a) => now - a.startedAt > SHOW_AFTER_MS);
  const [first] = slow;
  if (first === undefined) return null;
  const percent = first.progress === null ? null : progressPercent(first.progress);
  const more = slow.length > 1 ? ` and ${slow.length - 1} more` : '';
  return (
    <output className={classes.work}>
      <ProgressBar
        className={classes.workBar}
        value={percent ?? 100}
        size={4}
        animated={percent === null}
        aria-label={first.label}
      />
      <span className={classes.workText}>
        {first.label}
        {more}
        {first.progress !== null && ` · ${progressText(first.progress)}`}
      </span>
      <UnstyledButton className={classes.cancel} onClick={() => running.forEach((a) => a.cancel())}>
        Cancel
      </UnstyledButton>
    </output>
  );
}
