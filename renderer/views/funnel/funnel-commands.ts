import type { FunnelQuery } from '../../../protocol/index.ts';
import { usePanel } from '../../stores/panel.ts';
import type { Command } from '../frame/command-registry.ts';
import { withoutKey } from './funnel-edits.ts';

type Change = (edit: (old: FunnelQuery) => FunnelQuery, label: string) => void;

/** What the funnel adds to the palette while it is on the screen. */
export function getFunnelCommands(change: Change): readonly Command[] {
  const picture = (viz: FunnelQuery['viz'], title: string): Command => ({
    id: `funnel.${viz}`,
    title,
    group: 'Analysis',
    keywords: ['funnel'],
    run: () => change((old) => ({ ...old, viz }), 'Change the picture'),
  });
  return [
    picture('steps', 'Show the funnel’s steps'),
    picture('timeToConvert', 'Show time to convert'),
    picture('trend', 'Show the funnel’s trend'),
    {
      id: 'funnel.rules',
      title: 'Edit the funnel’s rules',
      group: 'Analysis',
      keywords: ['steps', 'window', 'exclusions'],
      run: () => usePanel.getState().showRules(),
    },
    {
      id: 'funnel.clearBreakdown',
      title: 'Remove the funnel’s breakdown',
      group: 'Analysis',
      run: () => change((old) => withoutKey(old, 'breakdown') as FunnelQuery, 'Remove a breakdown'),
    },
  ];
}
