import { SegmentedControl } from '@mantine/core';
import type { ReactElement } from 'react';
import { useTab } from '../parts/use-tab.ts';
import { CohortPage, LifecyclePage, StickinessPage } from './RetentionPages.tsx';

const TABS = ['cohorts', 'curve', 'lifecycle', 'stickiness'] as const;
type Tab = (typeof TABS)[number];
const TAB_TEXT: Readonly<Record<Tab, string>> = {
  cohorts: 'Cohorts',
  curve: 'Curve',
  lifecycle: 'Lifecycle',
  stickiness: 'Stickiness',
};

/** Who comes back: by cohort, over all, as growth and loss, by how often. */
export function RetentionView(): ReactElement {
  const [tab, setTab] = useTab<Tab>('retention', TABS);
  const tabs = (
    <SegmentedControl
      aria-label="Picture"
      data={TABS.map((value) => ({ value, label: TAB_TEXT[value] }))}
      value={tab}
      onChange={setTab}
    />
  );
  if (tab === 'lifecycle') return <LifecyclePage tabs={tabs} />;
  if (tab === 'stickiness') return <StickinessPage tabs={tabs} />;
  return <CohortPage tabs={tabs} shows={tab} />;
}
