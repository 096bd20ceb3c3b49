import type { ReactElement } from 'react';
import { formatCount } from '../../widgets/format.ts';
import type { FunnelLayout, FunnelMark } from './funnel-layout.ts';
import { measureText } from './measure-text.ts';
import classes from './chart.module.css';

/** The ground of drop-offs. */
export function Hatch({ id }: { id: string }): ReactElement {
  return (
    <defs>
      <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line x1={0} x2={0} y1={0} y2={6} className={classes.hatchLine} />
      </pattern>
    </defs>
  );
}

/** A bar with its interval, or a drop-off with its number where it fits. */
export function Mark(props: {
  mark: FunnelMark;
  layout: FunnelLayout;
  hatch: string;
  color: string | undefined;
  active: boolean;
  single: boolean;
}): ReactElement {
  const { mark, layout, color, active } = props;
  const { rect } = mark;
  if (mark.kind === 'bar')
    return (
      <g>
        <rect {...rect} fill={color} className={active ? classes.active : undefined} />
        {mark.passed !== null && <rect {...mark.passed} className={classes.passed} />}
        {mark.whisker !== null && <Whisker mark={mark} vertical={layout.orientation === 'vertical'} />}
      </g>
    );
  const label = `−${formatCount(mark.count)}`;
  const roomy = props.single && rect.height >= 22 && rect.width >= measureText(label, '500 12px') + 16;
  return (
    <g>
      <rect {...rect} fill={`url(#${props.hatch})`} className={active ? classes.dropActive : classes.drop} />
      {roomy && <Plate x={rect.x + rect.width / 2} y={rect.y + rect.height / 2} text={label} />}
    </g>
  );
}

/** A number on hatched ground, made readable by a plate. */
function Plate({ x, y, text }: { x: number; y: number; text: string }): ReactElement {
  const width = measureText(text, '500 12px') + 12;
  return (
    <g>
      <rect x={x - width / 2} y={y - 9} width={width} height={18} rx={4} className={classes.plate} />
      <text x={x} y={y} textAnchor="middle" dominantBaseline="central" className={classes.strong}>
        {text}
      </text>
    </g>
  );
}

function Whisker({ mark, vertical }: { mark: FunnelMark; vertical: boolean }): ReactElement | null {
  const { rect, whisker } = mark;
  if (whisker === null) return null;
  const middle = vertical ? rect.x + rect.width / 2 : rect.y + rect.height / 2;
  const line = (a: number, b: number, c: number, d: number): string =>
    vertical ? `M${a},${b}L${c},${d}` : `M${b},${a}L${d},${c}`;
  const path = [
    line(middle, whisker.low, middle, whisker.high),
    line(middle - 4, whisker.low, middle + 4, whisker.low),
    line(middle - 4, whisker.high, middle + 4, whisker.high),
  ].join('');
  return (
    <>
      <path d={path} className={classes.whiskerHalo} />
      <path d={path} className={classes.whisker} />
    </>
  );
}
