import { Menu, UnstyledButton } from '@mantine/core';
import {
  ChevronDown,
  Database,
  FilePlus2,
  FlaskConical,
  FolderOpen,
  RefreshCw,
  Save,
  Server,
  SlidersHorizontal,
  X,
} from 'lucide-react';
import { useEffect, type ReactElement, type ReactNode } from 'react';
import { formatTarget, getRefName } from '../../../protocol/index.ts';
import { useBoot } from '../../stores/boot.ts';
import { openConnection, useConnections } from '../../stores/connections.ts';
import { openRecent } from '../../stores/files.ts';
import { useSession } from '../../stores/session.ts';
import { fileNameOf } from '../../stores/workspace-path.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { EnvironmentBadge } from '../connection/Environment.tsx';
import { notifyError, runCommandById } from './run-command.ts';
import { formatShortcut } from './shortcuts.ts';
import classes from './SourceMenu.module.css';
import { useServer } from './use-server.ts';

/** Which source and workspace is open, and the way to others. */
export function SourceMenu(): ReactElement {
  const source = useSession((s) => s.source);
  const { isServer, environment } = useServer();
  const opening = useSession((s) => s.phase === 'opening');
  const path = useWorkspace((s) => s.path);
  const dirty = useWorkspace((s) => s.dirty);
  const name = path === null ? (source?.name ?? '') : fileNameOf(path).replace(/(\.tributary)?\.json$/, '');
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <UnstyledButton
          className={classes.target}
          data-marked={environment !== null || undefined}
          aria-label={`Source and workspace: ${name}${dirty ? ', unsaved changes' : ''}`}
          title={name}
        >
          {isServer ? <Server size={16} aria-hidden /> : <Database size={16} aria-hidden />}
          <span className={classes.names}>
            <span className={classes.name}>
              <span className={classes.nameText}>{name}</span>
              <span
                className={classes.dirty}
                data-on={dirty || undefined}
                title={dirty ? 'Unsaved changes' : undefined}
              />
            </span>
            <span className={classes.source}>{opening ? 'Opening…' : path === null ? 'Not saved' : source?.name}</span>
          </span>
          {environment && <EnvironmentBadge environment={environment} />}
          <ChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Item id="file.open" icon={<FolderOpen size={14} />} shortcut="mod+O">
          Open a snapshot…
        </Item>
        <Item id="file.openWorkspace" icon={<FilePlus2 size={14} />} shortcut="mod+shift+O">
          Open a workspace…
        </Item>
        <Item id="file.connect" icon={<Server size={14} />}>
          Connect to Postgres…
        </Item>
        <Item id="file.openSample" icon={<FlaskConical size={14} />}>
          Open the sample
        </Item>
        <Connections />
        <Recents />
        <Menu.Divider />
        <Item id="file.save" icon={<Save size={14} />} shortcut="mod+S">
          Save the workspace
        </Item>
        <Item id="file.saveAs" icon={<Save size={14} />} shortcut="mod+shift+S">
          Save as…
        </Item>
        <Menu.Divider />
        <Item id="file.reopen" icon={<RefreshCw size={14} />}>
          Read the source again
        </Item>
        <Item id="file.mapping" icon={<SlidersHorizontal size={14} />}>
          Change how it is read…
        </Item>
        <Item id="file.close" icon={<X size={14} />}>
          Close the source
        </Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({
  id,
  icon,
  shortcut,
  children,
}: {
  readonly id: string;
  readonly icon: ReactNode;
  readonly shortcut?: string;
  readonly children: ReactNode;
}): ReactElement {
  const right =
    shortcut === undefined ? {} : { rightSection: <span className={classes.keys}>{formatShortcut(shortcut)}</span> };
  return (
    <Menu.Item leftSection={icon} {...right} onClick={() => void runCommandById(id)}>
      {children}
    </Menu.Item>
  );
}

/** Each with its environment: production is seen before it is chosen. */
function Connections(): ReactElement | null {
  const { connections } = useConnections();
  useEffect(() => void useConnections.getState().load(), []);
  if (connections.length === 0) return null;
  return (
    <>
      <Menu.Divider />
      <Menu.Label>Connections</Menu.Label>
      {connections.slice(0, 8).map((connection) => (
        <Menu.Item
          key={connection.name}
          title={formatTarget(connection.target)}
          {...(connection.environment
            ? { rightSection: <EnvironmentBadge environment={connection.environment} /> }
            : {})}
          onClick={() => void openConnection(connection).catch(notifyError)}
        >
          <span className={classes.recent}>{connection.name}</span>
        </Menu.Item>
      ))}
    </>
  );
}

function Recents(): ReactElement | null {
  const recents = useBoot((s) => s.recents).slice(0, 5);
  if (recents.length === 0) return null;
  return (
    <>
      <Menu.Divider />
      <Menu.Label>Recent</Menu.Label>
      {recents.map((recent) => (
        <Menu.Item
          key={`${recent.kind} ${recent.path}`}
          title={recent.path}
          {...(recent.ref?.kind === 'postgres' && recent.ref.environment
            ? { rightSection: <EnvironmentBadge environment={recent.ref.environment} /> }
            : {})}
          onClick={() => void openRecent(recent).catch(notifyError)}
        >
          <span className={classes.recent}>{recent.ref ? getRefName(recent.ref) : fileNameOf(recent.path)}</span>
        </Menu.Item>
      ))}
    </>
  );
}
