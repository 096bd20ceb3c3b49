import type {
  AnalysisResult,
  FunnelResult,
  FunnelStepResult,
  JourneyResult,
  ResultByType,
  RollupResult,
} from '../../protocol/index.ts';
import type { Cell } from './csv.ts';

/** Header row first. */
export type Table = readonly (readonly Cell[])[];

/** By name, in the order a reader wants them: the first is the main one. */
export type Tables = Readonly<Record<string, Table>>;

export function getAnswerTables(result: AnalysisResult): Tables {
  switch (result.type) {
    case 'funnel':
      return funnelTables(result);
    case 'flow':
      return {
        edges: [
          ['step', 'from', 'to', 'count', 'average_seconds'],
          ...result.edges.map((e) => [e.step, e.from, e.to, e.count, e.averageSeconds ?? null]),
        ],
        nodes: flowNodes(result),
      };
    case 'transitions':
      return {
        edges: [
          ['from', 'to', 'value', 'count', 'actors'],
          ...result.edges.map((e) => [e.from, e.to, e.value, e.count, e.actors]),
        ],
      };
    case 'stepMatrix':
      return { share: stepMatrixTable(result) };
    case 'variants':
      return {
        variants: [
          ['actors', 'length', 'sequence'],
          ...result.variants.map((v) => [v.actors, v.sequence.length, v.sequence.join(' > ')]),
        ],
      };
    case 'retention':
      return { matrix: retentionTable(result) };
    case 'lifecycle':
      return { series: lifecycleTable(result) };
    case 'stickiness':
      return {
        intervals: [['active_intervals', 'actors'], ...result.actorsByActiveIntervals.map((n, i) => [i + 1, n])],
      };
    case 'rollup':
      return { series: rollupTable(result) };
    case 'journey':
      return journeyTables(result);
  }
}

function funnelTables(result: FunnelResult): Tables {
  return {
    ...(result.trend === undefined ? {} : { trend: trendTable(result) }),
    ...(result.bins === undefined ? {} : { timeToConvert: [['from_seconds', 'actors'], ...result.bins] }),
    steps: result.groups === undefined ? [stepHeader(result), ...stepRows(result.steps, result)] : groupTable(result),
  };
}

/** Only funnels with optional steps say how many did each. */
const hasFilled = (result: FunnelResult): boolean => result.steps.some((s) => s.filled !== undefined);

const stepHeader = (result: FunnelResult): string[] => [
  'step',
  'name',
  'count',
  ...(hasFilled(result) ? ['filled'] : []),
  'conversion_from_start',
  'conversion_from_previous',
  'average_seconds',
  'median_seconds',
  'p90_seconds',
];

function stepRows(steps: readonly FunnelStepResult[], result: FunnelResult): Cell[][] {
  return steps.map((s, k) => [
    k + 1,
    s.name,
    s.count,
    ...(hasFilled(result) ? [s.filled ?? s.count] : []),
    s.conversionFromStart,
    s.conversionFromPrevious,
    s.averageSeconds ?? null,
    s.medianSeconds ?? null,
    s.p90Seconds ?? null,
  ]);
}

/** All actors first (group cells empty would be a blank group, so a column says which rows are the total). */
function groupTable(result: FunnelResult): Table {
  const groups = result.groups ?? [];
  const width = Math.max(1, ...groups.map((group) => group.value.length));
  const names = Array.from({ length: width }, (_, i) => (width === 1 ? 'group' : `group_${i + 1}`));
  const pad = (value: readonly string[]): Cell[] => names.map((_, i) => value[i] ?? null);
  const total = stepRows(result.steps, result).map((row): Cell[] => ['total', ...names.map(() => null), ...row]);
  return [
    ['row', ...names, ...stepHeader(result)],
    ...total,
    ...groups.flatMap((group) =>
      stepRows(group.steps, result).map((row): Cell[] => ['group', ...pad(group.value), ...row]),
    ),
  ];
}

function trendTable(result: FunnelResult): Table {
  const header = ['period', 'from', 'to', 'rate_percent', 'unfinished'];
  const rows = (result.trend ?? []).map((p): Cell[] => [p.period, p.from, p.to, p.rate, String(p.unfinished)]);
  if (result.groupTrends === undefined) return [header, ...rows];
  const grouped = result.groupTrends.flatMap((group) =>
    group.trend.map((p): Cell[] => [group.value.join(' / '), p.period, p.from, p.to, p.rate, String(p.unfinished)]),
  );
  return [['group', ...header], ...rows.map((row): Cell[] => ['(all)', ...row]), ...grouped];
}

function flowNodes(result: ResultByType['flow']): Table {
  const header = [
    'step',
    'name',
    'count',
    'starts',
    'in',
    'out',
    'drop_off',
    'continues',
    'remainder_in',
    'remainder_out',
  ];
  return [
    header,
    ...result.nodes.map((n) => [
      n.step,
      n.name,
      n.count,
      n.starts,
      n.in,
      n.out,
      n.dropOff,
      n.continues,
      n.remainderIn,
      n.remainderOut,
    ]),
  ];
}

function stepMatrixTable(result: ResultByType['stepMatrix']): Table {
  const rows = Object.entries(result.share);
  const positions = Math.max(0, ...rows.map(([, shares]) => shares.length));
  return [
    ['event', ...Array.from({ length: positions }, (_, i) => `position_${i + 1}`)],
    ...rows.map(([event, shares]): Cell[] => [event, ...shares]),
  ];
}

function retentionTable(result: ResultByType['retention']): Table {
  const intervals = Math.max(0, ...result.matrix.map((row) => row.length));
  const header = ['cohort', ...Array.from({ length: intervals }, (_, k) => `interval_${k}`)];
  return [
    header,
    ...result.matrix.map((row, i): Cell[] => [
      result.periodStarts[i] ?? String(i),
      ...Array.from({ length: intervals }, (_, k) => row[k] ?? null),
    ]),
  ];
}

function lifecycleTable(result: ResultByType['lifecycle']): Table {
  const { series } = result;
  return [
    ['period', 'new', 'returning', 'resurrecting', 'dormant'],
    ...result.periods.map((p, i): Cell[] => [
      p,
      series.new[i] ?? 0,
      series.returning[i] ?? 0,
      series.resurrecting[i] ?? 0,
      series.dormant[i] ?? 0,
    ]),
  ];
}

/** One row a period and series; then the total of all series. */
function rollupTable(result: RollupResult): Table {
  const summed = result.total.sums !== undefined;
  const series = [
    ...result.series.map((s) => ({ label: s.value, s })),
    ...(result.series.length === 1 ? [] : [{ label: '(all)', s: result.total }]),
  ];
  const rows = series.flatMap(({ label, s }) =>
    result.periods.map((period, i): Cell[] => [
      period,
      result.periodStarts[i] ?? null,
      label,
      s.events[i] ?? 0,
      s.actors[i] ?? 0,
      ...(summed ? [s.sums?.[i] ?? 0] : []),
    ]),
  );
  return [['period', 'start_utc', 'series', 'events', 'actors', ...(summed ? ['sum'] : [])], ...rows];
}

function journeyTables(result: JourneyResult): Tables {
  const sizes: Table = [
    ['state', 'actors'],
    ...result.states.map((s): Cell[] => [s, result.sizes[s] ?? 0]),
    ['none', result.noState],
  ];
  const moves: Table = [
    ['from', 'to', 'count', 'actors', 'average_seconds', 'median_seconds'],
    ...result.moves.map((m) => [m.from, m.to, m.count, m.actors, m.averageSeconds, m.medianSeconds]),
  ];
  const overTime: Table = [
    ['period', ...result.states],
    ...result.periods.map((p, i): Cell[] => [p, ...result.states.map((s) => result.sizesOverTime[s]?.[i] ?? 0)]),
  ];
  const stays: Table = [
    ['state', 'stays', 'open', 'average_seconds', 'median_seconds', 'p90_seconds'],
    ...Object.entries(result.timeInState).map(([s, t]): Cell[] => [
      s,
      t.stays,
      t.open,
      t.averageSeconds,
      t.medianSeconds,
      t.p90Seconds,
    ]),
  ];
  return { sizes, moves, sizesOverTime: overTime, timeInState: stays };
}
