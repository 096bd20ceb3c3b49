import { Button, Modal, Select, Textarea } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { useState, type ReactElement } from 'react';
import { DEFAULT_JOURNEY, INTERVALS, type JourneyModel, type JourneyQuery } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatDate } from '../../widgets/zoned-time.ts';
import { Section } from '../editors/Section.tsx';
import { CommonRules } from '../parts/CommonRules.tsx';
import { Rule } from '../parts/Rule.tsx';
import { readModel } from './journey-model.ts';
import { ModelEditor } from './ModelEditor.tsx';
import classes from './journey.module.css';

export type ChangeJourney = (change: (old: JourneyQuery) => JourneyQuery, label: string) => void;

export function JourneyRules({
  journey,
  change,
}: {
  readonly journey: JourneyQuery;
  readonly change: ChangeJourney;
}): ReactElement {
  const set = (part: Partial<JourneyQuery>, label: string): void => change((old) => ({ ...old, ...part }), label);
  const setModel = (model: JourneyModel, label: string): void => set({ model }, label);
  const [json, setJson] = useState(false);
  const last = useLastDay();
  return (
    <>
      <Section title="Compare with">
        <DatePickerInput
          aria-label="Compare with the stages as of"
          placeholder="Another day, as of its end"
          clearable
          {...(last === null ? {} : { maxDate: last, defaultDate: last })}
          valueFormat="D MMM YYYY"
          value={journey.compareTo?.asOf.slice(0, 10) ?? null}
          onChange={(day) =>
            set(
              { compareTo: day === null ? null : { asOf: `${day}T23:59:59.999`, knownAt: null } },
              'Change the comparison',
            )
          }
        />
      </Section>
      <Section title="Picture">
        <Rule label="Sizes per">
          <Select
            aria-label="Interval of the sizes over time"
            data={[...INTERVALS]}
            value={journey.interval}
            allowDeselect={false}
            onChange={(interval) => set({ interval: interval as JourneyQuery['interval'] }, 'Change the interval')}
          />
        </Rule>
        <Rule label="Moves shown">
          <Select
            aria-label="Moves shown"
            data={['2', '3', '4', '6', '8', '12', '20']}
            value={String(journey.maxSteps)}
            allowDeselect={false}
            onChange={(n) => set({ maxSteps: Number(n) }, 'Change the moves shown')}
          />
        </Rule>
      </Section>
      <ModelEditor
        model={journey.model}
        onChange={setModel}
        actions={
          <div className={classes.modelActions}>
            <Button size="xs" onClick={() => setJson(true)}>
              Edit as JSON
            </Button>
            <Button size="xs" variant="subtle" onClick={() => setModel(DEFAULT_JOURNEY, 'Use the default model')}>
              Default model
            </Button>
          </div>
        }
      />
      <CommonRules analysis={journey} onChange={set} />
      {json ? (
        <ModelJson
          model={journey.model}
          onClose={() => setJson(false)}
          onSave={(model) => setModel(model, 'Edit the model as JSON')}
        />
      ) : null}
    </>
  );
}

/** Local day of the newest event. */
function useLastDay(): string | null {
  const time = useSession((s) => s.source?.lastTime ?? null);
  const zone = useWorkspace((s) => s.document.timezone);
  return time === null ? null : formatDate(time, zone);
}

function ModelJson({
  model,
  onClose,
  onSave,
}: {
  readonly model: JourneyModel;
  readonly onClose: () => void;
  readonly onSave: (model: JourneyModel) => void;
}): ReactElement {
  const [text, setText] = useState(() => JSON.stringify(model, null, 2));
  const [problem, setProblem] = useState<string | null>(null);
  const save = (): void => {
    const read = readModel(text);
    if ('problem' in read) setProblem(read.problem);
    else {
      onSave(read.model);
      onClose();
    }
  };
  return (
    // Typing is never lost by a stray click; Escape closes as everywhere.
    <Modal opened onClose={onClose} title="The journey as JSON" size="lg" closeOnClickOutside={false}>
      <Textarea
        aria-label="Model as JSON"
        autosize
        minRows={12}
        maxRows={26}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={problem}
        classNames={{ input: classes.json ?? '' }}
        spellCheck={false}
      />
      <div className={classes.modalActions}>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="filled" onClick={save}>
          Use this model
        </Button>
      </div>
    </Modal>
  );
}
