import { Skeleton } from '@mantine/core';
import { lazy, Suspense, type ComponentType, type LazyExoticComponent, type ReactElement } from 'react';
import type { View } from '../../../protocol/index.ts';
import { ErrorBoundary } from '../../widgets/ErrorBoundary.tsx';
import { ViewLayout } from '../../widgets/layout.tsx';
import { VIEW_INFO } from './view-info.ts';

type Modules = Readonly<Record<string, () => Promise<Readonly<Record<string, ComponentType>>>>>;
const modules = import.meta.glob('../*/*View.tsx') as Modules;

function loadView(view: View): LazyExoticComponent<ComponentType> {
  const name = `${VIEW_INFO[view].title}View`;
  return lazy(async () => {
    const load = modules[`../${view}/${name}.tsx`];
    const component = (await load?.())?.[name];
    if (component === undefined) throw new Error(`views/${view}/${name}.tsx does not export ${name}`);
    return { default: component };
  });
}
const VIEW_COMPONENTS = Object.fromEntries(
  Object.keys(VIEW_INFO).map((view) => [view, loadView(view as View)]),
) as Readonly<Record<View, LazyExoticComponent<ComponentType>>>;

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
