import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { getRefName, type SourceRef } from '../../../protocol/index.ts';
import { reopenFailed } from '../../stores/files.ts';
import { useSession } from '../../stores/session.ts';
import { ErrorPanel } from '../../widgets/states.tsx';
import { phaseText } from '../../widgets/progress-text.ts';
import { ProgressPanel } from '../../widgets/progress.tsx';
import { notifyError } from '../frame/run-command.ts';
import classes from './Welcome.module.css';

const nameOf = (ref: SourceRef): string => (getRefName(ref) === 'Sample' ? 'the sample' : getRefName(ref));

/** What is being opened, with progress and cancel, or why it could not be. */
export function OpeningState(): ReactElement | null {
  const { phase, ref, progress, error, cancelOpen, dismissError } = useSession();
  if (phase === 'opening' && ref !== null)
    return (
      <output className={classes.opening}>
        {progress === null ? (
          <p className={classes.openingLine}>
            <span>Opening {nameOf(ref)}…</span>
            <Button size="xs" onClick={cancelOpen}>
              Cancel
            </Button>
          </p>
        ) : (
          <ProgressPanel
            progress={progress}
            title={`Opening ${nameOf(ref)} · ${phaseText(progress)}`}
            onCancel={cancelOpen}
          />
        )}
      </output>
    );
  // The question for a password stands above the page, and says why.
  if (error === null || (error.code === 'E_AUTH' && ref?.kind === 'postgres')) return null;
  return (
    <div className={classes.failed}>
      <ErrorPanel
        error={error}
        title={
          ref === null
            ? undefined
            : `${getRefName(ref) === 'Sample' ? 'The sample' : getRefName(ref)} could not be opened`
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
