import { NumberInput, SegmentedControl, Select } from '@mantine/core';
import type { ReactElement } from 'react';
import {
  INTERVALS,
  type EventMatch,
  type Interval,
  type RetentionQuery,
  type WeekStart,
} from '../../../protocol/index.ts';
import { MatchEditor } from '../editors/MatchEditor.tsx';
import { Section } from '../editors/Section.tsx';
import { CommonRules, type CommonRulesProps } from '../parts/CommonRules.tsx';
import { Rule } from '../parts/Rule.tsx';

interface Timed {
  readonly interval: Interval;
  readonly weekStart: WeekStart;
}
function IntervalRules({
  value,
  onChange,
}: {
  readonly value: Timed;
  readonly onChange: (part: Partial<Timed>, label: string) => void;
}): ReactElement {
  return (
    <>
      <Rule label="Interval">
        <Select
          aria-label="Interval"
          data={[...INTERVALS]}
          value={value.interval}
          allowDeselect={false}
          onChange={(interval) => onChange({ interval: interval as Interval }, 'Change the interval')}
        />
      </Rule>
      {value.interval === 'week' ? (
        <Rule label="Weeks start on">
          <SegmentedControl
            aria-label="Weeks start on"
            data={[
              { value: 'monday', label: 'Mon' },
              { value: 'sunday', label: 'Sun' },
            ]}
            value={value.weekStart}
            onChange={(weekStart) => onChange({ weekStart }, 'Change the start of weeks')}
          />
        </Rule>
      ) : null}
    </>
  );
}

export function RetentionRules({
  analysis,
  change,
}: {
  readonly analysis: RetentionQuery;
  readonly change: (change: (old: RetentionQuery) => RetentionQuery, label: string) => void;
}): ReactElement {
  const set = (part: Partial<RetentionQuery>, label: string): void => change((old) => ({ ...old, ...part }), label);
  return (
    <>
      <Section title="Enters a cohort">
        <MatchEditor
          subject="the cohort event"
          match={analysis.cohortEvent}
          onChange={(cohortEvent, label) => set({ cohortEvent }, label)}
        />
        <Rule label="Counted">
          <Select
            aria-label="Who enters a cohort"
            data={[
              { value: 'firstEver', label: 'at the first time ever' },
              { value: 'everyInterval', label: 'in every interval' },
            ]}
            value={analysis.cohortRule}
            allowDeselect={false}
            onChange={(cohortRule) =>
              set({ cohortRule: cohortRule as RetentionQuery['cohortRule'] }, 'Change the cohort rule')
            }
          />
        </Rule>
      </Section>
      <Section title="Counts as a return">
        <MatchEditor
          subject="the return event"
          match={analysis.returnEvent}
          onChange={(returnEvent, label) => set({ returnEvent }, label)}
        />
      </Section>
      <Section title="Intervals">
        <IntervalRules value={analysis} onChange={set} />
        <Rule label="How many">
          <NumberInput
            aria-label="Number of intervals"
            w={76}
            min={1}
            max={400}
            value={analysis.intervals}
            onChange={(n) =>
              typeof n === 'number' &&
              n >= 1 &&
              n <= 400 &&
              set({ intervals: Math.round(n) }, 'Change the number of intervals')
            }
          />
        </Rule>
      </Section>
      <CommonRules analysis={analysis} onChange={set} />
    </>
  );
}

interface Simple extends Timed {
  readonly event: EventMatch;
}
/** Lifecycle and stickiness: which events count as activity, per which interval. */
export function ActivityRules({
  analysis,
  onChange,
}: {
  readonly analysis: Simple & CommonRulesProps['analysis'];
  readonly onChange: (part: Partial<Simple> & CommonRulesProps['analysis'], label: string) => void;
}): ReactElement {
  return (
    <>
      <Section title="Counts as activity">
        <MatchEditor
          subject="activity"
          match={analysis.event}
          onChange={(event, label) => onChange({ event }, label)}
        />
      </Section>
      <Section title="Intervals">
        <IntervalRules value={analysis} onChange={onChange} />
      </Section>
      <CommonRules analysis={analysis} onChange={onChange} />
    </>
  );
}
