import type { ReactElement } from 'react';
import type { ResultView } from '../../../engine/query-client.ts';
import type { RunResult } from '../../../stores/sql-runs.ts';

export interface ChartPaneProps {
  readonly tabId: string;
  readonly title: string;
  readonly result: RunResult;
  readonly view: ResultView;
  readonly rows: number;
}
export function ChartPane({ title }: ChartPaneProps): ReactElement {
  return <div>{title}</div>;
}
