import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { FlowQuery } from '../../../protocol/index.ts';
import { EmptyState } from '../../widgets/states.tsx';
import type { ChangeFlow } from './use-flow.ts';

export interface PageProps {
  readonly flow: FlowQuery;
  readonly change: ChangeFlow;
  readonly tabs: ReactElement;
}
/** For files: `flow from account_created`. */
export const getName = (flow: FlowQuery, what: string): string =>
  [
    what,
    (flow.startAt ?? null) === null ? '' : `from ${flow.startAt}`,
    (flow.endAt ?? null) === null ? '' : `to ${flow.endAt}`,
  ]
    .filter((s) => s !== '')
    .join(' ');

export function NoPaths({ flow, change }: Omit<PageProps, 'tabs'>): ReactElement {
  const narrowed =
    (flow.startAt ?? null) !== null ||
    (flow.endAt ?? null) !== null ||
    (flow.include ?? null) !== null ||
    flow.excludeEvents.length > 0;
  const reset = (): void =>
    change((old) => ({ ...old, startAt: null, endAt: null, include: null, excludeEvents: [] }), 'Show all paths');
  return (
    <EmptyState action={narrowed ? <Button onClick={reset}>Show all paths</Button> : undefined}>
      No path fits these rules in this range.
    </EmptyState>
  );
}
