import { Select } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import type { Exclusion } from '../../../protocol/index.ts';
import { EventPicker } from './EventPicker.tsx';
import { MatchEditor } from './MatchEditor.tsx';
import { Section } from './Section.tsx';
import classes from './editors.module.css';

export interface ExclusionsEditorProps {
  readonly exclusions: readonly Exclusion[];
  /** Names of the steps. */
  readonly steps: readonly string[];
  readonly onAdd: (event: string | null) => void;
  readonly onChange: (index: number, exclusion: Exclusion, label: string) => void;
  readonly onSpan: (index: number, end: 'fromStep' | 'toStep', step: number) => void;
  readonly onRemove: (index: number) => void;
}

/** Events that void an attempt when they happen between two steps. */
export function ExclusionsEditor(props: ExclusionsEditorProps): ReactElement {
  const { exclusions, steps } = props;
  const [adding, setAdding] = useState(false);
  const possible = steps.length > 1;
  const add = possible && (
    <button type="button" className={classes.quiet} aria-label="Add an exclusion" onClick={() => setAdding(true)}>
      <Plus size={12} aria-hidden /> Exclude
    </button>
  );
  return (
    <Section title="Exclusions" action={add}>
      <div className={classes.stack}>
        {exclusions.map((exclusion, i) => (
          // oxlint-disable-next-line react/no-array-index-key -- exclusions have no identity but their place
          <div key={i} className={classes.card}>
            <div className={classes.line} style={{ alignItems: 'flex-start' }}>
              <div className={classes.grow}>
                <MatchEditor
                  subject={`exclusion ${i + 1}`}
                  match={exclusion}
                  onChange={(next, label) => props.onChange(i, next, label)}
                />
              </div>
              <button
                type="button"
                className={classes.icon}
                aria-label={`Remove exclusion ${i + 1}`}
                onClick={() => props.onRemove(i)}
              >
                <X size={14} />
              </button>
            </div>
            <Span index={i} exclusion={exclusion} steps={steps} onSpan={props.onSpan} />
          </div>
        ))}
        {adding && (
          <EventPicker
            label="Event to exclude"
            value={undefined}
            opened
            onChange={(event) => {
              setAdding(false);
              props.onAdd(event);
            }}
          />
        )}
        {exclusions.length === 0 && !adding && (
          <p className={classes.note}>{possible ? 'No event voids an attempt.' : 'An exclusion needs two steps.'}</p>
        )}
      </div>
    </Section>
  );
}

function Span({
  index,
  exclusion,
  steps,
  onSpan,
}: {
  index: number;
  exclusion: Exclusion;
  steps: readonly string[];
  onSpan: ExclusionsEditorProps['onSpan'];
}): ReactElement {
  const options = steps.map((name, i) => ({ value: String(i), label: `${i + 1} ${name}` }));
  return (
    <div className={classes.span}>
      <span className={classes.label}>between</span>
      <Select
        className={classes.grow}
        aria-label={`Exclusion ${index + 1}: after step`}
        data={options.slice(0, -1)}
        value={String(exclusion.fromStep)}
        allowDeselect={false}
        onChange={(v) => v !== null && onSpan(index, 'fromStep', Number(v))}
      />
      <span className={classes.label}>and</span>
      <Select
        className={classes.grow}
        aria-label={`Exclusion ${index + 1}: before step`}
        data={options.slice(1)}
        value={String(exclusion.toStep)}
        allowDeselect={false}
        onChange={(v) => v !== null && onSpan(index, 'toStep', Number(v))}
      />
    </div>
  );
}
