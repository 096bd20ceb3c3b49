import { ActionIcon, Button, UnstyledButton } from '@mantine/core';
import { Pencil, Server, X } from 'lucide-react';
import { useEffect, useState, type ReactElement } from 'react';
import { formatTarget } from '../../../protocol/index.ts';
import { openConnection, useConnections, type ListedConnection } from '../../stores/connections.ts';
import { notifyError } from '../frame/run-command.ts';
import welcome from '../welcome/Welcome.module.css';
import classes from './Connection.module.css';
import { EnvironmentBadge, PlaintextBadge } from './Environment.tsx';
import { isOpenPlaintext } from './is-open-plaintext.ts';

/** Saved connections on the welcome page. */
export function ConnectionList(): ReactElement | null {
  const { connections, error } = useConnections();
  useEffect(() => void useConnections.getState().load(), []);
  if (connections.length === 0 && error === null) return null;
  return (
    <section aria-labelledby="welcome-connections">
      <h2 id="welcome-connections" className={welcome.title}>
        Connections
      </h2>
      {error !== null && (
        <p className={classes.dangerNote}>
          {error.message} {error.hint}
        </p>
      )}
      <ul className={classes.connections}>
        {connections.map((connection) => (
          <Row key={connection.name} connection={connection} />
        ))}
      </ul>
    </section>
  );
}

function Row({ connection }: { readonly connection: ListedConnection }): ReactElement {
  const { name, target, environment } = connection;
  const [asking, setAsking] = useState(false);
  return (
    <li className={classes.row} data-environment={environment ?? undefined}>
      <UnstyledButton
        className={classes.open}
        aria-label={`Connect to ${name}`}
        onClick={() => void openConnection(connection).catch(notifyError)}
      >
        <Server size={16} aria-hidden />
        <span className={classes.rowText}>
          <span className={classes.rowName}>
            <span className={classes.ellipsis}>{name}</span>
            {environment && <EnvironmentBadge environment={environment} />}
            {isOpenPlaintext(target) && <PlaintextBadge />}
          </span>
          <span className={classes.address} title={formatTarget(target)}>
            {formatTarget(target).replace('postgres://', '')}
          </span>
        </span>
      </UnstyledButton>
      {asking ? (
        <>
          <Button
            size="xs"
            color="danger"
            onClick={() => void useConnections.getState().remove(name).catch(notifyError)}
          >
            Remove
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => setAsking(false)}>
            Keep
          </Button>
        </>
      ) : (
        <>
          <ActionIcon aria-label={`Change ${name}`} onClick={() => useConnections.getState().edit(connection)}>
            <Pencil size={14} />
          </ActionIcon>
          <ActionIcon aria-label={`Remove ${name}`} onClick={() => setAsking(true)}>
            <X size={14} />
          </ActionIcon>
        </>
      )}
    </li>
  );
}
