import { Button, Select, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { useMemo, useState, type ReactElement } from 'react';
import { CONDITION_OPS, type ConditionOp, type PropertyCondition } from '../../../protocol/index.ts';
import { formatCount } from '../../widgets/format.ts';
import {
  getValues,
  isComplete,
  isSegment,
  needsValue,
  OP_LABEL,
  takesMany,
  withOp,
  withValues,
} from './event-match.ts';
import { Picker } from './Picker.tsx';
import { PropertyPicker } from './PropertyPicker.tsx';
import { usePropertyValues } from './use-property-values.ts';
import classes from './editors.module.css';

export interface ConditionFormProps {
  /** null = a new one. */
  readonly condition: PropertyCondition | null;
  readonly onDone: (condition: PropertyCondition) => void;
  readonly onRemove: () => void;
}
const NEW: PropertyCondition = { prop: '', op: 'in', value: [] };
const OPS = CONDITION_OPS.map((value) => ({ value, label: OP_LABEL[value] }));
const SEGMENT_OPS = [
  { value: 'is_set', label: 'only these actors' },
  { value: 'is_not_set', label: 'all but these actors' },
];

/** One filter being written; the document changes only when it is complete. */
export function ConditionForm({ condition, onDone, onRemove }: ConditionFormProps): ReactElement {
  const [draft, setDraft] = useState(condition ?? NEW);
  const done = (): void => {
    if (isComplete(draft)) onDone(draft);
  };
  return (
    <form
      className={classes.form}
      onSubmit={(e) => {
        e.preventDefault();
        done();
      }}
    >
      <PropertyPicker
        inPopover
        label="Property"
        value={draft.prop === '' ? null : draft.prop}
        opened={condition === null}
        onChange={(prop) => setDraft(isSegment(prop) ? { prop, op: 'is_set' } : withValues({ ...draft, prop }, []))}
      />
      <Select
        aria-label="Comparison"
        data={isSegment(draft.prop) ? SEGMENT_OPS : OPS}
        value={draft.op}
        allowDeselect={false}
        onChange={(op) => setDraft(withOp(draft, (op ?? 'in') as ConditionOp))}
        comboboxProps={{ withinPortal: false }}
      />
      {needsValue(draft.op) && draft.prop !== '' && <ValueField draft={draft} onChange={setDraft} />}
      <div className={classes.formActions}>
        {condition !== null && (
          <Button variant="subtle" color="red" onClick={onRemove}>
            Remove filter
          </Button>
        )}
        <Button variant="filled" type="submit" disabled={!isComplete(draft)} ml="auto">
          Apply filter
        </Button>
      </div>
    </form>
  );
}

function ValueField({
  draft,
  onChange,
}: {
  draft: PropertyCondition;
  onChange: (draft: PropertyCondition) => void;
}): ReactElement {
  const offersValues = draft.op !== 'icontains' && draft.op !== 'not_icontains';
  const { values, error } = usePropertyValues(offersValues ? draft.prop : null);
  const chosen = getValues(draft).filter((v) => v !== '');
  const options = useMemo(
    () =>
      (values?.values ?? []).map((v) => ({
        value: v.value,
        label: v.value === '' ? '(empty)' : v.value,
        count: v.count,
      })),
    [values],
  );
  if (!offersValues)
    return (
      <TextInput
        aria-label="Text"
        placeholder="Text"
        value={chosen[0] ?? ''}
        onChange={(e) => onChange(withValues(draft, [e.currentTarget.value]))}
      />
    );
  const many = takesMany(draft.op);
  const note =
    error?.message ??
    (values !== null && values.distinct > values.values.length
      ? `${formatCount(values.values.length)} most frequent of ${formatCount(values.distinct)} values`
      : undefined);
  const pick = (value: string): void => onChange(withValues(draft, many ? [...new Set([...chosen, value])] : [value]));
  return (
    <>
      {many && chosen.length > 0 && (
        <ul className={classes.chips}>
          {chosen.map((value) => (
            <li key={value} className={classes.chip}>
              <span className={classes.chipText} title={value}>
                {value}
              </span>
              <button
                type="button"
                className={classes.chipRemove}
                aria-label={`Remove ${value}`}
                onClick={() =>
                  onChange(
                    withValues(
                      draft,
                      chosen.filter((v) => v !== value),
                    ),
                  )
                }
              >
                <X size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Picker
        inPopover
        label="Value"
        value={many ? null : (chosen[0] ?? null)}
        placeholder={many ? 'Add a value' : 'Value'}
        options={options}
        unit="events"
        free
        busy={values === null && error === null}
        note={note}
        onChange={pick}
      />
    </>
  );
}
