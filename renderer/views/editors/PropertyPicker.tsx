import { useMemo, type ReactElement } from 'react';
import { getSegmentProperty } from '../../../protocol/index.ts';
import { useSegments } from '../../stores/segments.ts';
import { useSession } from '../../stores/session.ts';
import { getPropertyLabel } from './event-match.ts';
import { Picker } from './Picker.tsx';
import type { PickerOption } from './picker-options.ts';

export interface PropertyPickerProps {
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (property: string) => void;
  readonly opened?: boolean | undefined;
  readonly inPopover?: boolean | undefined;
}

/** A property of the open source's events, one of the two that every event has, or a segment. */
export function PropertyPicker({ label, value, onChange, opened, inPopover }: PropertyPickerProps): ReactElement {
  const vocabulary = useSession((s) => s.vocabulary);
  const segments = useSegments();
  const options = useMemo((): PickerOption[] => {
    const properties = (vocabulary?.properties ?? []).map((p) => ({ value: p.name, count: p.count }));
    return [
      ...properties,
      { value: '$event', label: getPropertyLabel('$event') },
      { value: '$actor', label: getPropertyLabel('$actor') },
      ...segments.map(({ table, name }) => ({ value: getSegmentProperty(table), label: `Segment ${name}` })),
    ];
  }, [vocabulary, segments]);
  return (
    <Picker
      label={label}
      value={value}
      placeholder="Property"
      options={options}
      unit="events"
      opened={opened}
      inPopover={inPopover}
      onChange={onChange}
    />
  );
}
