import { X } from 'lucide-react';
import type { ReactElement } from 'react';
import type { FunnelQuery } from '../../../protocol/index.ts';
import { usePanel } from '../../stores/panel.ts';
import { formatCount, formatUnits } from '../../widgets/format.ts';
import editors from '../editors/editors.module.css';
import { getLastStep, type RuleChange } from './use-rule-change.ts';
import classes from './funnel.module.css';

/** `The last change: 12 actors in, 5 out at the last step`, both numbers open their lists. */
export function RuleChangeLine({ change, onDismiss }: { change: RuleChange; onDismiss: () => void }): ReactElement {
  const { before, after, difference } = change;
  const same = difference.onlyA === 0 && difference.onlyB === 0;
  return (
    <output className={classes.change}>
      <span>Since the last rule change, at the last step:</span>
      {same ? (
        <span>the same {formatUnits(difference.both, 'actor')}</span>
      ) : (
        <>
          <Side funnel={after} ids={difference.onlyBActors} total={difference.onlyB} word="in" />
          <Side funnel={before} ids={difference.onlyAActors} total={difference.onlyA} word="out" />
          <span className={editors.note}>{formatCount(difference.both)} as before</span>
        </>
      )}
      <button type="button" className={editors.icon} aria-label="Dismiss" onClick={onDismiss}>
        <X size={12} />
      </button>
    </output>
  );
}

function Side({
  funnel,
  ids,
  total,
  word,
}: {
  funnel: FunnelQuery;
  ids: readonly string[];
  total: number;
  word: 'in' | 'out';
}): ReactElement {
  if (total === 0) return <span>0 {word}</span>;
  const only = ids.length < total ? `, first ${formatCount(ids.length)}` : '';
  const open = (): void => {
    const analysis: FunnelQuery = {
      ...funnel,
      where: [...(funnel.where ?? []), { prop: '$actor', op: 'in', value: [...ids] }],
    };
    usePanel.getState().showActors({
      analysis,
      selection: { reachedStep: getLastStep(funnel) },
      title: `${word === 'in' ? 'In' : 'Out'} by the last change${only}`,
    });
  };
  return (
    <button type="button" className={editors.link} onClick={open}>
      {formatUnits(total, 'actor')} {word}
    </button>
  );
}
