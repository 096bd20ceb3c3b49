import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { toErrorData, type PostgresRef, type SavedConnection } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { useConnections } from '../../stores/connections.ts';
import { openSource } from '../../stores/files.ts';
import { notifyError } from '../frame/run-command.ts';
import { NEW_CONNECTION, toConnection, toFields, toTarget, type ConnectionFields } from './connection-draft.ts';
import classes from './Connection.module.css';
import { LineFields, PasswordFields, PlaceFields } from './ConnectionForm.tsx';
import { TestResults } from './TestResults.tsx';
import { useTest, type TestState } from './use-test.ts';

/** A new connection to Postgres, or a saved one to change. */
export function ConnectionDialog(): ReactElement {
  const editing = useConnections((s) => s.editing);
  const { leave } = useConnections.getState();
  const name = editing?.connection?.name;
  return (
    <Modal
      opened={editing !== null}
      onClose={leave}
      closeOnClickOutside={false}
      title={name === undefined ? 'Connect to Postgres' : `Connection ${name}`}
      size={1000}
    >
      {editing !== null && <Editor before={editing.connection} />}
    </Modal>
  );
}

function Editor({ before }: { readonly before: SavedConnection | null }): ReactElement {
  const [fields, setFields] = useState<ConnectionFields>(() => (before === null ? NEW_CONNECTION : toFields(before)));
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const { whyNotRemember, connections } = useConnections();
  const test = useTest();
  const { target, errors } = toTarget(fields);
  const connection = target === null ? null : toConnection(fields, target, before?.mapping);
  const isKept = connections.some(({ name, hasPassword }) => name === before?.name && hasPassword);
  const shown = tried ? errors : {};
  const typed = password === '' ? null : password;
  const set = (part: Partial<ConnectionFields>): void => {
    if (test.state.phase !== 'idle') test.stop();
    setFields({ ...fields, ...part });
  };
  const refOf = (): PostgresRef | null => {
    setTried(true);
    if (target === null) return null;
    const environment = fields.environment === 'none' ? null : fields.environment;
    return { kind: 'postgres', target, environment, name: connection?.name ?? null, mapping: before?.mapping ?? null };
  };
  const save = async (): Promise<void> => {
    if (target === null) return;
    const store = useConnections.getState();
    if (connection !== null) await store.save(connection, before?.name ?? null);
    if (typed !== null) await store.keepPassword(target, typed, remember && whyNotRemember === null);
  };
  const finish = (after: () => Promise<unknown>): void => {
    if (refOf() === null) return;
    setBusy(true);
    save()
      .then(() => useConnections.getState().leave())
      .then(after)
      .catch(notifyError)
      .finally(() => setBusy(false));
  };
  const runTest = (): void => {
    const ref = refOf();
    if (ref !== null) void test.run(ref, typed);
  };
  const connect = (): void => {
    const ref = refOf();
    if (ref !== null) finish(() => openSource(ref));
  };
  return (
    <form
      className={classes.dialog}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        connect();
      }}
    >
      <PasteField
        onRead={(read, secret) => {
          set({ ...read, name: fields.name, environment: fields.environment });
          if (secret !== null) setPassword(secret);
        }}
      />
      <div className={classes.columns}>
        <div className={classes.fields}>
          <PlaceFields fields={fields} errors={shown} set={set} />
          <PasswordFields
            password={password}
            remember={remember}
            // One that is kept need not be typed again.
            placeholder={isKept ? 'Kept; type to replace it' : 'From ~/.pgpass, or asked for'}
            error={wrongPassword(test.state)}
            whyNot={whyNotRemember}
            onPassword={setPassword}
            onRemember={setRemember}
          />
          <LineFields fields={fields} errors={shown} set={set} />
        </div>
        <section className={classes.test} aria-label="Test" aria-live="polite">
          <TestResults state={test.state} onStop={test.stop} />
        </section>
      </div>
      <footer className={classes.footer}>
        <Button variant="default" loading={test.state.phase === 'testing'} onClick={runTest}>
          Test connection
        </Button>
        <span className={classes.grow} />
        <Button variant="subtle" disabled={connection === null || busy} onClick={() => finish(() => Promise.resolve())}>
          Save without opening
        </Button>
        <Button variant="filled" type="submit" loading={busy}>
          {connection === null ? 'Connect' : 'Save and connect'}
        </Button>
      </footer>
    </form>
  );
}

interface PasteProps {
  readonly onRead: (fields: ConnectionFields, password: string | null) => void;
}

const wrongPassword = (state: TestState): string | undefined =>
  state.phase === 'done' && state.test.error?.code === 'E_AUTH' ? state.test.error.message : undefined;

/** An address fills the fields as soon as it can be read, and does not stay: it may hold a password. */
function PasteField({ onRead }: PasteProps): ReactElement {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const read = (value: string): void => {
    setText(value);
    setProblem(null);
    if (!/^\s*(?:postgres(?:ql)?:\/\/\S+|\w+\s*=.+)/i.test(value)) return;
    engine.readConnection(value).then(
      ({ target, password }) => {
        setText('');
        onRead(toFields({ name: '', target, environment: null }), password);
      },
      (thrown: unknown) => {
        const { message, hint } = toErrorData(thrown);
        setProblem(`${message} ${hint}`);
      },
    );
  };
  return (
    <TextInput
      label="Paste an address"
      placeholder="postgres://user@host:5432/database, or service=name"
      value={text}
      error={problem}
      spellCheck={false}
      autoComplete="off"
      classNames={{ input: classes.mono ?? '' }}
      onChange={(event) => setText(event.currentTarget.value)}
      onPaste={(event) => {
        event.preventDefault();
        read(event.clipboardData.getData('text').trim());
      }}
      onBlur={() => text !== '' && read(text)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || text === '') return;
        event.preventDefault();
        read(text);
      }}
    />
  );
}
