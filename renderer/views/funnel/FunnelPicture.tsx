import { Button } from '@mantine/core';
import { useCallback, useMemo, useRef, useState, type ReactElement, type Ref } from 'react';
import type { FunnelQuery, FunnelResult, FunnelSelection, FunnelStep } from '../../../protocol/index.ts';
import { getSeriesColors, type ColorOf } from '../../charts/palette.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useSize } from '../../charts/use-size.ts';
import { EmptyState } from '../../widgets/states.tsx';
import { getAlternatives, withAlternatives } from '../editors/event-match.ts';
import type { FigureHandle } from '../editors/SvgFigure.tsx';
import { useEventColors } from '../editors/use-event-colors.ts';
import { BreakdownTable } from './BreakdownTable.tsx';
import { FunnelChart } from './FunnelChart.tsx';
import type { FunnelMark, FunnelSeries } from './funnel-layout.ts';
import { updateStep, withoutKey } from './funnel-edits.ts';
import { getDropTitle, getGroupLabel, getReachedTitle } from './funnel-text.ts';
import { getDrawnGroups, groupKey } from './group-table.ts';
import { TimeToConvert } from './TimeToConvert.tsx';
import { Trend } from './Trend.tsx';
import classes from './funnel.module.css';

export interface FunnelPictureProps {
  /** The document that `result` answers. */
  readonly funnel: FunnelQuery;
  readonly result: FunnelResult;
  readonly onOpen: (selection: FunnelSelection, title: string) => void;
  readonly onChange: (change: (old: FunnelQuery) => FunnelQuery, label: string) => void;
  readonly ref?: Ref<FigureHandle>;
}

/** The chosen picture of an answer, and the breakdown below it. */
export function FunnelPicture(props: FunnelPictureProps): ReactElement {
  const { funnel, result } = props;
  const groups = useGroups(result, funnel.breakdown?.props);
  const broken = (result.groups?.length ?? 0) > 0;
  if (result.empty) return <NobodyEntered {...props} />;
  return (
    <div className={classes.content} data-table={broken || undefined}>
      <Figure {...props} groups={groups} />
      {broken && (
        <div className={classes.tableBox}>
          <BreakdownTable
            result={result}
            properties={funnel.breakdown?.props ?? []}
            drawn={groups.drawnKeys}
            colorOf={groups.colorOf}
            onToggle={groups.toggle}
            onSelect={(step, group) =>
              props.onOpen(
                group === null ? { reachedStep: step } : { reachedStep: step, group: [...group] },
                `${getReachedTitle(step, result.steps[step]?.name ?? '')}${group === null ? '' : `, ${getGroupLabel(group, funnel.breakdown?.props)}`}`,
              )
            }
          />
        </div>
      )}
    </div>
  );
}

function NobodyEntered({ funnel, onChange }: FunnelPictureProps): ReactElement {
  const ways: readonly [boolean, string, (old: FunnelQuery) => FunnelQuery][] = [
    [
      funnel.dateRange !== null && funnel.dateRange !== undefined,
      'Use the source bar’s range',
      (old) => withoutKey(old, 'dateRange') as FunnelQuery,
    ],
    [funnel.where !== undefined, 'Remove the filters on all events', (old) => withoutKey(old, 'where') as FunnelQuery],
    [hasFilter(funnel), 'Remove the filters of step 1', (old) => updateStep(old, 0, withoutFilters)],
  ];
  const way = ways.find(([applies]) => applies);
  const action = way === undefined ? undefined : <Button onClick={() => onChange(way[2], way[1])}>{way[1]}</Button>;
  return (
    <div className={classes.content}>
      <div className={classes.figure}>
        <EmptyState action={action}>No actor did the first step within these dates and filters.</EmptyState>
      </div>
    </div>
  );
}
const hasFilter = ({ steps: [first] }: FunnelQuery): boolean =>
  first !== undefined && getAlternatives(first).some((a) => a.where !== undefined);
const withoutFilters = (step: FunnelStep): FunnelStep =>
  withAlternatives(
    step,
    getAlternatives(step).map((a) => withoutKey(a, 'where')),
  );

interface Groups {
  /** What the groups are values of. */
  readonly properties: readonly string[] | undefined;
  readonly drawn: NonNullable<FunnelResult['groups']>;
  readonly drawnKeys: ReadonlySet<string>;
  readonly colorOf: ColorOf;
  readonly toggle: (key: string) => void;
}
/** Which groups are drawn; until the user has chosen, the largest. */
function useGroups(result: FunnelResult, properties: Groups['properties']): Groups {
  const theme = useChartTheme();
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const drawn = useMemo(() => getDrawnGroups(result, chosen), [result, chosen]);
  const drawnKeys = useMemo(() => new Set(drawn.map((g) => groupKey(g.value))), [drawn]);
  const colorOf = useMemo(
    () =>
      getSeriesColors(
        theme,
        (result.groups ?? []).map((g) => groupKey(g.value)),
      ),
    [theme, result],
  );
  const toggle = (key: string): void => {
    const next = new Set(drawnKeys);
    if (!next.delete(key)) next.add(key);
    setChosen(next);
  };
  return { properties, drawn, drawnKeys, colorOf, toggle };
}

function Figure({ funnel, result, groups, onOpen, ref = null }: FunnelPictureProps & { groups: Groups }): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const measured = useSize(box);
  const size = measured !== null && measured.width > 0 ? measured : null;
  const stepColors = useStepColors(funnel);
  const openMark = useCallback(
    (mark: FunnelMark, series: FunnelSeries) => {
      const name = result.steps[mark.step]?.name ?? '';
      const group = series.group === null ? {} : { group: [...series.group] };
      const title = `${mark.kind === 'drop' ? getDropTitle(mark.step, name) : getReachedTitle(mark.step, name)}${series.group === null ? '' : `, ${series.label}`}`;
      onOpen(
        mark.kind === 'drop' ? { droppedBeforeStep: mark.step, ...group } : { reachedStep: mark.step, ...group },
        title,
      );
    },
    [result, onOpen],
  );
  const openBin = useCallback((bin: number, title: string) => onOpen({ bin }, `Converted in ${title}`), [onOpen]);
  const openPeriod = useCallback((period: string) => onOpen({ period }, `Entered in ${period}`), [onOpen]);
  const series = useSeries(result, groups);
  const trends = useTrends(result, groups);
  const color = stepColors.at(-1) ?? 'var(--accent)';
  return (
    <div className={classes.figure}>
      {funnel.viz === 'steps' && funnel.steps.length === 1 && (
        <p className={classes.hint}>Add a second step to see how many go on.</p>
      )}
      <div ref={box} className={classes.measured}>
        {size !== null && funnel.viz === 'steps' && (
          <FunnelChart
            ref={ref}
            series={series}
            total={result.steps}
            stepColors={stepColors}
            optional={funnel.steps.map((s) => s.optional === true)}
            {...size}
            onSelect={openMark}
          />
        )}
        {size !== null &&
          funnel.viz === 'timeToConvert' &&
          result.bins !== undefined &&
          (result.bins.length === 0 ? (
            <EmptyState>Nobody converted, so there are no times.</EmptyState>
          ) : (
            <TimeToConvert ref={ref} result={result} color={color} {...size} onSelect={openBin} />
          ))}
        {size !== null && funnel.viz === 'trend' && result.trend !== undefined && (
          <Trend
            ref={ref}
            series={trends}
            interval={funnel.interval}
            timezone={result.timezone}
            {...size}
            onSelect={openPeriod}
          />
        )}
      </div>
    </div>
  );
}

/** Each step in the colour of its event, as everywhere. */
function useStepColors(funnel: FunnelQuery): readonly string[] {
  const colorOf = useEventColors();
  return useMemo(() => funnel.steps.map((step) => colorOf(getAlternatives(step)[0]?.event ?? '')), [funnel, colorOf]);
}

function useSeries(result: FunnelResult, { drawn, colorOf, properties }: Groups): readonly FunnelSeries[] {
  return useMemo(() => {
    if (drawn.length === 0)
      return [{ label: 'All actors', color: 'var(--remainder)', group: null, steps: result.steps }];
    return drawn.map((group) => ({
      label: getGroupLabel(group.value, properties),
      color: colorOf(groupKey(group.value)),
      group: group.value,
      steps: group.steps,
    }));
  }, [result, drawn, colorOf, properties]);
}

function useTrends(result: FunnelResult, { drawnKeys, colorOf, properties }: Groups) {
  return useMemo(() => {
    const groups = (result.groupTrends ?? []).filter((g) => drawnKeys.has(groupKey(g.value)));
    if (groups.length === 0)
      return [{ label: 'All actors', color: 'var(--accent)', group: null, points: result.trend ?? [] }];
    return groups.map((g) => ({
      label: getGroupLabel(g.value, properties),
      color: colorOf(groupKey(g.value)),
      group: g.value,
      points: g.trend,
    }));
  }, [result, drawnKeys, colorOf, properties]);
}
