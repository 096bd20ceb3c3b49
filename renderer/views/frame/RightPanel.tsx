import { ActionIcon, Tabs } from '@mantine/core';
import { X } from 'lucide-react';
import { lazy, Suspense, type ReactElement } from 'react';
import type { View } from '../../../protocol/index.ts';
import { hasRules, usePanel } from '../../stores/panel.ts';
import { ErrorBoundary } from '../../widgets/ErrorBoundary.tsx';
import { EmptyState, SkeletonRows } from '../../widgets/states.tsx';
import classes from './RightPanel.module.css';
import { useRulesHost } from './RulesSlot.tsx';

const ActorsPanel = lazy(async () => ({ default: (await import('../actors/ActorsPanel.tsx')).ActorsPanel }));

const setHost = (host: HTMLElement | null): void => useRulesHost.setState({ host });

/** Rules of the active view, and the actors behind a number. */
export function RightPanel({ view }: { readonly view: View }): ReactElement {
  const chosen = usePanel((s) => s.tab);
  const ruled = hasRules(view);
  const tab = ruled ? chosen : 'actors';
  const { setTab, close } = usePanel.getState();
  return (
    <aside className={classes.panel} aria-label="Rules and actors">
      <ActionIcon className={classes.close} aria-label="Close the panel" onClick={close}>
        <X size={14} />
      </ActionIcon>
      <Tabs className={classes.tabs} value={tab} onChange={(value) => setTab(value === 'actors' ? 'actors' : 'rules')}>
        <Tabs.List className={classes.list}>
          {ruled && <Tabs.Tab value="rules">Rules</Tabs.Tab>}
          <Tabs.Tab value="actors">Actors</Tabs.Tab>
        </Tabs.List>
        {ruled && (
          <Tabs.Panel className={classes.body} value="rules" keepMounted>
            <div key={view} ref={setHost} className={classes.rules} />
          </Tabs.Panel>
        )}
        <Tabs.Panel className={classes.body} value="actors" keepMounted={false}>
          <ErrorBoundary what="The actors" resetKey={tab}>
            <Suspense fallback={<SkeletonRows rows={12} />}>
              <Actors />
            </Suspense>
          </ErrorBoundary>
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

function Actors(): ReactElement {
  const isEmpty = usePanel((s) => s.content === null);
  if (isEmpty) return <EmptyState>Click a number, a bar or a link: the actors behind it are listed here.</EmptyState>;
  return <ActorsPanel />;
}
