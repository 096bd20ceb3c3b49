import { Button, Progress as ProgressBar } from '@mantine/core';
import { CircleDashed } from 'lucide-react';
import type { ReactElement } from 'react';
import type { PartialRows, Progress } from '../../../protocol/index.ts';
import { usePartial } from '../../stores/partial.ts';
import { useSession } from '../../stores/session.ts';
import { formatCompact, formatMs } from '../../widgets/format.ts';
import { progressPercent } from '../../widgets/progress-text.ts';
import classes from './PartialBadge.module.css';

export interface PartialBadgeProps {
  readonly partial: PartialRows;
  /** `stopped` = nothing brings the other rows; `answering` = they are there, what is on the screen is asked again. */
  readonly state: 'reading' | 'stopped' | 'answering';
  readonly progress: Progress | null;
  readonly onStop: () => void;
  readonly onReadAll: () => void;
}

/** While the window shows what the latest rows of a large source say: how many, of how many, and when it will be all. */
export function PartialMark(): ReactElement | null {
  const partial = usePartial();
  const isPreview = useSession((s) => s.source?.partial !== undefined);
  const isReadingAll = useSession((s) => s.isReadingAll);
  const progress = useSession((s) => (s.isReadingAll ? s.progress : null));
  if (partial === null) return null;
  const { cancelOpen, readAll } = useSession.getState();
  return (
    <PartialBadge
      partial={partial}
      state={!isPreview ? 'answering' : isReadingAll ? 'reading' : 'stopped'}
      progress={progress}
      onStop={cancelOpen}
      onReadAll={() => void readAll()}
    />
  );
}

export function PartialBadge({ partial, state, progress, onStop, onReadAll }: PartialBadgeProps): ReactElement {
  const what = `Partial: latest ${formatCompact(partial.rows)} of ${formatCompact(partial.of)} rows`;
  const percent = progress === null ? null : progressPercent(progress);
  return (
    <section
      className={classes.badge}
      aria-label="Partial answers"
      title={`${what}. Nothing is exported until all are read.`}
    >
      <CircleDashed size={16} aria-hidden />
      <div className={classes.text}>
        <output className={classes.what}>{what}</output>
        <span className={classes.when}>{whenText(state, progress)}</span>
      </div>
      {state === 'reading' && (
        <Button size="compact-xs" variant="subtle" className={classes.action} onClick={onStop}>
          Stop
        </Button>
      )}
      {state === 'stopped' && (
        <Button size="compact-xs" variant="subtle" className={classes.action} onClick={onReadAll}>
          Read all
        </Button>
      )}
      {state === 'reading' && (
        <ProgressBar
          className={classes.bar}
          value={percent ?? 100}
          animated={percent === null}
          size={2}
          aria-label="Reading all rows"
        />
      )}
    </section>
  );
}

/** `All in 3 s · 3.2M rows/s` */
function whenText(state: PartialBadgeProps['state'], progress: Progress | null): string {
  if (state === 'stopped') return 'The rest was not read';
  if (state === 'answering') return 'Asking all rows…';
  if (progress === null || progress.perSecond === 0) return 'Reading the rest…';
  const speed = `${formatCompact(progress.perSecond)} rows/s`;
  if (progress.etaMs === null) return `Reading the rest · ${speed}`;
  return `All in ${formatMs(Math.max(1_000, Math.ceil(progress.etaMs / 1_000) * 1_000))} · ${speed}`;
}
