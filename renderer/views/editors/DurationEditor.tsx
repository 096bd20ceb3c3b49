import { NumberInput, Select } from '@mantine/core';
import type { ReactElement } from 'react';
import { DURATION_UNITS, type Duration } from '../../../protocol/index.ts';
import classes from './editors.module.css';

export interface DurationEditorProps {
  readonly label: string;
  /** null = no limit. */
  readonly value: Duration | null;
  readonly onChange: (value: Duration | null) => void;
  /** Absent: a duration is needed. */
  readonly noneLabel?: string | undefined;
}
const NONE = 'none';

/** A fixed length: number and unit, or none. */
export function DurationEditor({ label, value, onChange, noneLabel }: DurationEditorProps): ReactElement {
  const units = DURATION_UNITS.map((unit) => ({
    value: unit as string,
    label: value?.value === 1 ? unit : `${unit}s`,
  }));
  const data = noneLabel === undefined ? units : [...units, { value: NONE, label: noneLabel }];
  const setUnit = (unit: string | null): void => {
    if (unit === NONE) onChange(null);
    else if (unit !== null) onChange({ value: value?.value ?? 7, unit: unit as Duration['unit'] });
  };
  return (
    <div className={classes.line}>
      {value !== null && (
        <NumberInput
          w={76}
          aria-label={`${label}: number`}
          min={1}
          max={100_000}
          value={value.value}
          onChange={(n) => {
            if (typeof n === 'number' && n > 0) onChange({ ...value, value: n });
          }}
        />
      )}
      <Select
        className={classes.grow}
        aria-label={`${label}: unit`}
        data={data}
        value={value?.unit ?? NONE}
        allowDeselect={false}
        onChange={setUnit}
      />
    </div>
  );
}
