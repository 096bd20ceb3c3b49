import { FONT, getBaseOption } from './base-option.ts';
import { getContrast, mixColors, type ChartTheme } from './palette.ts';
import type { ChartPicture, Tip } from './picture.ts';
import { truncateMiddle } from './truncate.ts';

export interface HeatCell {
  readonly row: number;
  readonly column: number;
  /** 0..1: how strong the colour is. */
  readonly strength: number;
  readonly text: string;
  /** The period had not ended: the cell is hatched. */
  readonly unfinished?: boolean;
}
export interface HeatMapInput {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** One a combination of row and column, row by row; a gap is a cell without text and strength 0. */
  readonly cells: readonly HeatCell[];
  readonly color: string;
  readonly tip: (cell: HeatCell) => Tip;
  /** Titles of the axes, said once. */
  readonly rowTitle: string;
  readonly columnTitle: string;
  /** Default true; a calendar of small cells has none. */
  readonly showTexts?: boolean;
}

/** Share of the colour in a cell of strength 0. */
const PALEST = 0.06;
/** Ground and text of a cell; the text is the theme's or the panel's, whichever reads better. */
export function getCellColors(strength: number, color: string, theme: ChartTheme): { ground: string; text: string } {
  const ground = mixColors(theme.panel, color, PALEST + (1 - PALEST) * Math.min(1, Math.max(0, strength)));
  const dark = theme.mode === 'light' ? theme.text : theme.background;
  const light = theme.mode === 'light' ? '#ffffff' : theme.text;
  return { ground, text: getContrast(ground, dark) >= getContrast(ground, light) ? dark : light };
}

/** Said once, where the names of rows and columns meet. */
function getCorner({ rowTitle, columnTitle }: HeatMapInput): string {
  if (rowTitle === '' || columnTitle === '') return rowTitle + columnTitle;
  return `${rowTitle} ↓  ${columnTitle} →`;
}
const LETTER = 6.4;
const ROW_NAME_WIDTH = 200;
/** The corner stands left of the cells: short row names leave it too little room. Px. */
function getLeft(input: HeatMapInput): number {
  const names = Math.min(ROW_NAME_WIDTH, LETTER * Math.max(0, ...input.rows.map((row) => row.length)));
  return Math.max(8, Math.ceil(LETTER * getCorner(input).length - names));
}

/** More columns than this have tilted names. */
const TILTED_FROM = 14;
const COLUMN_LETTERS = 12;
/** `payment_succeeded` on two lines, cut where they are long. */
export function getColumnLabel(name: string): string {
  const fits = (text: string): boolean => text.length <= COLUMN_LETTERS;
  if (fits(name)) return name;
  const parts = name.split(/(?<=[\s_\-.:/])/);
  let first = parts.shift() ?? '';
  while (parts.length > 1 && fits(first + (parts[0] ?? ''))) first += parts.shift() ?? '';
  return [first, parts.join('')]
    .filter((line) => line !== '')
    .map((line) => truncateMiddle(line.trim(), fits))
    .join('\n');
}

const getTiltedLabel = (name: string): string => truncateMiddle(name, (text) => text.length <= COLUMN_LETTERS + 4);

export const HEAT_ROW_HEIGHT = 28;
/** Cells in the colour of the measure; rows keep a readable height, so the caller scrolls a tall map. */
export function getHeatMap(input: HeatMapInput, theme: ChartTheme): ChartPicture {
  const axisLabel = { color: theme.muted, fontSize: 12, fontFamily: FONT };
  const quiet = {
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    splitArea: { show: false },
  };
  return {
    kind: 'heatmap',
    columnCount: input.columns.length,
    option: {
      ...getBaseOption(theme),
      grid: {
        left: getLeft(input),
        right: 8,
        // A canvas ends there: of a calendar the corner stands above the names of its columns.
        top: input.showTexts === false ? 18 : 8,
        bottom: 8,
        outerBoundsMode: 'same',
        outerBoundsContain: 'axisLabel',
      },
      xAxis: {
        type: 'category',
        position: 'top',
        data: [...input.columns],
        axisLabel: {
          ...axisLabel,
          lineHeight: 14,
          hideOverlap: true,
          rotate: input.columns.length > TILTED_FROM && input.showTexts !== false ? 45 : 0,
          ...(input.showTexts === false
            ? {}
            : { interval: 0, formatter: input.columns.length > TILTED_FROM ? getTiltedLabel : getColumnLabel }),
        },
        ...quiet,
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: [...input.rows],
        axisLabel: { ...axisLabel, width: ROW_NAME_WIDTH, overflow: 'truncate', interval: 0 },
        name: getCorner(input),
        nameLocation: 'start',
        nameGap: 12,
        nameTextStyle: { color: theme.muted, align: 'right' },
        ...quiet,
      },
      tooltip: { trigger: 'item' },
      visualMap: {
        show: false,
        min: 0,
        max: 1,
        dimension: 2,
        inRange: { color: [mixColors(theme.panel, input.color, PALEST), input.color] },
      },
      series: [
        {
          id: 'cells',
          type: 'heatmap',
          data: input.cells.map((cell) => getCell(cell, input, theme)),
          label: { show: input.showTexts !== false, fontSize: 12 },
          emphasis: { itemStyle: { borderColor: theme.text, borderWidth: 1.5 } },
          itemStyle: { borderColor: theme.panel, borderWidth: 1 },
          animation: false,
        },
      ],
    },
    tip: ({ dataIndex }) => {
      const cell = input.cells[dataIndex];
      return cell === undefined || cell.text === '' ? null : input.tip(cell);
    },
    table: getTable(input),
  };
}

function getTable({ rowTitle, columns, rows, cells }: HeatMapInput): ChartPicture['table'] {
  const texts = rows.map(() => columns.map(() => ''));
  for (const { row, column, text } of cells) texts[row]?.splice(column, 1, text);
  return {
    columns: [rowTitle === '' ? 'Row' : rowTitle, ...columns],
    rows: rows.map((row, r) => [row, ...(texts[r] ?? [])]),
  };
}

function getCell(cell: HeatCell, input: HeatMapInput, theme: ChartTheme) {
  // A cell with a style of its own takes the library ten times as long: a calendar has hundreds.
  if (input.showTexts === false && cell.unfinished !== true)
    return [cell.column, cell.row, cell.text === '' ? '-' : cell.strength];
  if (cell.text === '') return { value: [cell.column, cell.row, '-'], label: { show: false } };
  const { ground, text } = getCellColors(cell.strength, input.color, theme);
  const hatch =
    cell.unfinished === true
      ? {
          decal: {
            symbol: 'rect' as const,
            color: mixColors(ground, theme.text, 0.35),
            dashArrayX: [1, 0] as number[],
            dashArrayY: [1, 5] as number[],
            rotation: Math.PI / 4,
          },
        }
      : {};
  return {
    value: [cell.column, cell.row, cell.strength],
    itemStyle: hatch,
    label: { color: text, formatter: () => cell.text, show: input.showTexts !== false },
  };
}
