import { Kbd, UnstyledButton } from '@mantine/core';
import { FlaskConical, FolderOpen, LayoutPanelLeft, Server } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { useBoot } from '../../stores/boot.ts';
import { useSession } from '../../stores/session.ts';
import { formatShortcut } from '../frame/shortcuts.ts';
import { runCommandById } from '../frame/run-command.ts';
import { ConnectionList } from '../connection/ConnectionList.tsx';
import { LastTime } from './LastTime.tsx';
import { Logo } from './Logo.tsx';
import { OpeningState } from './OpeningState.tsx';
import { RecentList } from './RecentList.tsx';
import { ThemeChoice } from './ThemeChoice.tsx';
import classes from './Welcome.module.css';

/** Where Tributary begins: what went wrong last time, ways to open something, what was open lately. */
export function Welcome(): ReactElement {
  const version = useBoot((s) => s.boot?.version ?? '');
  const isBusy = useSession((s) => s.phase === 'opening');
  return (
    <main className={classes.page}>
      <div className={classes.column}>
        <header className={classes.head}>
          <Logo />
          <div>
            <h1 className={classes.name}>Tributary</h1>
            <p className={classes.claim}>Funnels, flows and journeys on your own event data</p>
          </div>
        </header>
        <LastTime />
        <OpeningState />
        <div className={classes.sections} inert={isBusy}>
          <section aria-labelledby="welcome-start">
            <h2 id="welcome-start" className={classes.title}>
              Start
            </h2>
            <Start
              command="file.open"
              icon={<FolderOpen size={16} />}
              keys="mod+O"
              note="A SQLite file with events; it is only read"
            >
              Open a snapshot…
            </Start>
            <Start command="file.connect" icon={<Server size={16} />} note="Your team’s event store; it is only read">
              Connect to Postgres…
            </Start>
            <Start
              command="file.openWorkspace"
              icon={<LayoutPanelLeft size={16} />}
              keys="mod+shift+O"
              note="Saved analyses on a snapshot"
            >
              Open a workspace…
            </Start>
            <Start
              command="file.openSample"
              icon={<FlaskConical size={16} />}
              note="A small shop platform with 18 months of events"
            >
              Explore the sample
            </Start>
            <p className={classes.hint}>Or drop a file anywhere in this window.</p>
          </section>
          <RecentList />
        </div>
        <div inert={isBusy}>
          <ConnectionList />
        </div>
        <footer className={classes.foot}>
          <span>{version === '' ? '' : `Version ${version}`}</span>
          <ThemeChoice />
        </footer>
      </div>
    </main>
  );
}

interface StartProps {
  readonly command: string;
  readonly icon: ReactNode;
  readonly keys?: string;
  readonly note: string;
  readonly children: string;
}
function Start({ command, icon, keys, note, children }: StartProps): ReactElement {
  return (
    <UnstyledButton className={classes.start} aria-label={children} onClick={() => void runCommandById(command)}>
      <span className={classes.startIcon}>{icon}</span>
      <span className={classes.startText}>
        <span className={classes.startTitle}>{children}</span>
        <span className={classes.startNote}>{note}</span>
      </span>
      {keys !== undefined && <Kbd>{formatShortcut(keys)}</Kbd>}
    </UnstyledButton>
  );
}
