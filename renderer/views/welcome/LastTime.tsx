import { Button } from '@mantine/core';
import { CircleAlert, History } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import type { ErrorData, Recovery } from '../../../protocol/index.ts';
import { useBoot } from '../../stores/boot.ts';
import { recover } from '../../stores/files.ts';
import { fileNameOf } from '../../stores/workspace-path.ts';
import { formatMinute } from '../../widgets/zoned-time.ts';
import { notifyError } from '../frame/run-command.ts';
import classes from './Welcome.module.css';

const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What went wrong last time, and how to go on. */
export function LastTime(): ReactElement | null {
  const recovery = useBoot((s) => s.boot?.recovery ?? null);
  const failure = useBoot((s) => s.boot?.lastFailure ?? null);
  if (recovery === null && failure === null) return null;
  return (
    <div className={classes.lastTime}>
      {failure !== null && <Failure failure={failure} />}
      {recovery !== null && <Unsaved recovery={recovery} />}
    </div>
  );
}

function Unsaved({ recovery }: { readonly recovery: Recovery }): ReactElement {
  const { forgetRecovery } = useBoot.getState();
  const name =
    recovery.workspacePath === null ? 'a workspace that was never saved' : fileNameOf(recovery.workspacePath);
  return (
    <Note
      tone="accent"
      icon={<History size={16} aria-hidden />}
      actions={
        <>
          <Button variant="filled" onClick={() => void recover(recovery).catch(notifyError)}>
            Restore
          </Button>
          <Button variant="subtle" color="gray" onClick={forgetRecovery}>
            Discard
          </Button>
        </>
      }
    >
      Unsaved changes to {name} were kept on {formatMinute(recovery.savedAt, localZone())}.
    </Note>
  );
}

function Failure({ failure }: { readonly failure: ErrorData }): ReactElement {
  const { forgetFailure } = useBoot.getState();
  return (
    <Note
      tone="warning"
      icon={<CircleAlert size={16} aria-hidden />}
      actions={
        <Button variant="subtle" color="gray" onClick={forgetFailure}>
          Dismiss
        </Button>
      }
    >
      {failure.message} <span className={classes.muted}>{failure.hint}</span>
    </Note>
  );
}

function Note({
  tone,
  icon,
  actions,
  children,
}: {
  readonly tone: 'accent' | 'warning';
  readonly icon: ReactNode;
  readonly actions: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <output className={classes.note} data-tone={tone}>
      {icon}
      <p>{children}</p>
      <div className={classes.noteActions}>{actions}</div>
    </output>
  );
}
