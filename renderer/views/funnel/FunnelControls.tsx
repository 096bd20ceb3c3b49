import { SegmentedControl, Select } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { INTERVALS, type FunnelQuery, type Interval } from '../../../protocol/index.ts';
import { withoutKey } from './funnel-edits.ts';
import { getStepNames } from './funnel-text.ts';
import { getLastStep } from './use-rule-change.ts';

export interface FunnelControlsProps {
  readonly funnel: FunnelQuery;
  readonly onChange: (change: (old: FunnelQuery) => FunnelQuery, label: string) => void;
  readonly menu: ReactNode;
}
const PICTURES = [
  { value: 'steps', label: 'Steps' },
  { value: 'timeToConvert', label: 'Time to convert' },
  { value: 'trend', label: 'Trend' },
];
const INTERVAL_NAMES: Readonly<Record<Interval, string>> = {
  hour: 'By hour',
  day: 'By day',
  week: 'By week',
  month: 'By month',
};

/** Which picture of the funnel, and between which steps. */
export function FunnelControls({ funnel, onChange, menu }: FunnelControlsProps): ReactElement {
  const { viz } = funnel;
  return (
    <>
      {viz !== 'steps' && funnel.steps.length > 2 && <SpanSelect funnel={funnel} onChange={onChange} />}
      {viz === 'trend' && (
        <Select
          w={104}
          aria-label="Period of entry"
          data={INTERVALS.map((value) => ({ value, label: INTERVAL_NAMES[value] }))}
          value={funnel.interval}
          allowDeselect={false}
          onChange={(interval) => onChange((old) => ({ ...old, interval: interval as Interval }), 'Change the period')}
        />
      )}
      <SegmentedControl
        aria-label="Picture"
        data={PICTURES}
        value={viz}
        onChange={(next) => onChange((old) => ({ ...old, viz: next as FunnelQuery['viz'] }), 'Change the picture')}
      />
      {menu}
    </>
  );
}

function SpanSelect({ funnel, onChange }: Omit<FunnelControlsProps, 'menu'>): ReactElement {
  const names = getStepNames(funnel);
  const last = getLastStep(funnel);
  const pairs = names.flatMap((from, i) =>
    names.slice(i + 1).map((to, j) => ({ value: `${i}-${i + 1 + j}`, label: `${from} to ${to}` })),
  );
  const set = (value: string | null): void => {
    const [from = 0, to = last] = (value ?? '').split('-').map(Number);
    onChange((old) => {
      const rest = withoutKey(withoutKey(old, 'fromStep'), 'toStep') as FunnelQuery;
      return from === 0 && to === last ? rest : { ...rest, fromStep: from, toStep: to };
    }, 'Change the span');
  };
  return (
    <Select
      w={288}
      aria-label="From step to step"
      data={pairs}
      value={`${funnel.fromStep ?? 0}-${funnel.toStep ?? last}`}
      allowDeselect={false}
      onChange={set}
      comboboxProps={{ width: 300 }}
    />
  );
}
