import type { ChartSetup } from '../../../../protocol/index.ts';
import type { QueryCell, ResultColumn } from '../../../../protocol/query-result.ts';
import { getCategoryChart, getSteps } from '../../../charts/category-chart.ts';
import { getHeatMap, type HeatCell } from '../../../charts/heat-map.ts';
import { getSeriesColors, OTHER, type ChartTheme } from '../../../charts/palette.ts';
import { getPeriodLabel } from '../../../charts/period-text.ts';
import type { ChartPicture } from '../../../charts/picture.ts';
import type { SankeyGraph } from '../../../charts/sankey-graph.ts';
import { getScatter } from '../../../charts/scatter-chart.ts';
import { formatCompact, formatNumber } from '../../../widgets/format.ts';
import { numberOf, shownText } from '../results/cell-text.ts';
import { isMoments } from './chart-guess.ts';

export interface Table {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly QueryCell[])[];
}
export type Drawing =
  | {
      readonly kind: 'picture';
      readonly picture: ChartPicture;
      readonly series: readonly { readonly name: string; readonly color: string }[];
    }
  | { readonly kind: 'sankey'; readonly graph: SankeyGraph; readonly total: number }
  | { readonly kind: 'nothing'; readonly why: string };

const MOST_SERIES = 12;
/** Bars lie as long as their names can be read. */
const MOST_LYING = 40;
const MOST_CELLS = 4_000;

const nothing = (why: string): Drawing => ({ kind: 'nothing', why });

/** The picture that a setup makes of rows, or why there is none. */
export function draw(setup: ChartSetup, table: Table, theme: ChartTheme): Drawing {
  const at = (name: string | null): number => (name === null ? -1 : table.columns.findIndex((c) => c.name === name));
  const ys = setup.y.map(at).filter((i) => i >= 0);
  const [x, series, y] = [at(setup.x), at(setup.series), ys[0]];
  if (table.rows.length === 0) return nothing('The result has no rows.');
  if (y === undefined) return nothing('Choose a column of numbers.');
  switch (setup.shape) {
    case 'scatter':
      return x < 0 ? nothing('Choose two columns of numbers.') : drawScatter(table, x, y, series, theme);
    case 'heatmap':
      return x < 0 || series < 0
        ? nothing('Choose columns for the rows and the columns of the map.')
        : drawHeatMap(table, x, series, y, theme);
    case 'sankey':
      return x < 0 || series < 0
        ? nothing('Choose where it comes from and where it goes.')
        : drawSankey(table, x, series, y, theme);
    case 'funnel':
      return drawFunnel(table, x, y, theme);
    case 'line':
    case 'bar':
    case 'area':
      return drawSeries(setup, table, { x, series, ys }, theme);
  }
}

const nameAt = (row: readonly QueryCell[], i: number, n: number): string => (i < 0 ? String(n + 1) : shownText(row[i]));

interface Places {
  readonly x: number;
  readonly series: number;
  readonly ys: readonly number[];
}
function drawSeries(
  setup: ChartSetup,
  { columns, rows }: Table,
  { x, series, ys }: Places,
  theme: ChartTheme,
): Drawing {
  const xColumn = columns[x];
  const isTime =
    xColumn !== undefined &&
    isMoments(
      xColumn,
      rows.slice(0, 50).map((r) => r[x] ?? null),
    );
  const found = [...new Set(rows.map((r, n) => nameAt(r, x, n)))];
  const categories = isTime ? found.toSorted() : found;
  const indexOf = new Map(categories.map((c, i) => [c, i]));
  const lines =
    series < 0
      ? ys.map((y) => ({ name: columns[y]?.name ?? '', of: null, y }))
      : namesOf(rows, series, ys[0] ?? 0).map((name) => ({ name, of: name, y: ys[0] ?? 0 }));
  const known = new Set(lines.map((l) => l.of));
  const colorOf = getSeriesColors(
    theme,
    lines.map((l) => l.name),
  );
  const drawn = lines.map(({ name, of, y }, i) => {
    const values = Array.from({ length: categories.length }, (): number | null => (setup.stacked ? 0 : null));
    rows.forEach((row, n) => {
      const own = series < 0 ? null : shownText(row[series]);
      const isMine = of === null || own === of || (of === OTHER && !known.has(own));
      const value = numberOf(row[y]);
      const at = indexOf.get(nameAt(row, x, n));
      if (isMine && value !== null && at !== undefined) values[at] = (values[at] ?? 0) + value;
    });
    return { id: `s${i}`, name, color: lines.length === 1 ? theme.accent : colorOf(name), values };
  });
  const shape = setup.shape === 'area' || setup.shape === 'line' ? setup.shape : 'bar';
  const picture = getCategoryChart(
    {
      categories,
      series: drawn,
      shape,
      stacked: setup.stacked,
      categoryTitle: xColumn?.name ?? '',
      unit: ys
        .map((y) => columns[y]?.name ?? '')
        .slice(0, ys.length === 1 ? 1 : 0)
        .join(''),
      lying: shape === 'bar' && !isTime && categories.length <= MOST_LYING,
      ...(isTime
        ? {
            label: (c: string) =>
              getPeriodLabel(c.replace(' ', 'T'), /^\d{4}-\d{2}$/.test(c) ? 'month' : c.length > 10 ? 'hour' : 'day'),
          }
        : {}),
    },
    theme,
  );
  return {
    kind: 'picture',
    picture,
    series: drawn.length > 1 ? drawn.map(({ name, color }) => ({ name, color })) : [],
  };
}

/** The largest get a series of their own; the rest is one. */
function namesOf(rows: Table['rows'], series: number, y: number): readonly string[] {
  const sums = new Map<string, number>();
  for (const row of rows)
    sums.set(shownText(row[series]), (sums.get(shownText(row[series])) ?? 0) + Math.abs(numberOf(row[y]) ?? 0));
  const names = [...sums].toSorted((a, b) => b[1] - a[1]).map(([name]) => name);
  return names.length <= MOST_SERIES ? names : [...names.slice(0, MOST_SERIES - 1), OTHER];
}

function drawScatter({ columns, rows }: Table, x: number, y: number, series: number, theme: ChartTheme): Drawing {
  const names = series < 0 ? [''] : namesOf(rows, series, y);
  const known = new Set(names);
  const colorOf = getSeriesColors(theme, names);
  const groups = names.map((name, i) => ({
    id: `g${i}`,
    name,
    color: series < 0 ? theme.accent : colorOf(name),
    points: rows
      .filter(
        (r) => series < 0 || shownText(r[series]) === name || (name === OTHER && !known.has(shownText(r[series]))),
      )
      .flatMap((r) => {
        const [px, py] = [numberOf(r[x]), numberOf(r[y])];
        return px === null || py === null ? [] : [{ x: px, y: py, label: series < 0 ? '' : shownText(r[series]) }];
      }),
  }));
  const picture = getScatter({ groups, xTitle: columns[x]?.name ?? '', yTitle: columns[y]?.name ?? '' }, theme);
  return { kind: 'picture', picture, series: series < 0 ? [] : groups.map(({ name, color }) => ({ name, color })) };
}

function drawHeatMap({ columns, rows }: Table, x: number, series: number, y: number, theme: ChartTheme): Drawing {
  const across = [...new Set(rows.map((r) => shownText(r[x])))];
  const down = [...new Set(rows.map((r) => shownText(r[series])))];
  if (across.length * down.length > MOST_CELLS)
    return nothing(`${across.length} × ${down.length} cells are too many for a map: group them in the statement.`);
  const sums = new Map<string, number>();
  for (const row of rows) {
    const key = `${down.indexOf(shownText(row[series]))} ${across.indexOf(shownText(row[x]))}`;
    const value = numberOf(row[y]);
    if (value !== null) sums.set(key, (sums.get(key) ?? 0) + value);
  }
  const all = [...sums.values()];
  const [low, high] = [Math.min(0, ...all), Math.max(...all, 0)];
  const cells = down.flatMap((_r, row) =>
    across.map((_c, column): HeatCell => {
      const value = sums.get(`${row} ${column}`);
      return {
        row,
        column,
        strength: value === undefined || high === low ? 0 : (value - low) / (high - low),
        text: value === undefined ? '' : formatCompact(value),
      };
    }),
  );
  const picture = getHeatMap(
    {
      rows: down,
      columns: across,
      cells,
      color: theme.accent,
      rowTitle: columns[series]?.name ?? '',
      columnTitle: columns[x]?.name ?? '',
      showTexts: across.length <= 30,
      tip: (cell) => ({
        title: `${down[cell.row]} · ${across[cell.column]}`,
        rows: [{ label: columns[y]?.name ?? '', value: formatNumber(sums.get(`${cell.row} ${cell.column}`) ?? 0) }],
      }),
    },
    theme,
  );
  return { kind: 'picture', picture, series: [] };
}

function drawFunnel({ columns, rows }: Table, x: number, y: number, theme: ChartTheme): Drawing {
  const steps = rows.slice(0, MOST_LYING).map((r, n) => ({ name: nameAt(r, x, n), value: numberOf(r[y]) ?? 0 }));
  return { kind: 'picture', picture: getSteps({ steps, unit: columns[y]?.name ?? '' }, theme), series: [] };
}

const MOST_LINKS = 100;
/** Names get a column by their longest way from a start; a way that would close a circle goes to a second node. */
function drawSankey({ rows }: Table, from: number, to: number, y: number, theme: ChartTheme): Drawing {
  const weights = new Map<string, { source: string; target: string; value: number }>();
  for (const row of rows) {
    const [source, target, value] = [shownText(row[from]), shownText(row[to]), numberOf(row[y]) ?? 0];
    const key = JSON.stringify([source, target]);
    if (value > 0) weights.set(key, { source, target, value: (weights.get(key)?.value ?? 0) + value });
  }
  const links = [...weights.values()].toSorted((a, b) => b.value - a.value).slice(0, MOST_LINKS);
  if (links.length === 0) return nothing('There is nothing that goes anywhere.');
  return sankeyOf(links, theme);
}

function sankeyOf(links: readonly { source: string; target: string; value: number }[], theme: ChartTheme): Drawing {
  const columns = columnsOf(links);
  const names = [...columns.keys()];
  const colorOf = getSeriesColors(theme, names);
  const placed = links.map((l, i) => {
    const isForward = (columns.get(l.target) ?? 0) > (columns.get(l.source) ?? 0);
    return { id: `l${i}`, source: l.source, target: isForward ? l.target : `${l.target} (again)`, value: l.value };
  });
  const last = Math.max(...columns.values());
  const ids = [...new Set(placed.flatMap((l) => [l.source, l.target]))];
  const nodes = ids.map((id) => {
    const incoming = placed.filter((l) => l.target === id).reduce((sum, l) => sum + l.value, 0);
    const outgoing = placed.filter((l) => l.source === id).reduce((sum, l) => sum + l.value, 0);
    const value = Math.max(incoming, outgoing);
    const isAgain = !columns.has(id);
    return {
      id,
      column: columns.get(id) ?? last + 1,
      name: id,
      color: isAgain ? theme.remainder : colorOf(id),
      value,
      dropOff: 0,
      remainderIn: Math.max(0, outgoing > 0 && incoming > 0 ? outgoing - incoming : 0),
      remainderOut: 0,
      continues: 0,
    };
  });
  const total = nodes.filter((n) => n.column === 0).reduce((sum, n) => sum + n.value, 0);
  // A Sankey goes from one column to the next: longer ways are given to nodes in between by moving their end.
  return { kind: 'sankey', graph: { nodes, links: placed }, total: Math.max(1, total) };
}

/** What gives more than it gets comes first; a link back to where a way came from is left out of the order. */
function columnsOf(links: readonly { source: string; target: string; value: number }[]): ReadonlyMap<string, number> {
  const net = new Map<string, number>();
  for (const { source, target, value } of links) {
    net.set(source, (net.get(source) ?? 0) + value);
    net.set(target, (net.get(target) ?? 0) - value);
  }
  const names = [...net.keys()].toSorted((a, b) => (net.get(b) ?? 0) - (net.get(a) ?? 0));
  const columns = new Map<string, number>();
  const place = (name: string, column: number, trail: ReadonlySet<string>): void => {
    if (trail.has(name) || (columns.get(name) ?? -1) >= column) return;
    columns.set(name, column);
    const longer = new Set(trail).add(name);
    for (const l of links) if (l.source === name) place(l.target, column + 1, longer);
  };
  for (const name of names) if (!columns.has(name)) place(name, 0, new Set());
  return columns;
}
