import type { ReactElement } from 'react';
import type { FunnelStepResult } from '../../../protocol/index.ts';
import { truncateMiddle } from '../../charts/truncate.ts';
import { formatCount, formatDuration, formatShare } from '../../widgets/format.ts';
import type { FunnelLayout, Rect } from './funnel-layout.ts';
import { measureText } from './measure-text.ts';
import classes from './chart.module.css';

export interface StepHeaderProps {
  readonly cell: Rect;
  readonly step: number;
  /** Of the one series drawn, or of all actors. */
  readonly result: FunnelStepResult | undefined;
  /** One series: its numbers stand here; several: only the whole, small. */
  readonly single: boolean;
  readonly optional: boolean;
  readonly orientation: FunnelLayout['orientation'];
}
/** Name and numbers of a step: above its column, or on the line of its row. */
export function StepHeader({
  cell,
  step,
  result,
  single,
  optional,
  orientation,
}: StepHeaderProps): ReactElement | null {
  if (result === undefined) return null;
  const rate = formatShare(step === 0 && result.count > 0 ? 1 : result.conversionFromStart);
  const name = `${result.name}${optional ? ' (optional)' : ''}`;
  const previous = step === 0 ? 'entered' : `${formatShare(result.conversionFromPrevious)} of step ${step}`;
  // The bar of an optional step has those who went beyond it too: what says something is who did it.
  const note = result.filled === undefined ? previous : `${formatCount(result.filled)} did it`;
  const time = result.medianSeconds === undefined ? '' : `median ${formatDuration(result.medianSeconds)}`;
  if (orientation === 'horizontal')
    return <RowHeader {...{ cell, step, name, rate, count: result.count, single }} notes={[note, time]} />;
  const title = truncateMiddle(name, (text) => measureText(text, '600 13px') <= cell.width - 18);
  return (
    <g>
      <text x={cell.x} y={16} className={classes.name}>
        <tspan className={classes.index}>{step + 1}</tspan>
        <tspan dx={6}>{title}</tspan>
        <title>{name}</title>
      </text>
      {!single && (
        <text x={cell.x} y={34} className={classes.muted}>
          {step === 0 ? `all actors ${formatCount(result.count)}` : `all actors ${rate}`}
        </text>
      )}
      {single && (
        <>
          <text x={cell.x} y={44}>
            <tspan className={classes.rate}>{rate}</tspan>
            <tspan dx={8} className={classes.muted}>
              {formatCount(result.count)}
            </tspan>
          </text>
          <text x={cell.x} y={62} className={classes.muted}>
            {note}
          </text>
          <text x={cell.x} y={78} className={classes.muted}>
            {time}
          </text>
        </>
      )}
    </g>
  );
}

function RowHeader(props: {
  cell: Rect;
  step: number;
  name: string;
  rate: string;
  count: number;
  single: boolean;
  notes: readonly string[];
}): ReactElement {
  const { cell, step, rate } = props;
  const numbers = `${formatCount(props.count)}  `;
  const room = cell.width - measureText(rate, '600 15px') - measureText(numbers, '400 12px') - 40;
  const title = truncateMiddle(props.name, (text) => measureText(text, '600 13px') <= room);
  return (
    <g>
      <text x={cell.x} y={cell.y + 18} className={classes.name}>
        <tspan className={classes.index}>{step + 1}</tspan>
        <tspan dx={6}>{title}</tspan>
        <title>{props.name}</title>
      </text>
      {props.single && (
        <>
          <text x={cell.x + cell.width} y={cell.y + 18} textAnchor="end">
            <tspan className={classes.muted}>{formatCount(props.count)}</tspan>
            <tspan dx={8} className={classes.rateSmall}>
              {rate}
            </tspan>
          </text>
          <text x={cell.x} y={cell.y + cell.height - 8} className={classes.muted}>
            {props.notes.filter((t) => t !== '').join(' · ')}
          </text>
        </>
      )}
    </g>
  );
}
