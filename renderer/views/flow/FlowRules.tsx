import { Button, NumberInput, Select, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import type { FlowQuery } from '../../../protocol/index.ts';
import { formatDuration } from '../../widgets/format.ts';
import { EventPicker } from '../editors/EventPicker.tsx';
import { Section } from '../editors/Section.tsx';
import { CommonRules } from '../parts/CommonRules.tsx';
import { ListEditor } from '../parts/ListEditor.tsx';
import { Rule } from '../parts/Rule.tsx';
import type { ChangeFlow } from './use-flow.ts';

const GAPS = [null, 600, 1800, 3600, 86_400, 604_800, 2_592_000];
const EDGES = [20, 50, 100, 200];

/** Start, end, length, pauses, which events are nodes: everything a flow can be told. */
export function FlowRules({
  flow,
  change,
  shows,
}: {
  readonly flow: FlowQuery;
  readonly change: ChangeFlow;
  /** A rule stands only where it counts: pairs and whole sequences have neither ends nor steps. */
  readonly shows: 'flow' | 'matrix' | 'pairs';
}): ReactElement {
  const set = (part: Partial<FlowQuery>, label: string): void => change((old) => ({ ...old, ...part }), label);
  const byEvent = (flow.include?.prop ?? '$event') === '$event';
  const gaps = GAPS.includes(flow.sessionGapSeconds) ? GAPS : [...GAPS, flow.sessionGapSeconds];
  return (
    <>
      <Section title="Paths">
        {shows === 'flow' ? (
          <>
            <Anchor
              label="Start at"
              value={flow.startAt}
              onChange={(startAt) => set({ startAt }, 'Change the start')}
            />
            <Anchor label="End at" value={flow.endAt} onChange={(endAt) => set({ endAt }, 'Change the end')} />
          </>
        ) : null}
        {shows === 'pairs' ? null : (
          <Rule label="Steps">
            <NumberInput
              aria-label="Steps shown"
              w={76}
              min={2}
              max={50}
              value={flow.maxSteps}
              onChange={(n) =>
                typeof n === 'number' &&
                n >= 2 &&
                n <= 50 &&
                set({ maxSteps: Math.round(n) }, 'Change the number of steps')
              }
            />
          </Rule>
        )}
        {shows === 'flow' ? (
          <>
            <Rule label="Links shown" note="The most frequent ones; all others are the remainder">
              <Select
                aria-label="Links shown"
                data={[...new Set([...EDGES, ...(flow.edgeLimit === null ? [] : [flow.edgeLimit])])]
                  .toSorted((a, b) => a - b)
                  .map(String)
                  .concat('all')}
                value={flow.edgeLimit === null ? 'all' : String(flow.edgeLimit)}
                allowDeselect={false}
                onChange={(value) =>
                  set({ edgeLimit: value === 'all' ? null : Number(value) }, 'Change the links shown')
                }
              />
            </Rule>
            <Rule label="A new path after" note="A pause longer than this cuts a path in two">
              <Select
                aria-label="A new path after a pause of"
                data={gaps.map((gap) => ({
                  value: String(gap),
                  label: gap === null ? 'no pause' : formatDuration(gap),
                }))}
                value={String(flow.sessionGapSeconds)}
                allowDeselect={false}
                onChange={(value) =>
                  set(
                    { sessionGapSeconds: value === 'null' || value === null ? null : Number(value) },
                    'Change the pause',
                  )
                }
              />
            </Rule>
          </>
        ) : null}
        <Switch
          label="Count repeats in a row once"
          checked={flow.collapseRepeats}
          onChange={(event) => set({ collapseRepeats: event.currentTarget.checked }, 'Change repeats')}
        />
      </Section>
      <Section title="Left out">
        <ListEditor
          label="Event to leave out"
          kind="event"
          values={flow.excludeEvents}
          onChange={(excludeEvents) => set({ excludeEvents }, 'Change what is left out')}
        />
      </Section>
      <Section
        title="Only these"
        action={
          (flow.include ?? null) === null ? null : (
            <Button size="xs" variant="subtle" onClick={() => set({ include: null }, 'Include all')}>
              Include all
            </Button>
          )
        }
      >
        <ListEditor
          label={byEvent ? 'Event to keep' : `Value of ${flow.include?.prop ?? ''} to keep`}
          kind={byEvent ? 'event' : 'text'}
          values={flow.include?.in ?? []}
          onChange={(values) =>
            set(
              { include: values.length === 0 ? null : { prop: flow.include?.prop ?? '$event', in: values } },
              'Change what is included',
            )
          }
        />
      </Section>
      <Section title="Groups">
        <ListEditor
          label="Pattern"
          kind="text"
          placeholder="payment_*  (Enter adds)"
          values={flow.groupings}
          onChange={(groupings) => set({ groupings }, 'Change the groups')}
        />
      </Section>
      <CommonRules analysis={flow} onChange={(part, label) => set(part, label)} />
    </>
  );
}

function Anchor({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string | null | undefined;
  readonly onChange: (event: string | null) => void;
}): ReactElement {
  return (
    <Rule label={label}>
      <EventPicker label={label} value={value ?? null} onChange={onChange} />
    </Rule>
  );
}
