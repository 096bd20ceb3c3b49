import { ActionIcon, UnstyledButton } from '@mantine/core';
import { Database, LayoutPanelLeft, Server, X } from 'lucide-react';
import { useEffect, useState, type ReactElement } from 'react';
import { getRefName, type Recent } from '../../../protocol/index.ts';
import { useBoot } from '../../stores/boot.ts';
import { openRecent } from '../../stores/files.ts';
import { findMissing } from '../../stores/missing-files.ts';
import { fileNameOf, folderOf } from '../../stores/workspace-path.ts';
import { EnvironmentBadge } from '../connection/Environment.tsx';
import { notifyError } from '../frame/run-command.ts';
import classes from './Welcome.module.css';

const NONE: ReadonlySet<string> = new Set();

/** What was open lately, newest first; files that are gone are marked. */
export function RecentList(): ReactElement {
  const recents = useBoot((s) => s.recents);
  const [missing, setMissing] = useState(NONE);
  useEffect(() => {
    let isCurrent = true;
    void findMissing(recents.map((r) => r.path)).then((found) => {
      if (isCurrent) setMissing(found);
    });
    return () => {
      isCurrent = false;
    };
  }, [recents]);
  return (
    <section className={classes.recents} aria-labelledby="welcome-recent">
      <h2 id="welcome-recent" className={classes.title}>
        Recent
      </h2>
      {recents.length === 0 ? (
        <p className={classes.muted}>What you open will be listed here.</p>
      ) : (
        <ul className={classes.list}>
          {recents.slice(0, 10).map((recent) => (
            <RecentRow key={`${recent.kind} ${recent.path}`} recent={recent} isMissing={missing.has(recent.path)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RecentRow({ recent, isMissing }: { readonly recent: Recent; readonly isMissing: boolean }): ReactElement {
  const isSample = recent.path === 'sample:';
  const server = recent.ref?.kind === 'postgres' ? recent.ref : null;
  const name = server === null ? (isSample ? 'Sample' : fileNameOf(recent.path)) : getRefName(server);
  const Icon = recent.kind === 'workspace' ? LayoutPanelLeft : server === null ? Database : Server;
  const place = server === null ? folderOf(recent.path) : recent.path.replace('postgres://', '');
  return (
    <li className={classes.row} data-missing={isMissing || undefined}>
      <UnstyledButton
        className={classes.recent}
        title={recent.path}
        aria-label={`Open ${name}${isMissing ? ' (missing)' : ''}`}
        onClick={() => void openRecent(recent).catch(notifyError)}
      >
        <Icon size={16} aria-hidden />
        <span className={classes.startText}>
          <span className={classes.recentName}>
            {name} {server?.environment && <EnvironmentBadge environment={server.environment} />}
          </span>
          <span className={classes.recentFolder}>
            {isMissing ? 'The file is no longer there' : isSample ? 'Comes with Tributary' : place}
          </span>
        </span>
      </UnstyledButton>
      <ActionIcon
        className={classes.remove}
        aria-label={`Remove ${name} from the list`}
        onClick={() => void useBoot.getState().removeRecent(recent)}
      >
        <X size={14} />
      </ActionIcon>
    </li>
  );
}
