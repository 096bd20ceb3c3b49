import { TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { toErrorData } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { toFields, type ConnectionFields } from './connection-draft.ts';
import classes from './Connection.module.css';

interface PasteProps {
  readonly onRead: (fields: ConnectionFields, password: string | null) => void;
}

/** An address fills the fields as soon as it can be read, and does not stay: it may hold a password. */
export function PasteField({ onRead }: PasteProps): ReactElement {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const fill = async (value: string): Promise<void> => {
    setText(value);
    setProblem(null);
    if (!ADDRESS.test(value)) return;
    try {
      const { target, password } = await engine.readConnection(value);
      setText('');
      onRead(toFields({ name: '', target, environment: null }), password);
    } catch (thrown) {
      const { message, hint } = toErrorData(thrown);
      setProblem(`${message} ${hint}`);
    }
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
        void fill(event.clipboardData.getData('text').trim());
      }}
      onBlur={() => text !== '' && void fill(text)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || text === '') return;
        event.preventDefault();
        void fill(text);
      }}
    />
  );
}

const ADDRESS = /^\s*(?:postgres(?:ql)?:\/\/\S+|\w+\s*=.+)/i;
