import { TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { EventPicker } from '../editors/EventPicker.tsx';
import classes from './parts.module.css';

export interface ListEditorProps {
  /** What the list holds, for screen readers: `Excluded event`. */
  readonly label: string;
  readonly values: readonly string[];
  readonly onChange: (values: string[]) => void;
  /** `event` picks from the data, `text` is typed. */
  readonly kind: 'event' | 'text';
  readonly placeholder?: string;
}

/** Names as chips, with a way to add one. */
export function ListEditor({ label, values, onChange, kind, placeholder }: ListEditorProps): ReactElement {
  const [typed, setTyped] = useState('');
  const add = (value: string): void => {
    if (value !== '' && !values.includes(value)) onChange([...values, value]);
    setTyped('');
  };
  return (
    <div className={classes.list}>
      {values.length > 0 && (
        <ul className={classes.chips}>
          {values.map((value) => (
            <li key={value} className={classes.chip}>
              <span title={value}>{value}</span>
              <button
                type="button"
                aria-label={`Remove ${value}`}
                onClick={() => onChange(values.filter((v) => v !== value))}
              >
                <X size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {kind === 'event' ? (
        <EventPicker
          label={`Add: ${label}`}
          value={undefined}
          allowAny={false}
          onChange={(event) => add(event ?? '')}
        />
      ) : (
        <TextInput
          aria-label={`Add: ${label}`}
          placeholder={placeholder}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') add(typed.trim());
          }}
          onBlur={() => add(typed.trim())}
        />
      )}
    </div>
  );
}
