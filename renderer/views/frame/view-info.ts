import { Database, Filter, GitFork, LayoutDashboard, Repeat, Route, Table2, type LucideIcon } from 'lucide-react';
import { VIEWS, type View } from '../../../protocol/index.ts';

export interface ViewInfo {
  readonly title: string;
  readonly icon: LucideIcon;
}
export const VIEW_INFO: Readonly<Record<View, ViewInfo>> = {
  overview: { title: 'Overview', icon: LayoutDashboard },
  funnel: { title: 'Funnel', icon: Filter },
  flow: { title: 'Flow', icon: GitFork },
  journey: { title: 'Journey', icon: Route },
  retention: { title: 'Retention', icon: Repeat },
  rollups: { title: 'Rollups', icon: Table2 },
  data: { title: 'Data', icon: Database },
};
export const VIEW_ORDER: readonly View[] = VIEWS;
