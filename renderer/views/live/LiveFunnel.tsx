import { useMemo, type ReactElement } from 'react';
import type { FunnelQuery } from '../../../protocol/index.ts';
import { useAnswer } from '../../stores/answers.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount, formatShare } from '../../widgets/format.ts';
import { Card } from '../../widgets/layout.tsx';
import { AnswerState, SkeletonRows } from '../../widgets/states.tsx';
import { getInitialFunnel } from '../funnel/initial-funnel.ts';
import { steady } from '../parts/quiet.ts';
import { useActors } from '../parts/use-actors.ts';
import classes from './live.module.css';

/** The steps of the workspace's funnel as bars that grow. */
export function LiveFunnel(): ReactElement {
  const own = useWorkspace((s) => s.document.analyses['funnel']);
  const { source, vocabulary } = useSession();
  const funnel = useMemo<FunnelQuery>(() => {
    const whole = own?.type === 'funnel' ? own : getInitialFunnel(vocabulary, source);
    return { ...whole, breakdown: null, viz: 'steps' };
    // oxlint-disable-next-line react/exhaustive-deps -- the first proposal stays while the source grows
  }, [own]);
  const answer = useAnswer<'funnel'>('live.funnel', funnel, { moving: 'counts' });
  const showActors = useActors<'funnel'>(funnel);
  return (
    <Card title="Funnel">
      <div className={classes.funnel}>
        <AnswerState answer={steady(answer)} skeleton={<SkeletonRows rows={4} />}>
          {(result) => (
            <ol className={classes.steps}>
              {result.steps.map((step, i) => (
                // oxlint-disable-next-line react/no-array-index-key -- a step is its place
                <li key={i}>
                  <button
                    type="button"
                    className={classes.step}
                    onClick={() => showActors({ reachedStep: i }, `Reached ${step.name}`)}
                  >
                    <span>{step.name}</span>
                    <b>{formatCount(step.count)}</b>
                    <span className={classes.share}>{formatShare(step.conversionFromStart)}</span>
                    <i style={{ inlineSize: `${100 * step.conversionFromStart}%` }} />
                  </button>
                </li>
              ))}
            </ol>
          )}
        </AnswerState>
      </div>
    </Card>
  );
}
