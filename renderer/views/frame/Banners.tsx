import { ActionIcon, Button } from '@mantine/core';
import { X } from 'lucide-react';
import { lazy, Suspense, type ReactElement } from 'react';
import { isDesktop } from '../../engine/shell.ts';
import { reopenSource } from '../../stores/files.ts';
import { useMigrations } from '../../stores/migrations.ts';
import { useSession } from '../../stores/session.ts';
import { Banner } from './Banner.tsx';
import classes from './Banners.module.css';
import { useEngineState } from './engine-state.ts';
import { notifyError } from './run-command.ts';

const PendingMigrations = lazy(async () => ({
  default: (await import('../connection/PendingMigrations.tsx')).PendingMigrations,
}));

/** What the user must know about the whole window, above the view. The view keeps working below. */
export function Banners(): ReactElement {
  const { changed, error, source, mapping } = useSession();
  // The welcome page and the mapping editor show it themselves, at its place.
  const isElsewhere = source === null || mapping !== null;
  const engineState = useEngineState();
  const isBehind = useMigrations((s) => s.pending.length > 0);
  return (
    <div className={classes.banners}>
      {engineState.state === 'down' && (
        <Banner tone="warning">
          {isDesktop()
            ? `The engine stopped${engineState.error === null ? '' : ` (${engineState.error.code})`}. It is being started again; what you see is from before.`
            : 'Tributary does not answer on this machine. If this stays, start it again there; what you see is from before.'}
        </Banner>
      )}
      {changed && engineState.state !== 'down' && (
        <Banner
          tone="warning"
          action={
            <Button size="xs" onClick={() => void reopenSource().catch(notifyError)}>
              Reopen
            </Button>
          }
        >
          The file has changed since it was opened. What you see is of the old file.
        </Banner>
      )}
      {isBehind && !isElsewhere && (
        <Suspense fallback={null}>
          <PendingMigrations />
        </Suspense>
      )}
      {error !== null && !isElsewhere && (
        <Banner
          tone="danger"
          action={
            <ActionIcon size="xs" aria-label="Dismiss" onClick={() => useSession.getState().dismissError()}>
              <X size={14} />
            </ActionIcon>
          }
        >
          {error.message} {error.hint} ({error.code})
        </Banner>
      )}
    </div>
  );
}
