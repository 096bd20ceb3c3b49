import type { ReactElement } from 'react';
import type { PlanNode, SqlPlan } from '../../../../protocol/query-schema.ts';
import { formatCompact, formatCount, formatMs } from '../../../widgets/format.ts';
import classes from './results.module.css';

/** EXPLAIN as a tree: what is done, on what, with how many rows; the dearest step stands out. */
export function PlanTree({ plan }: { readonly plan: SqlPlan }): ReactElement {
  const whole = Math.max(0, ...plan.roots.map((r) => weightOf(r)));
  return (
    <section className={classes.plan} aria-label="Plan">
      <div className={classes.planFacts}>
        <span>{plan.analyzed ? 'Measured' : 'Estimated, nothing was run'}</span>
        {plan.planningMs !== null && <span>Planning {formatMs(plan.planningMs)}</span>}
        {plan.executionMs !== null && (
          <span>
            Execution <strong>{formatMs(plan.executionMs)}</strong>
          </span>
        )}
        {plan.partitions.map((p) => (
          <span key={p.parent} title={p.read.slice(0, 60).join('\n')}>
            Reads{' '}
            <strong>
              {formatCount(p.read.length)} of {formatCount(p.total)}
            </strong>{' '}
            partitions of {p.parent}
          </span>
        ))}
      </div>
      <ul className={classes.planTree}>
        {plan.roots.map((root, i) => (
          <Node key={i} node={root} whole={whole} />
        ))}
      </ul>
    </section>
  );
}

/** Time where it was measured, else the planner's cost; of the node and all below. */
const weightOf = (node: PlanNode): number => node.actualMs ?? node.cost ?? 0;
const ownWeight = (node: PlanNode): number =>
  Math.max(0, weightOf(node) - node.children.reduce((sum, c) => sum + weightOf(c), 0));
/** From this share of the whole on a step is called dear. */
const HOT = 0.4;

function Node({ node, whole }: { readonly node: PlanNode; readonly whole: number }): ReactElement {
  const share = whole > 0 ? ownWeight(node) / whole : 0;
  return (
    <li>
      <div className={classes.planNode}>
        <span className={classes.planTitle}>
          {node.title}
          {node.on !== null && <code> {node.on}</code>}
        </span>
        <span className={classes.planFigures}>{figuresOf(node)}</span>
        {node.details.length > 0 && (
          <span className={classes.planDetails}>
            {node.details.map((d, i) => (
              <div key={i}>
                {d.label}: <code>{d.text}</code>
              </div>
            ))}
          </span>
        )}
        {whole > 0 && (
          <span
            className={classes.planBar}
            data-hot={share >= HOT || undefined}
            title={`${Math.round(share * 100)}% of the whole`}
          >
            <span style={{ width: `${Math.max(0.5, share * 100)}%` }} />
          </span>
        )}
      </div>
      {node.children.length > 0 && (
        <ul className={classes.planTree}>
          {node.children.map((child, i) => (
            <Node key={i} node={child} whole={whole} />
          ))}
        </ul>
      )}
    </li>
  );
}

function figuresOf(node: PlanNode): string {
  const { actualRows, estimatedRows, loops, actualMs, cost } = node;
  const rows =
    actualRows === null
      ? estimatedRows === null
        ? ''
        : `~${formatCompact(estimatedRows)} rows`
      : `${formatCompact(actualRows)} rows`;
  const guess =
    actualRows !== null && estimatedRows !== null && estimatedRows !== actualRows
      ? `expected ${formatCompact(estimatedRows)}`
      : '';
  const time = actualMs === null ? (cost === null ? '' : `cost ${formatCompact(cost)}`) : formatMs(actualMs);
  return [rows, guess, loops !== null && loops > 1 ? `× ${formatCompact(loops)}` : '', time]
    .filter((t) => t !== '')
    .join(' · ');
}
