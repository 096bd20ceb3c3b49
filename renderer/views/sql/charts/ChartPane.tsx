import { ActionIcon, Button, Menu, MultiSelect, SegmentedControl, Select, Switch } from '@mantine/core';
import {
  AreaChart,
  BarChart3,
  ChartScatter,
  Download,
  Filter,
  Grid3x3,
  LineChart,
  RotateCcw,
  Waypoints,
} from 'lucide-react';
import { useContext, useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { toErrorData, type ChartSetup, type ChartShape, type ErrorData } from '../../../../protocol/index.ts';
import type { QueryCell } from '../../../../protocol/query-result.ts';
import { Chart, type ChartHandle } from '../../../charts/Chart.tsx';
import { Sankey } from '../../../charts/Sankey.tsx';
import type { SankeyGraph } from '../../../charts/sankey-graph.ts';
import { useChartTheme } from '../../../charts/use-chart-theme.ts';
import type { ResultView } from '../../../engine/query-client.ts';
import type { RunResult } from '../../../stores/sql-runs.ts';
import { setChart, useSqlPart } from '../../../stores/sql-tabs.ts';
import { ExportTargetContext } from '../../../widgets/export-target.ts';
import { getExportName, getTitle } from '../../../widgets/export-file.ts';
import { formatCount, formatNumber } from '../../../widgets/format.ts';
import { notifyDone, notifyFailure } from '../../../widgets/notify.ts';
import { ErrorPanel } from '../../../widgets/states.tsx';
import { getSvgPicture } from '../../parts/svg-picture.ts';
import type { PictureSource } from '../../parts/AnalysisExport.tsx';
import { isNumeric } from '../results/cell-text.ts';
import { readRows } from '../results/read-part.ts';
import { draw } from './chart-data.ts';
import { guessChart } from './chart-guess.ts';
import classes from './charts.module.css';

export interface ChartPaneProps {
  readonly tabId: string;
  readonly title: string;
  readonly result: RunResult;
  readonly view: ResultView;
  readonly rows: number;
}
/** A picture of more rows than this says nothing that its statement should not have grouped. */
const MOST_ROWS = 20_000;

const SHAPES: readonly { readonly value: ChartShape; readonly label: string; readonly icon: ReactElement }[] = [
  { value: 'line', label: 'Line', icon: <LineChart size={14} /> },
  { value: 'bar', label: 'Bars', icon: <BarChart3 size={14} /> },
  { value: 'area', label: 'Area', icon: <AreaChart size={14} /> },
  { value: 'scatter', label: 'Scatter', icon: <ChartScatter size={14} /> },
  { value: 'heatmap', label: 'Heat map', icon: <Grid3x3 size={14} /> },
  { value: 'sankey', label: 'Sankey', icon: <Waypoints size={14} /> },
  { value: 'funnel', label: 'Funnel', icon: <Filter size={14} /> },
];
const WORDS: Readonly<Record<ChartShape, { readonly x: string; readonly y: string; readonly series: string | null }>> =
  {
    line: { x: 'Along', y: 'Measures', series: 'Split by' },
    bar: { x: 'Bars', y: 'Measures', series: 'Split by' },
    area: { x: 'Along', y: 'Measures', series: 'Split by' },
    scatter: { x: 'Across', y: 'Up', series: 'Colour' },
    heatmap: { x: 'Columns', y: 'Strength', series: 'Rows' },
    sankey: { x: 'From', y: 'Width', series: 'To' },
    funnel: { x: 'Steps', y: 'Count', series: null },
  };

/** The result as a picture: a first guess, and what one makes of it, kept with the query. */
export function ChartPane(props: ChartPaneProps): ReactElement {
  const { tabId, result, rows } = props;
  const kept = useSqlPart((s) => s.tabs.find((t) => t.id === tabId)?.chart ?? null);
  const { table, error } = useRows(props);
  const guess = useMemo(
    () => (table === null ? null : guessChart(result.columns, table.slice(0, 500))),
    [table, result.columns],
  );
  const names = new Set(result.columns.map((c) => c.name));
  // A kept setup of columns that are gone says nothing about this result.
  const fits = kept !== null && [kept.x, kept.series, ...kept.y].every((n) => n === null || names.has(n));
  const setup = (fits ? kept : guess) ?? { shape: 'bar', x: null, y: [], series: null, stacked: false };
  const change = (part: Partial<ChartSetup>): void => setChart(tabId, { ...setup, ...part });
  if (error !== null) return <ErrorPanel error={error} />;
  return (
    <div className={classes.pane}>
      <div className={classes.stage}>
        {table !== null && <Picture setup={setup} table={table} props={props} />}
        {rows > MOST_ROWS && (
          <p className={classes.note}>
            Drawn from the first {formatCount(MOST_ROWS)} of {formatCount(rows)} rows. Group in the statement to draw
            all.
          </p>
        )}
      </div>
      <Controls
        setup={setup}
        result={result}
        change={change}
        onReset={kept === null ? null : () => setChart(tabId, null)}
      />
    </div>
  );
}

function useRows({ result, view, rows }: ChartPaneProps): {
  readonly table: readonly (readonly QueryCell[])[] | null;
  readonly error: ErrorData | null;
} {
  const [state, setState] = useState<{ table: readonly (readonly QueryCell[])[] | null; error: ErrorData | null }>({
    table: null,
    error: null,
  });
  const count = Math.min(rows, MOST_ROWS);
  const { resultId } = result;
  useEffect(() => {
    const stop = new AbortController();
    readRows(resultId, view, 0, count, stop.signal).then(
      (table) => !stop.signal.aborted && setState({ table, error: null }),
      (thrown: unknown) => !stop.signal.aborted && setState({ table: null, error: toErrorData(thrown) }),
    );
    return () => stop.abort();
  }, [resultId, view, count]);
  return state;
}

interface PictureProps {
  readonly setup: ChartSetup;
  readonly table: readonly (readonly QueryCell[])[];
  readonly props: ChartPaneProps;
}
function Picture({ setup, table, props: { result, title } }: PictureProps): ReactElement {
  const theme = useChartTheme();
  const chart = useRef<ChartHandle>(null);
  const drawing = useMemo(
    () => draw(setup, { columns: result.columns, rows: table }, theme),
    [setup, result.columns, table, theme],
  );
  if (drawing.kind === 'nothing') return <p className={classes.nothing}>{drawing.why}</p>;
  if (drawing.kind === 'sankey') return <SankeyPicture graph={drawing.graph} total={drawing.total} title={title} />;
  return (
    <>
      {drawing.series.length > 0 && (
        <ul className={classes.legend} aria-label="Series">
          {drawing.series.map((s) => (
            <li key={s.name}>
              <span style={{ background: s.color }} />
              {s.name}
            </li>
          ))}
        </ul>
      )}
      <div className={classes.chart}>
        <Chart ref={chart} label={title} {...drawing.picture} />
      </div>
      <SavePicture title={title} get={() => chart.current} />
    </>
  );
}

function SankeyPicture({
  graph,
  total,
  title,
}: {
  readonly graph: SankeyGraph;
  readonly total: number;
  readonly title: string;
}): ReactElement {
  const svg = useRef<SVGSVGElement>(null);
  const titles = useMemo(
    () => Array.from({ length: Math.max(...graph.nodes.map((n) => n.column)) + 1 }, () => ''),
    [graph],
  );
  return (
    <div className={classes.chart}>
      <Sankey
        ref={svg}
        graph={graph}
        total={total}
        columnTitles={titles}
        label={title}
        tip={({ kind, id }) => {
          const link = kind === 'link' ? graph.links.find((l) => l.id === id) : undefined;
          if (link !== undefined)
            return {
              title: `${link.source} → ${link.target}`,
              rows: [{ label: 'Width', value: formatNumber(link.value) }],
            };
          const node = graph.nodes.find((n) => n.id === id);
          return node === undefined
            ? null
            : { title: node.name, rows: [{ label: 'All', value: formatNumber(node.value) }] };
        }}
        onSelect={() => undefined}
      />
      <SavePicture title={title} get={() => getSvgPicture(svg.current, getTitle(title))} />
    </div>
  );
}

interface SavePictureProps {
  readonly title: string;
  /** null = nothing is drawn yet. */
  readonly get: () => PictureSource | null;
}
function SavePicture({ title, get }: SavePictureProps): ReactElement {
  const target = useContext(ExportTargetContext);
  const save = async (ending: 'svg' | 'png'): Promise<void> => {
    const picture = get();
    if (picture === null) return;
    const content = await (ending === 'svg' ? picture.getSvg() : picture.getPng());
    const written = await target.save(getExportName(title, ending), content);
    if (written !== null) notifyDone(`Saved ${written}`);
  };
  return (
    <Menu position="bottom-end" returnFocus>
      <Menu.Target>
        <ActionIcon className={classes.save ?? ''} aria-label="Save the chart" title="Save the chart">
          <Download size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void save('svg').catch(notifyFailure)}>SVG</Menu.Item>
        <Menu.Item onClick={() => void save('png').catch(notifyFailure)}>PNG</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface ControlsProps {
  readonly setup: ChartSetup;
  readonly result: RunResult;
  readonly change: (part: Partial<ChartSetup>) => void;
  readonly onReset: (() => void) | null;
}
function Controls({ setup, result, change, onReset }: ControlsProps): ReactElement {
  const all = [...new Set(result.columns.map((c) => c.name))];
  const numbers = [...new Set(result.columns.filter((c) => isNumeric(c) || c.type === 'any').map((c) => c.name))];
  const words = WORDS[setup.shape];
  const isMany = setup.shape === 'line' || setup.shape === 'bar' || setup.shape === 'area';
  const one = (value: string | null): string[] => (value === null ? [] : [value]);
  return (
    <fieldset className={classes.controls} aria-label="Chart">
      <SegmentedControl
        fullWidth
        orientation="vertical"
        size="xs"
        aria-label="Shape"
        value={setup.shape}
        onChange={(value) => change({ shape: value as ChartShape, ...(isMany ? {} : { y: setup.y.slice(0, 1) }) })}
        data={SHAPES.map((s) => ({
          value: s.value,
          label: (
            <span className={classes.shape}>
              {s.icon}
              {s.label}
            </span>
          ),
        }))}
      />
      <Select label={words.x} size="xs" clearable data={all} value={setup.x} onChange={(x) => change({ x })} />
      {isMany ? (
        <MultiSelect
          label={words.y}
          size="xs"
          data={numbers}
          value={[...setup.y]}
          maxValues={8}
          onChange={(y) => change({ y })}
        />
      ) : (
        <Select
          label={words.y}
          size="xs"
          data={numbers}
          value={setup.y[0] ?? null}
          onChange={(y) => change({ y: one(y) })}
        />
      )}
      {words.series !== null && (
        <Select
          label={words.series}
          size="xs"
          clearable
          data={all}
          value={setup.series}
          onChange={(series) => change({ series })}
        />
      )}
      {isMany && (
        <Switch
          label="Stacked"
          checked={setup.stacked}
          onChange={(event) => change({ stacked: event.currentTarget.checked })}
        />
      )}
      {onReset !== null && (
        <Button size="xs" variant="subtle" color="gray" leftSection={<RotateCcw size={12} />} onClick={onReset}>
          Guess again
        </Button>
      )}
    </fieldset>
  );
}
