import { useRef, useState } from 'react';
import type { PostgresRef, SavedConnection } from '../../../protocol/index.ts';
import { useConnections } from '../../stores/connections.ts';
import { openSource } from '../../stores/files.ts';
import { notifyError } from '../frame/run-command.ts';
import {
  NEW_CONNECTION,
  toConnection,
  toFields,
  toTarget,
  type ConnectionFields,
  type FieldErrors,
} from './connection-draft.ts';
import { useTest, type TestControl } from './use-test.ts';

export interface ConnectionEditor {
  readonly fields: ConnectionFields;
  /** Only after a first try: nobody is told off while typing. */
  readonly errors: FieldErrors;
  readonly set: (part: Partial<ConnectionFields>) => void;
  readonly password: string;
  readonly setPassword: (password: string) => void;
  readonly remember: boolean;
  readonly setRemember: (remember: boolean) => void;
  /** One is kept for this connection: it need not be typed again. */
  readonly isKept: boolean;
  readonly test: TestControl;
  readonly busy: boolean;
  /** It has a name and can be saved. */
  readonly canSave: boolean;
  readonly runTest: () => void;
  readonly saveOnly: () => void;
  readonly connect: () => void;
}

/** By the name of the connection: Esc closes the form and loses nothing that was typed, but the password. */
const unsaved = new Map<string, ConnectionFields>();

/** What the form of a connection knows and does. What is typed ends with it. */
export function useEditor(before: SavedConnection | null): ConnectionEditor {
  const key = before?.name ?? '';
  const [fields, setFields] = useState(() => unsaved.get(key) ?? (before === null ? NEW_CONNECTION : toFields(before)));
  // An address is read while one goes on typing: what comes last is put to what is there then.
  const latest = useRef(fields);
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const { whyNotRemember, connections } = useConnections();
  const test = useTest();
  const { target, errors } = toTarget(fields);
  const connection = target === null ? null : toConnection(fields, target, before?.mapping);
  const typed = password === '' ? null : password;

  const set = (part: Partial<ConnectionFields>): void => {
    if (test.state.phase !== 'idle') test.stop();
    latest.current = { ...latest.current, ...part };
    setFields(latest.current);
    unsaved.set(key, latest.current);
  };
  const save = async (): Promise<void> => {
    if (target === null) return;
    const store = useConnections.getState();
    if (connection !== null) await store.save(connection, before?.name ?? null);
    if (typed !== null) await store.keepPassword(target, typed, remember && whyNotRemember === null);
    unsaved.delete(key);
    store.leave();
  };
  /** With what the fields say, if they are in order. */
  const withRef = (work: (ref: PostgresRef) => void): void => {
    setTried(true);
    if (target === null) return;
    const environment = fields.environment === 'none' ? null : fields.environment;
    work({ kind: 'postgres', target, environment, name: connection?.name ?? null, mapping: before?.mapping ?? null });
  };
  const finish = (after: () => Promise<unknown>): void => {
    setBusy(true);
    save()
      .then(after)
      .catch(notifyError)
      .finally(() => setBusy(false));
  };
  return {
    fields,
    errors: tried ? errors : {},
    set,
    password,
    setPassword,
    remember,
    setRemember,
    isKept: connections.some(({ name, hasPassword }) => name === before?.name && hasPassword),
    test,
    busy,
    canSave: connection !== null,
    runTest: () => withRef((ref) => void test.run(ref, typed)),
    saveOnly: () => withRef(() => finish(() => Promise.resolve())),
    connect: () => withRef((ref) => finish(() => openSource(ref))),
  };
}
