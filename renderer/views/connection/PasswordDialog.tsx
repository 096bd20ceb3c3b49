import { Button, Modal } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { getRefName, type ErrorData, type PostgresRef } from '../../../protocol/index.ts';
import { useConnections } from '../../stores/connections.ts';
import { reopenFailed } from '../../stores/files.ts';
import { useSecond } from '../../stores/second-source.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { notifyError } from '../frame/run-command.ts';
import classes from './Connection.module.css';
import { PasswordFields } from './ConnectionForm.tsx';

interface Asked {
  readonly source: PostgresRef;
  readonly message: string;
  /** With the password that is known now. */
  readonly again: () => Promise<unknown>;
  readonly leave: () => void;
}

/** The server that wants a password: of the source that is opened, or of the second one beside it. */
function useAsked(): Asked | null {
  const { ref, error } = useSession();
  const second = useWorkspace((s) => s.document.second);
  const secondError = useSecond((s) => s.error);
  const [left, setLeft] = useState<ErrorData | null>(null);
  if (error?.code === 'E_AUTH' && ref?.kind === 'postgres') {
    const leave = (): void => useSession.getState().dismissError();
    return { source: ref, message: error.message, again: reopenFailed, leave };
  }
  if (secondError?.code !== 'E_AUTH' || secondError === left || second?.kind !== 'postgres') return null;
  const again = (): Promise<void> => useSecond.getState().ensure();
  return { source: second, message: secondError.message, again, leave: () => setLeft(secondError) };
}

/** When a server wants a password, or another one: asks, and goes on where it was. */
export function PasswordDialog(): ReactElement {
  const asked = useAsked();
  return (
    <Modal
      opened={asked !== null}
      onClose={() => asked?.leave()}
      title={asked === null ? '' : `Password for ${getRefName(asked.source)}`}
      size={420}
    >
      {asked !== null && <Question {...asked} />}
    </Modal>
  );
}

function Question({ source, message, again, leave }: Asked): ReactElement {
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const { whyNotRemember } = useConnections();
  useEffect(() => void useConnections.getState().load(), []);
  const { target } = source;
  const submit = (): void => {
    const keep = useConnections.getState().keepPassword(target, password, remember && whyNotRemember === null);
    keep.then(again).catch(notifyError);
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
        <Button variant="subtle" color="gray" onClick={leave}>
          Cancel
        </Button>
        <Button variant="filled" type="submit" disabled={password === ''}>
          Connect
        </Button>
      </div>
    </form>
  );
}
