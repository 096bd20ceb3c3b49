import { MultiSelect, Select, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useState, type ReactElement, type ReactNode } from 'react';
import type { JourneyModel } from '../../../protocol/index.ts';
import { getStateColors } from '../../charts/palette.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { DurationEditor } from '../editors/DurationEditor.tsx';
import { MatchEditor } from '../editors/MatchEditor.tsx';
import { PropertyPicker } from '../editors/PropertyPicker.tsx';
import { Section } from '../editors/Section.tsx';
import { Rule } from '../parts/Rule.tsx';
import {
  addRule,
  addState,
  removeDeadline,
  removeRule,
  removeState,
  renameState,
  updateDeadline,
  updateRule,
} from './journey-model.ts';
import classes from './journey.module.css';

export interface ModelEditorProps {
  readonly model: JourneyModel;
  readonly onChange: (model: JourneyModel, label: string) => void;
  readonly actions: ReactNode;
}

/** The state machine: states, what moves actors between them, and what not happening in time does. */
export function ModelEditor({ model, onChange, actions }: ModelEditorProps): ReactElement {
  return (
    <>
      <Section title="Stages">
        <States model={model} onChange={onChange} />
        {actions}
      </Section>
      <Section
        title="Moves"
        action={
          <button
            type="button"
            className={classes.quiet}
            onClick={() =>
              onChange(addRule(model, { event: { event: null }, from: null, to: model.states[0] ?? '' }), 'Add a rule')
            }
          >
            <Plus size={12} aria-hidden /> Rule
          </button>
        }
      >
        {model.rules.map((rule, i) => (
          // oxlint-disable-next-line react/no-array-index-key -- rules have no identity but their place
          <Card
            key={i}
            name={`rule ${i + 1}`}
            onRemove={model.rules.length < 2 ? null : () => onChange(removeRule(model, i), 'Remove a rule')}
          >
            <MatchEditor
              subject={`rule ${i + 1}`}
              match={rule.event}
              onChange={(event, label) => onChange(updateRule(model, i, { event }), label)}
            />
            <Ends
              subject={`Rule ${i + 1}`}
              model={model}
              rule={rule}
              onChange={(part) => onChange(updateRule(model, i, part), 'Change a rule')}
            />
            {rule.lastOf === undefined ? null : (
              <p className={classes.note}>
                Only at the last open {rule.lastOf.key}, opened by {rule.lastOf.openedBy.event ?? 'an event'}
              </p>
            )}
          </Card>
        ))}
      </Section>
      <Section title="Deadlines">
        {model.deadlines.map((deadline, i) => (
          // oxlint-disable-next-line react/no-array-index-key -- deadlines have no identity but their place
          <Card
            key={i}
            name={`deadline ${i + 1}`}
            onRemove={() => onChange(removeDeadline(model, i), 'Remove a deadline')}
          >
            <MatchEditor
              subject={`what deadline ${i + 1} waits on`}
              match={deadline.opens}
              onChange={(opens, label) => onChange(updateDeadline(model, i, { opens }), label)}
            />
            <p className={classes.note}>not followed, with the same</p>
            <PropertyPicker
              label={`Key of deadline ${i + 1}`}
              value={deadline.key}
              onChange={(key) => onChange(updateDeadline(model, i, { key }), 'Change the key')}
            />
            <p className={classes.note}>by</p>
            <MatchEditor
              subject={`what meets deadline ${i + 1}`}
              match={deadline.metBy}
              onChange={(metBy, label) => onChange(updateDeadline(model, i, { metBy }), label)}
            />
            <Rule label={deadline.dueAt === null ? 'within' : `within, after ${deadline.dueAt}`}>
              <DurationEditor
                label={`Deadline ${i + 1}`}
                value={deadline.after}
                onChange={(after) =>
                  after !== null && onChange(updateDeadline(model, i, { after }), 'Change a deadline')
                }
              />
            </Rule>
            <Ends
              subject={`Deadline ${i + 1}`}
              model={model}
              rule={deadline}
              onChange={(part) => onChange(updateDeadline(model, i, part), 'Change a deadline')}
            />
          </Card>
        ))}
        {model.deadlines.length === 0 ? (
          <p className={classes.note}>Nothing moves an actor by not happening. Deadlines can be added as JSON.</p>
        ) : null}
      </Section>
    </>
  );
}

function Card({
  name,
  onRemove,
  children,
}: {
  readonly name: string;
  readonly onRemove: (() => void) | null;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={classes.card}>
      <div className={classes.cardBody}>{children}</div>
      {onRemove === null ? null : (
        <button type="button" className={classes.icon} aria-label={`Remove ${name}`} onClick={onRemove}>
          <X size={14} />
        </button>
      )}
    </div>
  );
}

interface EndsProps {
  readonly subject: string;
  readonly model: JourneyModel;
  readonly rule: { readonly from: string[] | null; readonly to: string };
  readonly onChange: (part: { from?: string[] | null; to?: string }) => void;
}
/** From which stages (none named = any), to which. */
function Ends({ subject, model, rule, onChange }: EndsProps): ReactElement {
  return (
    <>
      <Rule label="from" narrow>
        <MultiSelect
          aria-label={`${subject}: from`}
          className={classes.grow ?? ''}
          data={[{ value: 'start', label: 'no stage yet' }, ...model.states]}
          value={rule.from ?? []}
          placeholder={rule.from === null ? 'any stage' : ''}
          onChange={(from) => onChange({ from: from.length === 0 ? null : from })}
        />
      </Rule>
      <Rule label="to" narrow>
        <Select
          aria-label={`${subject}: to`}
          data={model.states}
          value={rule.to}
          allowDeselect={false}
          onChange={(to) => to !== null && onChange({ to })}
        />
      </Rule>
    </>
  );
}

function States({ model, onChange }: Omit<ModelEditorProps, 'actions'>): ReactElement {
  const colorOf = getStateColors(useChartTheme(), model.states);
  const [typed, setTyped] = useState('');
  const add = (): void => {
    if (typed.trim() !== '') onChange(addState(model, typed.trim()), 'Add a stage');
    setTyped('');
  };
  return (
    <div className={classes.states}>
      {model.states.map((state) => (
        <div key={state} className={classes.state}>
          <i style={{ background: colorOf(state) }} />
          <TextInput
            aria-label={`Stage ${state}`}
            defaultValue={state}
            onBlur={(event) => onChange(renameState(model, state, event.currentTarget.value.trim()), 'Rename a stage')}
            onKeyDown={(event) => {
              if (event.key === 'Enter') event.currentTarget.blur();
            }}
          />
          <button
            type="button"
            className={classes.icon}
            aria-label={`Remove stage ${state}`}
            disabled={removeState(model, state) === model}
            onClick={() => onChange(removeState(model, state), 'Remove a stage')}
          >
            <X size={14} />
          </button>
        </div>
      ))}
      <TextInput
        aria-label="Add a stage"
        placeholder="Add a stage"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') add();
        }}
        onBlur={add}
      />
    </div>
  );
}
