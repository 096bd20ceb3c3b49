import { ChevronRight, TriangleAlert } from 'lucide-react';
import { useId, useState, type ReactElement } from 'react';
import type { AnswerEnvelope, ComputePlan, SemanticsRule } from '../../../protocol/index.ts';
import { formatCount } from '../../widgets/format.ts';
import classes from './semantics.module.css';

/** `2026-09-30T23:59:59.999Z` to the minute: the opened list has it exactly. */
const shortenTimes = (text: string): string =>
  text.replaceAll(/(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d):\d\d(?:\.\d+)?Z?/g, '$1 $2');

/** Of a server: where the answer was computed, why, and what the planner expected. */
function getComputeRule(compute: ComputePlan | undefined): readonly SemanticsRule[] {
  if (compute === undefined) return [];
  const cost = compute.cost === null ? '' : ` Expected cost: ${formatCount(Math.round(compute.cost))}.`;
  return [{ rule: 'computed', text: `${compute.why}${cost}` }];
}

/** The rules behind the numbers in one line, opened to one rule a line; warnings stand out. */
export function SemanticsLine({
  answer,
}: {
  answer: Pick<AnswerEnvelope, 'semantics' | 'warnings' | 'plan'> | null;
}): ReactElement {
  const [open, setOpen] = useState(false);
  const id = useId();
  const rules = [...(answer?.semantics ?? []), ...getComputeRule(answer?.plan.compute)];
  const warnings = answer?.warnings ?? [];
  return (
    <div className={classes.semantics}>
      <button
        type="button"
        className={classes.line}
        aria-expanded={open}
        aria-controls={id}
        disabled={answer === null}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={12} className={classes.chevron} data-open={open || undefined} aria-hidden />
        {warnings.length > 0 && (
          <span className={classes.warning}>
            <TriangleAlert size={12} aria-hidden />{' '}
            {warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`}
          </span>
        )}
        <span className={classes.text}>
          {rules.length === 0 ? 'Rules of this answer' : rules.map((rule) => shortenTimes(rule.text)).join(' · ')}
        </span>
      </button>
      <div id={id} hidden={!open}>
        {warnings.length > 0 && (
          <ul className={classes.warnings}>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        )}
        <dl className={classes.rules}>
          {rules.map((rule) => (
            <div key={rule.rule}>
              <dt>{rule.rule.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}</dt>
              <dd>{rule.text}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}
