import type { FunnelQuery, FunnelStepResult } from '../../../protocol/index.ts';
import type { Tip } from '../../charts/picture.ts';
import { getSegmentLabel } from '../../stores/segments.ts';
import { formatCount, formatDuration, formatShare } from '../../widgets/format.ts';
import { getMatchLabel } from '../editors/event-match.ts';
import type { FunnelMark, FunnelSeries } from './funnel-layout.ts';
import { wilsonInterval } from './wilson.ts';

export const getStepNames = (funnel: FunnelQuery): string[] => funnel.steps.map(getMatchLabel);

/** `pro · monthly`; the blank group is named. Of a segment its name, and who is not in it. */
export const getGroupLabel = (value: readonly string[], properties: readonly string[] = []): string =>
  value
    .map((v, i) => {
      const segment = getSegmentLabel(properties[i] ?? '');
      if (segment !== null) return v === '' ? 'All others' : segment;
      return v === '' ? '(none)' : v;
    })
    .join(' · ');

/** What pointing at a bar or a drop-off says: exact numbers with their share. */
export function getMarkTip(mark: FunnelMark, series: FunnelSeries): Tip {
  const group = series.group === null ? '' : ` · ${series.label}`;
  return mark.kind === 'drop' ? getDropTip(mark, series, group) : getBarTip(mark, series, group);
}

function getDropTip(mark: FunnelMark, series: FunnelSeries, group: string): Tip {
  return {
    title: `Dropped before step ${mark.step + 1}, ${series.steps[mark.step]?.name ?? ''}${group}`,
    rows: [
      { label: 'Actors', value: formatCount(mark.count) },
      { label: `Of step ${mark.step}`, value: formatShare(mark.share) },
    ],
    footer: 'Click for the actors',
  };
}

function getBarTip(mark: FunnelMark, series: FunnelSeries, group: string): Tip {
  const step = series.steps[mark.step];
  const entered = series.steps[0]?.count ?? 0;
  const interval = mark.step === 0 ? null : wilsonInterval(mark.count, entered);
  const times = step === undefined ? [] : getTimeRows(step);
  return {
    title: `Step ${mark.step + 1}, ${step?.name ?? ''}${group}`,
    rows: [
      { label: 'Actors', value: formatCount(mark.count) },
      ...(mark.step === 0 || step === undefined
        ? []
        : [
            { label: 'Of those who entered', value: formatShare(step.conversionFromStart) },
            { label: `Of step ${mark.step}`, value: formatShare(step.conversionFromPrevious) },
          ]),
      ...(step?.filled === undefined ? [] : getOptionalRows(step.count, step.filled)),
      ...(interval === null
        ? []
        : [{ label: '95% interval', value: `${formatShare(interval[0])} to ${formatShare(interval[1])}` }]),
      ...times,
    ],
    footer: `${step?.filled === undefined ? '' : 'An optional step counts who did it or went beyond it. '}Click for the actors`,
  };
}

/** Level and count differ at a step that may be skipped (docs/funnel.md, "Optional steps"). */
const getOptionalRows = (count: number, filled: number): Tip['rows'] => [
  { label: 'Did it', value: formatCount(filled), note: formatShare(count === 0 ? 0 : filled / count) },
  { label: 'Went beyond without it', value: formatCount(count - filled) },
];

function getTimeRows(step: FunnelStepResult): Tip['rows'] {
  const rows = [
    ['Median time', step.medianSeconds],
    ['Mean time', step.averageSeconds],
    ['90% within', step.p90Seconds],
  ] as const;
  return rows.flatMap(([label, seconds]) => (seconds === undefined ? [] : [{ label, value: formatDuration(seconds) }]));
}

/** `Dropped before step 2, Payment`. */
export const getDropTitle = (step: number, name: string): string => `Dropped before step ${step + 1}, ${name}`;
export const getReachedTitle = (step: number, name: string): string =>
  step === 0 ? `Entered at ${name}` : `Reached step ${step + 1}, ${name}`;
