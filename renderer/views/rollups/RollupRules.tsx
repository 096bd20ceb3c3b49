import { NumberInput, SegmentedControl, Select } from '@mantine/core';
import type { ReactElement } from 'react';
import { INTERVALS, type RollupQuery } from '../../../protocol/index.ts';
import { MatchEditor } from '../editors/MatchEditor.tsx';
import { PropertyPicker } from '../editors/PropertyPicker.tsx';
import { Section } from '../editors/Section.tsx';
import { CommonRules } from '../parts/CommonRules.tsx';
import { Rule } from '../parts/Rule.tsx';

export type ChangeRollup = (change: (old: RollupQuery) => RollupQuery, label: string) => void;
const SPLITS = [
  { value: 'none', label: 'nothing' },
  { value: 'event', label: 'event type' },
  { value: 'property', label: 'a property' },
];
const getSplit = (by: string | null): string => (by === null ? 'none' : by === '$event' ? 'event' : 'property');

export function RollupRules({
  rollup,
  change,
}: {
  readonly rollup: RollupQuery;
  readonly change: ChangeRollup;
}): ReactElement {
  const set = (part: Partial<RollupQuery>, label: string): void => change((old) => ({ ...old, ...part }), label);
  const split = getSplit(rollup.by);
  return (
    <>
      <Section title="Events">
        <MatchEditor
          subject="the events counted"
          match={rollup.event ?? { event: null }}
          onChange={(event, label) => set({ event }, label)}
        />
      </Section>
      <Section title="Series">
        <Rule label="Split by">
          <Select
            aria-label="Split by"
            data={SPLITS}
            value={split}
            allowDeselect={false}
            onChange={(value) =>
              set({ by: value === 'none' ? null : value === 'event' ? '$event' : '' }, 'Change the split')
            }
          />
        </Rule>
        {split === 'property' ? (
          <Rule label="Property">
            <PropertyPicker
              label="Property to split by"
              value={rollup.by === '' ? null : rollup.by}
              onChange={(by) => set({ by }, 'Change the property')}
            />
          </Rule>
        ) : null}
        {split === 'none' ? null : (
          <Rule label="Series shown" note="The largest; the rest is summed as Other">
            <NumberInput
              aria-label="Series shown"
              w={76}
              min={1}
              max={50}
              value={rollup.limit}
              onChange={(n) =>
                typeof n === 'number' && n >= 1 && set({ limit: Math.round(n) }, 'Change the series shown')
              }
            />
          </Rule>
        )}
        <Rule label="Also sum">
          <PropertyPicker
            label="Numeric property to sum"
            value={rollup.sum ?? null}
            onChange={(sum) => set({ sum }, 'Change the sum')}
          />
        </Rule>
      </Section>
      <Section title="Periods">
        <Rule label="Interval">
          <Select
            aria-label="Interval"
            data={[...INTERVALS.map((value) => ({ value, label: value })), { value: 'total', label: 'whole range' }]}
            value={rollup.interval}
            allowDeselect={false}
            onChange={(interval) => set({ interval: interval as RollupQuery['interval'] }, 'Change the interval')}
          />
        </Rule>
        {rollup.interval === 'week' ? (
          <Rule label="Weeks start on">
            <SegmentedControl
              aria-label="Weeks start on"
              data={[
                { value: 'monday', label: 'Mon' },
                { value: 'sunday', label: 'Sun' },
              ]}
              value={rollup.weekStart}
              onChange={(weekStart) => set({ weekStart }, 'Change the start of weeks')}
            />
          </Rule>
        ) : null}
      </Section>
      <CommonRules analysis={rollup} onChange={set} />
    </>
  );
}
