import type { ReactElement } from 'react';
import type { LatestEvent } from '../../../protocol/index.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useLive } from '../../stores/live.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount } from '../../widgets/format.ts';
import { formatMinute, formatInstant } from '../../widgets/zoned-time.ts';
import { Figure, Figures } from '../parts/Figure.tsx';
import { getBars, getRate, RATE_SECONDS } from './rate.ts';
import classes from './live.module.css';

/** How fast events come, how many came, and when the last one was. */
export function LiveFigures({ latest }: { readonly latest: readonly LatestEvent[] | null }): ReactElement {
  const { mode, arrivals, newEvents, startedAt } = useLive();
  const lastTime = useSession((s) => s.source?.lastTime ?? null);
  const zone = useWorkspace((s) => s.document.timezone);
  const now = arrivals.at(-1)?.at ?? 0;
  const moved = latest?.filter(({ move }) => move !== undefined).length ?? 0;
  const isOff = mode === 'off' && arrivals.length === 0;
  return (
    <div className={classes.figures}>
      <Figures>
        <Figure
          label="Events per second"
          value={isOff ? '–' : formatRate(getRate(arrivals, now))}
          note={isOff ? 'Follow to measure it' : `mean of the last ${RATE_SECONDS} s`}
        />
        <Figure
          label="New events"
          value={isOff ? '–' : formatCount(newEvents)}
          note={isOff ? ' ' : `since ${formatMinute(startedAt, zone)}`}
        />
        <Figure
          label="Stage changes"
          value={latest === null ? '–' : formatCount(moved)}
          note={`among the latest ${formatCount(latest?.length ?? 0)} events`}
        />
        <Figure
          label="Newest event"
          value={lastTime === null ? '–' : formatInstant(lastTime, zone).slice(11)}
          note={lastTime === null ? ' ' : `${formatInstant(lastTime, zone).slice(0, 10)}, ${zone}`}
        />
      </Figures>
      <RateBars bars={getBars(arrivals, now)} />
    </div>
  );
}

const formatRate = (rate: number): string =>
  rate >= 100 || rate === 0 ? formatCount(Math.round(rate)) : rate.toFixed(1);

const HEIGHT = 40;
const WIDTH = 6;
/** Arrivals of the last two minutes; the figures above say it in words. */
function RateBars({ bars }: { readonly bars: readonly number[] }): ReactElement {
  const { accent } = useChartTheme();
  const most = Math.max(1, ...bars);
  return (
    <svg
      className={classes.bars}
      viewBox={`0 0 ${bars.length * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      {bars.map((events, i) => {
        const height = events === 0 ? 1 : Math.max(2, (events / most) * HEIGHT);
        return (
          <rect
            // oxlint-disable-next-line react/no-array-index-key -- a bar is its place
            key={i}
            x={i * WIDTH}
            y={HEIGHT - height}
            width={WIDTH - 1}
            height={height}
            fill={accent}
            opacity={events === 0 ? 0.25 : 1}
          />
        );
      })}
    </svg>
  );
}
