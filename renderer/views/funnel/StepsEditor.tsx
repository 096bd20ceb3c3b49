import { Plus } from 'lucide-react';
import { useRef, useState, type ReactElement } from 'react';
import type { FunnelQuery, FunnelStep } from '../../../protocol/index.ts';
import { EventPicker } from '../editors/EventPicker.tsx';
import { getMatchLabel } from '../editors/event-match.ts';
import { Section } from '../editors/Section.tsx';
import { useReorder } from '../editors/use-reorder.ts';
import editors from '../editors/editors.module.css';
import { addStep, MAX_STEPS, moveStep, removeStep, updateStep } from './funnel-edits.ts';
import { StepCard } from './StepCard.tsx';
import classes from './funnel.module.css';

export interface StepsEditorProps {
  readonly funnel: FunnelQuery;
  readonly onChange: (change: (old: FunnelQuery) => FunnelQuery, label: string) => void;
}

/** The steps as cards: dragged by their handle, or moved by Alt+↑/↓, removed by Delete, added by +. */
export function StepsEditor({ funnel, onChange }: StepsEditorProps): ReactElement {
  const list = useRef<HTMLOListElement>(null);
  const [adding, setAdding] = useState(false);
  const [said, say] = useState('');
  const { steps } = funnel;
  const focusHandle = (index: number): void => {
    // After the list has been rendered in its new order.
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>('[data-handle]')[index]?.focus());
  };
  const move = (from: number, to: number): void => {
    const step = steps[from];
    onChange((old) => moveStep(old, from, to), 'Move a step');
    if (step !== undefined) say(`${getMatchLabel(step)} moved to step ${to + 1} of ${steps.length}`);
    focusHandle(to);
  };
  const remove = (index: number): void => {
    const step = steps[index];
    if (step === undefined || steps.length < 2) return;
    onChange((old) => removeStep(old, index), 'Remove a step');
    say(`${getMatchLabel(step)} removed, ${steps.length - 1} steps left`);
    focusHandle(Math.min(index, steps.length - 2));
  };
  const add = (step: FunnelStep, at: number = steps.length): void => {
    setAdding(false);
    onChange((old) => addStep(old, step, at), 'Add a step');
    say(`${getMatchLabel(step)} added as step ${at + 1}`);
  };
  const reorder = useReorder(list, steps.length, move);
  const full = steps.length >= MAX_STEPS;
  const addButton = (
    <button
      type="button"
      className={editors.quiet}
      disabled={full}
      onClick={() => setAdding(true)}
      aria-label="Add a step"
      aria-keyshortcuts="+"
    >
      <Plus size={12} aria-hidden /> Step
    </button>
  );
  return (
    <Section title="Steps" action={addButton}>
      <ol ref={list} className={classes.steps}>
        {steps.map((step, i) => (
          <StepCard
            // oxlint-disable-next-line react/no-array-index-key -- steps have no identity but their place
            key={i}
            index={i}
            count={steps.length}
            step={step}
            drag={reorder.drag}
            handleProps={reorder.handleProps(i)}
            onReorderKey={(event) => reorder.onKeyDown(i, event)}
            onChange={(change, label) => onChange((old) => updateStep(old, i, change), label)}
            onMove={(to) => move(i, to)}
            onRemove={() => remove(i)}
            onDuplicate={() => add(step, i + 1)}
            onAdd={() => setAdding(true)}
          />
        ))}
      </ol>
      {adding ? (
        <div className={classes.newStep}>
          <span className={classes.number}>{steps.length + 1}</span>
          <EventPicker
            label={`Event of step ${steps.length + 1}`}
            value={undefined}
            opened
            onChange={(event) => add({ event })}
          />
        </div>
      ) : (
        <button type="button" className={classes.addStep} disabled={full} onClick={() => setAdding(true)}>
          <Plus size={14} aria-hidden /> {full ? `A funnel has at most ${MAX_STEPS} steps` : 'Add a step'}
        </button>
      )}
      <span className={classes.live} aria-live="polite">
        {said}
      </span>
    </Section>
  );
}
