import { SegmentedControl } from '@mantine/core';
import type { ReactElement } from 'react';
import type { FunnelQuery } from '../../../protocol/index.ts';
import { BreakdownEditor } from '../editors/BreakdownEditor.tsx';
import { DurationEditor } from '../editors/DurationEditor.tsx';
import { ExclusionsEditor } from '../editors/ExclusionsEditor.tsx';
import { RangeEditor } from '../editors/RangeEditor.tsx';
import { Section } from '../editors/Section.tsx';
import { SegmentSection } from '../editors/SegmentSection.tsx';
import { WhereEditor } from '../editors/WhereEditor.tsx';
import editors from '../editors/editors.module.css';
import { compareSegment } from '../../stores/segments.ts';
import { addExclusion, removeExclusion, setExclusionSpan, withoutKey } from './funnel-edits.ts';
import { getStepNames } from './funnel-text.ts';
import { StepsEditor } from './StepsEditor.tsx';

export interface FunnelRulesProps {
  readonly funnel: FunnelQuery;
  readonly onChange: (change: (old: FunnelQuery) => FunnelQuery, label: string) => void;
}
const ORDERS = [
  { value: 'ordered', label: 'In order' },
  { value: 'strict', label: 'Strict' },
  { value: 'unordered', label: 'Any order' },
];
const ORDER_NOTES: Readonly<Record<FunnelQuery['order'], string>> = {
  ordered: 'Other events may come between the steps.',
  strict: 'Each step must be the very next event.',
  unordered: 'All steps within the window, in any order.',
};

/** All rules of a funnel, each change one undo step. */
export function FunnelRules({ funnel, onChange }: FunnelRulesProps): ReactElement {
  const names = getStepNames(funnel);
  const changeWhere = (where: FunnelQuery['where'], label: string): void =>
    onChange((old) => (where === undefined ? (withoutKey(old, 'where') as FunnelQuery) : { ...old, where }), label);
  return (
    <>
      <StepsEditor funnel={funnel} onChange={onChange} />
      <Section title="Order">
        <SegmentedControl
          fullWidth
          aria-label="Order of the steps"
          data={ORDERS}
          value={funnel.order}
          onChange={(order) =>
            onChange((old) => ({ ...old, order: order as FunnelQuery['order'] }), 'Change the order')
          }
        />
        <p className={editors.note} style={{ marginTop: 6 }}>
          {ORDER_NOTES[funnel.order]}
        </p>
      </Section>
      <Section title="Conversion window">
        <DurationEditor
          label="Conversion window"
          value={funnel.window}
          noneLabel="No limit"
          onChange={(window) => onChange((old) => ({ ...old, window }), 'Change the window')}
        />
      </Section>
      <ExclusionsEditor
        exclusions={funnel.exclusions}
        steps={names}
        onAdd={(event) => onChange((old) => addExclusion(old, { event }), 'Add an exclusion')}
        onChange={(i, next, label) => onChange((old) => ({ ...old, exclusions: old.exclusions.with(i, next) }), label)}
        onSpan={(i, end, step) =>
          onChange(
            (old) => ({
              ...old,
              exclusions: old.exclusions.map((x, j) => (j === i ? setExclusionSpan(x, end, step) : x)),
            }),
            'Move an exclusion',
          )
        }
        onRemove={(i) => onChange((old) => removeExclusion(old, i), 'Remove an exclusion')}
      />
      <SegmentSection
        where={funnel.where}
        onChange={(where) => changeWhere(where, 'Change the segment')}
        onCompare={(segment) => onChange((old) => compareSegment(old, segment), 'Compare a segment')}
      />
      <Section title="Breakdown">
        <BreakdownEditor
          value={funnel.breakdown}
          steps={names}
          onChange={(breakdown, label) =>
            onChange(
              (old) => (breakdown === null ? (withoutKey(old, 'breakdown') as FunnelQuery) : { ...old, breakdown }),
              label,
            )
          }
        />
      </Section>
      <Section title="Only events where">
        <div className={editors.under}>
          <WhereEditor
            subject="all events"
            where={funnel.where}
            onChange={(where) => changeWhere(where, 'Change a filter')}
          />
        </div>
      </Section>
      <Section title="Dates">
        <RangeEditor
          value={funnel.dateRange}
          onChange={(range) =>
            onChange(
              (old) => (range === null ? (withoutKey(old, 'dateRange') as FunnelQuery) : { ...old, dateRange: range }),
              'Change the dates',
            )
          }
        />
      </Section>
    </>
  );
}
