import { Skeleton } from '@mantine/core';
import { lazy, Suspense, type ComponentType, type LazyExoticComponent, type ReactElement } from 'react';
import type { View } from '../../../protocol/index.ts';
import { ErrorBoundary } from '../../widgets/ErrorBoundary.tsx';
import { ViewLayout } from '../../widgets/layout.tsx';
import { VIEW_INFO } from './view-info.ts';

/** Each view is loaded when it is first looked at. */
const VIEW_COMPONENTS: Readonly<Record<View, LazyExoticComponent<ComponentType>>> = {
  overview: lazy(async () => ({ default: (await import('../overview/OverviewView.tsx')).OverviewView })),
  funnel: lazy(async () => ({ default: (await import('../funnel/FunnelView.tsx')).FunnelView })),
  flow: lazy(async () => ({ default: (await import('../flow/FlowView.tsx')).FlowView })),
  journey: lazy(async () => ({ default: (await import('../journey/JourneyView.tsx')).JourneyView })),
  retention: lazy(async () => ({ default: (await import('../retention/RetentionView.tsx')).RetentionView })),
  rollups: lazy(async () => ({ default: (await import('../rollups/RollupsView.tsx')).RollupsView })),
  data: lazy(async () => ({ default: (await import('../data/DataView.tsx')).DataView })),
};

export function ViewSlot({ view }: { readonly view: View }): ReactElement {
  const Active = VIEW_COMPONENTS[view];
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
        <Active />
      </Suspense>
    </ErrorBoundary>
  );
}
