import type { ReactElement } from 'react';
import { truncateMiddle } from '../../charts/truncate.ts';
import type { FunnelSeries } from './funnel-layout.ts';
import { measureText } from './measure-text.ts';
import classes from './chart.module.css';

const SQUARE = 10;
const GAP = 20;

/** Names of the series in one line at `y`: the picture must be readable without the table beside it. */
export function Legend({
  series,
  x,
  y,
  width,
}: {
  series: readonly FunnelSeries[];
  x: number;
  y: number;
  width: number;
}): ReactElement {
  const items = placeNames(series, x, width);
  return (
    <>
      {items.map((item) => (
        <g key={item.label}>
          <rect x={item.at} y={y - SQUARE / 2} width={SQUARE} height={SQUARE} rx={2} fill={item.color} />
          <text x={item.at + SQUARE + 6} y={y} dominantBaseline="central" className={classes.muted}>
            {item.text}
            <title>{item.label}</title>
          </text>
        </g>
      ))}
    </>
  );
}

/** One behind the other, each cut to its share of the line. */
function placeNames(series: readonly FunnelSeries[], x: number, width: number) {
  const room = width / series.length - SQUARE - GAP - 6;
  let next = x;
  return series.map(({ label, color }) => {
    const text = truncateMiddle(label, (t) => measureText(t, '400 12px') <= room);
    const at = next;
    next += SQUARE + 6 + measureText(text, '400 12px') + GAP;
    return { text, color, label, at };
  });
}
