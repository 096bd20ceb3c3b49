import {
  Activity,
  Columns2,
  Database,
  Filter,
  GitFork,
  LayoutDashboard,
  Repeat,
  Route,
  SquareTerminal,
  Table2,
  type LucideIcon,
} from 'lucide-react';
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
  live: { title: 'Live', icon: Activity },
  compare: { title: 'Compare', icon: Columns2 },
  sql: { title: 'SQL', icon: SquareTerminal },
  data: { title: 'Data', icon: Database },
};
export const VIEW_ORDER: readonly View[] = VIEWS;
/** The digits go to the views in their order; SQL has a letter. */
export const getViewShortcut = (view: View): string =>
  view === 'sql' ? 'mod+shift+L' : `mod+${VIEW_ORDER.filter((v) => v !== 'sql').indexOf(view) + 1}`;
