import { Button, Modal } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { getRefName, type PostgresRef } from '../../../protocol/index.ts';
import { useConnections } from '../../stores/connections.ts';
import { reopenFailed } from '../../stores/files.ts';
import { useSession } from '../../stores/session.ts';
import { notifyError } from '../frame/run-command.ts';
import classes from './Connection.module.css';
import { PasswordFields } from './ConnectionForm.tsx';

/** When a server wants a password, or another one: asks, and goes on where it was. */
export function PasswordDialog(): ReactElement {
  const ref = useSession((s) => s.ref);
  const message = useSession((s) => (s.error?.code === 'E_AUTH' ? s.error.message : null));
  const asked = message !== null && ref?.kind === 'postgres' ? ref : null;
  return (
    <Modal
      opened={asked !== null}
      onClose={() => useSession.getState().dismissError()}
      title={asked === null ? '' : `Password for ${getRefName(asked)}`}
      size={420}
    >
      {asked !== null && <Question source={asked} message={message ?? ''} />}
    </Modal>
  );
}

function Question({ source, message }: { readonly source: PostgresRef; readonly message: string }): ReactElement {
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const { whyNotRemember } = useConnections();
  useEffect(() => void useConnections.getState().load(), []);
  const { target } = source;
  const submit = (): void => {
    const keep = useConnections.getState().keepPassword(target, password, remember && whyNotRemember === null);
    keep.then(reopenFailed).catch(notifyError);
  };
  return (
    <form
      className={classes.question}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className={classes.muted}>
        {target.user} at {target.hosts.map(({ host }) => host).join(', ')}
      </p>
      <PasswordFields
        password={password}
        remember={remember}
        placeholder=""
        error={message}
        whyNot={whyNotRemember}
        onPassword={setPassword}
        onRemember={setRemember}
        takesFocus
      />
      <div className={classes.footer}>
        <span className={classes.grow} />
        <Button variant="subtle" color="gray" onClick={() => useSession.getState().dismissError()}>
          Cancel
        </Button>
        <Button variant="filled" type="submit" disabled={password === ''}>
          Connect
        </Button>
      </div>
    </form>
  );
}
