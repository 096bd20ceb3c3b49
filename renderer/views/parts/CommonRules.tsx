import type { ReactElement } from 'react';
import type { Analysis } from '../../../protocol/index.ts';
import { RangeEditor } from '../editors/RangeEditor.tsx';
import { Section } from '../editors/Section.tsx';
import { SegmentSection } from '../editors/SegmentSection.tsx';
import { WhereEditor } from '../editors/WhereEditor.tsx';
import classes from './parts.module.css';

type Framed = Pick<Analysis, 'dateRange' | 'where'>;
export interface CommonRulesProps {
  readonly analysis: Framed;
  readonly onChange: (part: Framed, label: string) => void;
}

/** What every analysis has: filters that hold for all its events, and its range. */
export function CommonRules({ analysis, onChange }: CommonRulesProps): ReactElement {
  return (
    <>
      <SegmentSection where={analysis.where} onChange={(where) => onChange({ where }, 'Change the segment')} />
      <Section title="Filters">
        <div className={classes.chips}>
          <WhereEditor
            subject="all events"
            where={analysis.where}
            onChange={(where) => onChange({ where }, 'Change the filters')}
          />
        </div>
      </Section>
      <Section title="Range">
        <RangeEditor value={analysis.dateRange} onChange={(dateRange) => onChange({ dateRange }, 'Change the range')} />
      </Section>
    </>
  );
}
