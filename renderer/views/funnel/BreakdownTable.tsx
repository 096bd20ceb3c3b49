import { Checkbox } from '@mantine/core';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import type { FunnelGroup, FunnelResult, FunnelStepResult } from '../../../protocol/index.ts';
import type { ColorOf } from '../../charts/palette.ts';
import { formatCount, formatDuration, formatShare } from '../../widgets/format.ts';
import { getPropertyLabel } from '../editors/event-match.ts';
import { getGroupLabel } from './funnel-text.ts';
import {
  BY_SIZE,
  getPool,
  groupKey,
  MAX_DRAWN,
  sameSort,
  sortGroups,
  toggleSort,
  type GroupSort,
} from './group-table.ts';
import classes from './table.module.css';

export interface BreakdownTableProps {
  readonly result: FunnelResult;
  readonly properties: readonly string[];
  readonly drawn: ReadonlySet<string>;
  readonly colorOf: ColorOf;
  readonly onToggle: (key: string) => void;
  readonly onSelect: (step: number, group: readonly string[] | null) => void;
}

/** Groups as rows, steps as columns: counts that can be opened, rates, and which groups are drawn. */
export function BreakdownTable(props: BreakdownTableProps): ReactElement {
  const { result, drawn } = props;
  const [order, setOrder] = useState(BY_SIZE);
  const pool = getPool(result);
  const named = sortGroups(
    (result.groups ?? []).filter((group) => group !== pool),
    order,
  );
  // What is pooled is no group of its own: it stays below, however the groups are sorted.
  const groups = pool === undefined ? named : [...named, pool];
  const head = (sort: GroupSort, label: string, numeric = true): ReactElement => {
    const active = sameSort(order.sort, sort);
    return (
      <th
        key={label}
        scope="col"
        aria-sort={active ? (order.descending ? 'descending' : 'ascending') : 'none'}
        data-numeric={numeric || undefined}
      >
        <button type="button" onClick={() => setOrder(toggleSort(order, sort))} title={label}>
          <span>{label}</span>
          {active && (order.descending ? <ArrowDown size={11} aria-hidden /> : <ArrowUp size={11} aria-hidden />)}
        </button>
      </th>
    );
  };
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.check}>
              <span className={classes.hidden}>Drawn</span>
            </th>
            {head({ by: 'value' }, props.properties.map(getPropertyLabel).join(' · '), false)}
            {result.steps.map((step, i) => head({ by: 'step', step: i }, `${i + 1} ${step.name}`))}
            {head({ by: 'rate' }, 'Conversion')}
            <th scope="col" data-numeric>
              Median time
            </th>
          </tr>
        </thead>
        <tbody>
          <Row
            label="All actors"
            steps={result.steps}
            median={result.totalMedianSeconds}
            onSelect={(step) => props.onSelect(step, null)}
            total
          />
          {groups.map((group) => {
            const key = groupKey(group.value);
            return (
              <Row
                key={key}
                label={getGroupLabel(group.value, props.properties)}
                steps={group.steps}
                median={getOnlyTime(group)}
                color={props.colorOf(key)}
                checked={drawn.has(key)}
                disabled={!drawn.has(key) && drawn.size >= MAX_DRAWN}
                onToggle={() => props.onToggle(key)}
                onSelect={(step) => props.onSelect(step, group.value)}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** With two steps the time of the last one is the time of all; with more the answer has no such number. */
const getOnlyTime = (group: FunnelGroup): number | undefined =>
  group.steps.length === 2 ? group.steps[1]?.medianSeconds : undefined;

interface RowProps {
  readonly label: string;
  readonly steps: readonly FunnelStepResult[];
  readonly median: number | undefined;
  readonly color?: string;
  readonly checked?: boolean;
  readonly disabled?: boolean;
  readonly total?: boolean;
  readonly onToggle?: () => void;
  readonly onSelect: (step: number) => void;
}
function Row(props: RowProps): ReactElement {
  const { label, steps } = props;
  const rate = steps.at(-1)?.conversionFromStart ?? 0;
  return (
    <tr data-total={props.total}>
      <td className={classes.check}>
        {props.onToggle !== undefined && (
          <Checkbox
            size="xs"
            aria-label={`Draw ${label}`}
            checked={props.checked === true}
            disabled={props.disabled === true}
            title={props.disabled === true ? `At most ${MAX_DRAWN} groups are drawn` : undefined}
            onChange={props.onToggle}
            {...(props.checked === true && props.color !== undefined ? { color: props.color } : {})}
          />
        )}
      </td>
      <th scope="row" title={label}>
        {label}
      </th>
      {steps.map((step, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- one a step
        <td key={i} data-numeric>
          <button
            type="button"
            className={classes.number}
            disabled={step.count === 0}
            aria-label={`${label}, step ${i + 1}: ${formatCount(step.count)} actors`}
            onClick={() => props.onSelect(i)}
          >
            {formatCount(step.count)}
          </button>
          {i > 0 && <span className={classes.share}>{formatShare(step.conversionFromPrevious)}</span>}
        </td>
      ))}
      <td data-numeric className={classes.rate}>
        <span
          className={classes.bar}
          style={{ width: `${Math.round(rate * 64)}px`, background: props.color ?? 'var(--remainder)' }}
        />
        {formatShare(rate)}
      </td>
      <td data-numeric>{props.median === undefined ? '–' : formatDuration(props.median)}</td>
    </tr>
  );
}
