import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useEffect, useMemo, type ComponentType, type ReactElement } from 'react';
import { VIEWS, type View } from '../../../protocol/index.ts';
import { ErrorBoundary } from '../../widgets/ErrorBoundary.tsx';
import { ViewLayout } from '../../widgets/layout.tsx';
import { VIEW_INFO } from './view-info.ts';

const LOAD: Readonly<Record<View, () => Promise<ComponentType>>> = {
  overview: async () => (await import('../overview/OverviewView.tsx')).OverviewView,
  funnel: async () => (await import('../funnel/FunnelView.tsx')).FunnelView,
  flow: async () => (await import('../flow/FlowView.tsx')).FlowView,
  journey: async () => (await import('../journey/JourneyView.tsx')).JourneyView,
  retention: async () => (await import('../retention/RetentionView.tsx')).RetentionView,
  rollups: async () => (await import('../rollups/RollupsView.tsx')).RollupsView,
  compare: async () => (await import('../compare/CompareView.tsx')).CompareView,
  live: async () => (await import('../live/LiveView.tsx')).LiveView,
  sql: async () => (await import('../sql/SqlView.tsx')).SqlView,
  data: async () => (await import('../data/DataView.tsx')).DataView,
};
/** After the first view has had its time. */
const LOAD_OTHERS_MS = 1_500;
/** Views that are here are shown without a skeleton between. */
const loaded = new Map<View, ComponentType>();
async function load(view: View): Promise<{ default: ComponentType }> {
  const component = loaded.get(view) ?? (await LOAD[view]());
  loaded.set(view, component);
  return { default: component };
}
/** Each view is loaded when it is first looked at, or when there is nothing else to do. */
const LAZY = Object.fromEntries(VIEWS.map((view) => [view, lazy(() => load(view))])) as unknown as Readonly<
  Record<View, ComponentType>
>;
async function loadOthers(): Promise<void> {
  // One that cannot be loaded now says so when it is looked at.
  for (const view of VIEWS) await load(view).catch(() => undefined);
}

export function ViewSlot({ view }: { readonly view: View }): ReactElement {
  // Stays the same as long as the view is shown.
  const Active = useMemo(() => loaded.get(view) ?? LAZY[view], [view]);
  useEffect(() => {
    const timer = setTimeout(() => void loadOthers(), LOAD_OTHERS_MS);
    return () => clearTimeout(timer);
  }, []);
  const { title } = VIEW_INFO[view];
  return (
    <ErrorBoundary what={`The ${title.toLowerCase()} view`} resetKey={view}>
      <Suspense
        fallback={
          <ViewLayout title={title}>
            <Skeleton style={{ flex: 1 }} />
          </ViewLayout>
        }
      >
        {/* oxlint-disable-next-line react/static-components -- taken from a table, not made here */}
        <Active />
      </Suspense>
    </ErrorBoundary>
  );
}
