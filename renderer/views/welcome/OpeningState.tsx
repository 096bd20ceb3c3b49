import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { reopenFailed } from '../../stores/files.ts';
import { useSession } from '../../stores/session.ts';
import { fileNameOf } from '../../stores/workspace-path.ts';
import { ErrorPanel } from '../../widgets/states.tsx';
import { phaseText } from '../../widgets/progress-text.ts';
import { ProgressPanel } from '../../widgets/progress.tsx';
import { notifyError } from '../frame/run-command.ts';
import classes from './Welcome.module.css';

const nameOf = (path: string): string => (path === 'sample:' ? 'the sample' : fileNameOf(path));

/** What is being opened, with progress and cancel, or why it could not be. */
export function OpeningState(): ReactElement | null {
  const { phase, ref, progress, error, cancelOpen, dismissError } = useSession();
  if (phase === 'opening' && ref !== null)
    return (
      <output className={classes.opening}>
        {progress === null ? (
          <p className={classes.openingLine}>
            <span>Opening {nameOf(ref.path)}…</span>
            <Button size="xs" onClick={cancelOpen}>
              Cancel
            </Button>
          </p>
        ) : (
          <ProgressPanel
            progress={progress}
            title={`Opening ${nameOf(ref.path)} · ${phaseText(progress)}`}
            onCancel={cancelOpen}
          />
        )}
      </output>
    );
  if (error === null) return null;
  return (
    <div className={classes.failed}>
      <ErrorPanel
        error={error}
        title={
          ref === null ? undefined : `${ref.path === 'sample:' ? 'The sample' : nameOf(ref.path)} could not be opened`
        }
        onRetry={() => void reopenFailed().catch(notifyError)}
      >
        <Button variant="subtle" onClick={dismissError}>
          Dismiss
        </Button>
      </ErrorPanel>
    </div>
  );
}
