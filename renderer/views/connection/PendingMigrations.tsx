import { ActionIcon, Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { Copy, X } from 'lucide-react';
import type { ReactElement } from 'react';
import { useMigrations } from '../../stores/migrations.ts';
import { useSession } from '../../stores/session.ts';
import { getCliSource } from '../../widgets/cli-command.ts';
import { formatUnits } from '../../widgets/format.ts';
import { Banner } from '../frame/Banner.tsx';
import classes from './Connection.module.css';

/** The store that is open lacks migrations: which, what they bring, and the command. The window applies none. */
export function PendingMigrations(): ReactElement | null {
  const pending = useMigrations((s) => s.pending);
  const dismiss = useMigrations((s) => s.dismiss);
  const ref = useSession((s) => s.source?.ref ?? null);
  const clipboard = useClipboard({ timeout: 1500 });
  if (ref === null || pending.length === 0) return null;
  const command = `tributary migrate ${getCliSource(ref)} up`;
  return (
    <Banner
      tone="accent"
      action={
        <>
          <Button size="xs" leftSection={<Copy size={12} />} onClick={() => clipboard.copy(command)}>
            {clipboard.copied ? 'Copied' : 'Copy command'}
          </Button>
          <ActionIcon size="xs" aria-label="Dismiss pending migrations" onClick={dismiss}>
            <X size={14} />
          </ActionIcon>
        </>
      }
    >
      <p>This store lacks {formatUnits(pending.length, 'migration')}. Analyses work all the same.</p>
      <ul className={classes.pending} aria-label="Pending migrations">
        {pending.map(({ id, brings }) => (
          <li key={id}>
            <code>{id}</code> <span className={classes.muted}>{brings}</span>
          </li>
        ))}
      </ul>
      <p className={classes.muted}>
        Whoever owns the store applies {pending.length === 1 ? 'it' : 'them'}; the window never does:{' '}
        <code>{command}</code>
      </p>
    </Banner>
  );
}
