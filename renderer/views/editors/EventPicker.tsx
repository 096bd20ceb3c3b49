import { useMemo, type ReactElement } from 'react';
import { useSession } from '../../stores/session.ts';
import { Picker } from './Picker.tsx';
import type { PickerOption } from './picker-options.ts';
import { useEventColors } from './use-event-colors.ts';

/** Stands for `null`, any event; no event type can have this name as it is written with a control character. */
const ANY = '\u0000any';

export interface EventPickerProps {
  readonly label: string;
  /** null = any event; undefined = nothing picked yet. */
  readonly value: string | null | undefined;
  readonly onChange: (event: string | null) => void;
  readonly allowAny?: boolean | undefined;
  readonly opened?: boolean | undefined;
}

/** An event type of the open source, with its colour and count. */
export function EventPicker({ label, value, onChange, allowAny = true, opened }: EventPickerProps): ReactElement {
  const vocabulary = useSession((s) => s.vocabulary);
  const colorOf = useEventColors();
  const options = useMemo((): PickerOption[] => {
    const events = (vocabulary?.events ?? []).map((e) => ({ value: e.name, count: e.count, color: colorOf(e.name) }));
    return allowAny ? [...events, { value: ANY, label: 'Any event' }] : events;
  }, [vocabulary, colorOf, allowAny]);
  return (
    <Picker
      label={label}
      value={value === undefined ? null : (value ?? ANY)}
      placeholder="Choose an event"
      options={options}
      unit="events"
      opened={opened}
      onChange={(picked) => onChange(picked === ANY ? null : picked)}
    />
  );
}
