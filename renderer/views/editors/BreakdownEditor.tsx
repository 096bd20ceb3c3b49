import { NumberInput, Select } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import type { Breakdown } from '../../../protocol/index.ts';
import { PropertyPicker } from './PropertyPicker.tsx';
import { withoutUndefined } from './without-undefined.ts';
import classes from './editors.module.css';

export interface BreakdownEditorProps {
  readonly value: Breakdown | null | undefined;
  /** Names of the steps, for attribution by step; empty where the analysis has none. */
  readonly steps: readonly string[];
  readonly onChange: (breakdown: Breakdown | null, label: string) => void;
}
export const DEFAULT_GROUPS = 8;
const ATTRIBUTION = [
  { value: 'first_touch', label: 'First value the actor had' },
  { value: 'last_touch', label: 'Last value the actor had' },
  { value: 'all_events', label: 'Each value on its own events' },
];

/** Which properties split the actors into groups, which value counts for an actor, and how many groups are shown. */
export function BreakdownEditor({ value, steps, onChange }: BreakdownEditorProps): ReactElement {
  const [adding, setAdding] = useState(false);
  const props = value?.props ?? [];
  const add = (prop: string): void => {
    setAdding(false);
    if (value === null || value === undefined)
      onChange({ props: [prop], attribution: { type: 'first_touch' }, limit: DEFAULT_GROUPS }, 'Break down');
    else if (!props.includes(prop)) onChange({ ...value, props: [...props, prop] }, 'Break down');
  };
  const remove = (i: number): void => {
    const rest = props.toSpliced(i, 1);
    onChange(
      value === null || value === undefined || rest.length === 0 ? null : { ...value, props: rest },
      'Remove a breakdown',
    );
  };
  return (
    <div className={classes.stack}>
      {props.map((prop, i) => (
        <div key={prop} className={classes.line}>
          <PropertyPicker
            label={`Breakdown ${i + 1}`}
            value={prop}
            onChange={(next) => value && onChange({ ...value, props: props.with(i, next) }, 'Change the breakdown')}
          />
          <button
            type="button"
            className={classes.icon}
            aria-label={`Remove breakdown by ${prop}`}
            onClick={() => remove(i)}
          >
            <X size={14} />
          </button>
        </div>
      ))}
      {adding || props.length === 0 ? (
        <PropertyPicker key={String(adding)} label="New breakdown" value={null} opened={adding} onChange={add} />
      ) : (
        <div>
          <button type="button" className={classes.quiet} onClick={() => setAdding(true)}>
            <Plus size={12} aria-hidden /> And property
          </button>
        </div>
      )}
      {value !== null && value !== undefined && <Details value={value} steps={steps} onChange={onChange} />}
    </div>
  );
}

function Details({
  value,
  steps,
  onChange,
}: {
  value: Breakdown;
  steps: readonly string[];
  onChange: BreakdownEditorProps['onChange'];
}): ReactElement {
  const { attribution, limit } = value;
  const data = [
    ...ATTRIBUTION,
    ...steps.map((name, i) => ({ value: `step:${i}`, label: `Value at step ${i + 1}, ${name}` })),
  ];
  const setAttribution = (key: string | null): void => {
    if (key === null) return;
    const next: Breakdown['attribution'] = key.startsWith('step:')
      ? { type: 'step', step: Number(key.slice(5)) }
      : { type: key as 'first_touch' | 'last_touch' | 'all_events' };
    onChange({ ...value, attribution: next }, 'Change the attribution');
  };
  return (
    <>
      <Select
        aria-label="Which value counts"
        data={data}
        value={attribution.type === 'step' ? `step:${attribution.step}` : attribution.type}
        allowDeselect={false}
        onChange={setAttribution}
      />
      <div className={classes.line}>
        <span className={classes.label}>Largest groups, the rest as Other</span>
        <NumberInput
          ml="auto"
          w={72}
          aria-label="Number of groups"
          min={1}
          max={1000}
          placeholder="All"
          value={limit ?? ''}
          onChange={(n) =>
            onChange(
              withoutUndefined({ ...value, limit: typeof n === 'number' && n >= 1 ? n : undefined }) as Breakdown,
              'Change the number of groups',
            )
          }
        />
      </div>
    </>
  );
}
