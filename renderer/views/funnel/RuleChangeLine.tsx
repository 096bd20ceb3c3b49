import { X } from 'lucide-react';
import type { ReactElement } from 'react';
import type { FunnelQuery } from '../../../protocol/index.ts';
import { usePanel } from '../../stores/panel.ts';
import { formatCount, formatUnits } from '../../widgets/format.ts';
import { notifyFailure } from '../../widgets/notify.ts';
import editors from '../editors/editors.module.css';
import { getChangedActors, getTotal, type Side } from './changed-actors.ts';
import { getLastStep, type RuleChange } from './use-rule-change.ts';
import classes from './funnel.module.css';

/** `The last change: 12 actors in, 5 out at the last step`, both numbers open their lists. */
export function RuleChangeLine({ change, onDismiss }: { change: RuleChange; onDismiss: () => void }): ReactElement {
  const { difference } = change;
  const same = difference.onlyA === 0 && difference.onlyB === 0;
  return (
    <output className={classes.change}>
      <span>Since the last change, at the last step:</span>
      {same ? (
        <span>the same {formatUnits(difference.both, 'actor')}</span>
      ) : (
        <>
          <SideButton change={change} side="in" />
          <SideButton change={change} side="out" />
          <span className={editors.note}>{formatCount(difference.both)} as before</span>
        </>
      )}
      <button type="button" className={editors.icon} aria-label="Dismiss" onClick={onDismiss}>
        <X size={12} />
      </button>
    </output>
  );
}

function SideButton({ change, side }: { change: RuleChange; side: Side }): ReactElement {
  const total = getTotal(change.difference, side);
  if (total === 0) return <span>0 {side}</span>;
  const open = (): void => void openList(change, side).catch(notifyFailure);
  return (
    <button type="button" className={editors.link} onClick={open}>
      {formatUnits(total, 'actor')} {side}
    </button>
  );
}

/** The list is that of the funnel in which they are counted, kept to those ids. */
async function openList(change: RuleChange, side: Side): Promise<void> {
  const funnel = side === 'in' ? change.after : change.before;
  const ids = await getChangedActors(change, side);
  const only = ids.length < getTotal(change.difference, side) ? `, first ${formatCount(ids.length)}` : '';
  const analysis: FunnelQuery = {
    ...funnel,
    where: [...(funnel.where ?? []), { prop: '$actor', op: 'in', value: [...ids] }],
  };
  usePanel.getState().showActors({
    analysis,
    selection: { reachedStep: getLastStep(funnel) },
    title: `${side === 'in' ? 'In' : 'Out'} by the last change${only}`,
  });
}
