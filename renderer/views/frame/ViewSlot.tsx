import { Skeleton } from '@mantine/core';
import { Suspense, useMemo, type ReactElement } from 'react';
import type { View } from '../../../protocol/index.ts';
import { ErrorBoundary } from '../../widgets/ErrorBoundary.tsx';
import { ViewLayout } from '../../widgets/layout.tsx';
import { VIEW } from './load-view.ts';
import { VIEW_INFO } from './view-info.ts';

export function ViewSlot({ view }: { readonly view: View }): ReactElement {
  // Stays the same as long as the view is shown.
  const Active = useMemo(() => VIEW[view].get(), [view]);
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
