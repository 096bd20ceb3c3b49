import type {
  CellClassParams,
  ColDef,
  IHeaderParams,
  IInnerHeaderComponent,
  ValueFormatterParams,
} from 'ag-grid-community';
import type { GridColumn } from '../../../../protocol/index.ts';
import type { QueryCell, ResultColumn, ResultHead } from '../../../../protocol/query-result.ts';
import { isNumeric, isTime, looksLikeJson, shownText, typeText } from './cell-text.ts';
import { arrange } from './grid-layout.ts';
import { isIn, type Box } from './selection.ts';
import classes from './results.module.css';

/** A row of the grid: its cells, and where it is in the unsorted result. */
export interface GridRow {
  readonly number: number;
  readonly cells: readonly QueryCell[];
}
export const NUMBER_COLUMN = '#';

const widthOf = (column: ResultColumn, first: readonly (readonly QueryCell[])[], at: number): number => {
  const header = 7 * column.name.length + 44;
  const most = Math.max(0, ...first.slice(0, 60).map((row) => shownText(row[at]).length));
  return Math.round(Math.min(420, Math.max(72, header, most * 7.6 + 20)));
};

/** Filters the query process can do, under the names it has for them here. */
const FILTER_TEXT = ['contains', 'notContains', 'equals', 'notEqual', 'startsWith', 'blank', 'notBlank'] as const;
const FILTER_NUMBER = [
  'equals',
  'notEqual',
  'lessThan',
  'lessThanOrEqual',
  'greaterThan',
  'greaterThanOrEqual',
  'blank',
  'notBlank',
] as const;
/** Of one column, all or one of which must hold. */
const MOST_CONDITIONS = 4;
const NAMES = { blank: 'Is NULL', notBlank: 'Is not NULL' } as const;
export const FILTER_WORDS = NAMES;

export function getColumns(
  { columns, firstRows: first }: Pick<ResultHead, 'columns' | 'firstRows'>,
  layout: readonly GridColumn[],
  getBox: () => Box | null,
): ColDef<GridRow>[] {
  const data = arrange(columns, layout).map(({ column, at, kept }): ColDef<GridRow> => {
    const numeric = isNumeric(column);
    return {
      colId: String(at),
      headerName: column.name === '' ? `column ${at + 1}` : column.name,
      width: kept?.width ?? widthOf(column, first, at),
      pinned: kept?.pinned === true ? 'left' : null,
      minWidth: 48,
      resizable: true,
      sortable: true,
      lockPinned: false,
      valueGetter: (p) => p.data?.cells[at],
      valueFormatter: formatCell,
      // Expressions of SQLite have no type: their figures stand right all the same.
      cellClass: ({ value }) =>
        (numeric || typeof value === 'number'
          ? classes.numberCell
          : isTime(column)
            ? classes.timeCell
            : classes.cell) ?? '',
      headerClass: (numeric ? classes.numberHeader : classes.header) ?? '',
      cellClassRules: {
        [classes.nullCell ?? '']: (p) => p.data !== undefined && p.value === null,
        [classes.jsonCell ?? '']: (p) => column.type === 'json' || looksLikeJson(p.value as QueryCell),
        [classes.inRange ?? '']: (p: CellClassParams<GridRow>) => isIn(getBox(), p.rowIndex, at),
      },
      headerComponentParams: { innerHeaderComponent: HeaderName, innerHeaderComponentParams: { resultColumn: column } },
      filter: numeric ? 'agNumberColumnFilter' : 'agTextColumnFilter',
      filterParams: {
        filterOptions: [...(numeric ? FILTER_NUMBER : FILTER_TEXT)],
        maxNumConditions: MOST_CONDITIONS,
        buttons: ['apply', 'reset'],
        closeOnApply: true,
      },
    };
  });
  return [numberColumn(), ...data];
}

const formatCell = (p: ValueFormatterParams<GridRow>): string =>
  p.data === undefined ? '' : shownText(p.value as QueryCell);

/** Number of the row in the view. */
function numberColumn(): ColDef<GridRow> {
  return {
    colId: NUMBER_COLUMN,
    headerName: '',
    pinned: 'left',
    lockPosition: 'left',
    width: 64,
    minWidth: 40,
    resizable: true,
    sortable: false,
    filter: false,
    suppressHeaderMenuButton: true,
    valueGetter: (p) => (p.node?.rowIndex ?? 0) + 1,
    valueFormatter: (p) => Number(p.value).toLocaleString(),
    cellClass: classes.rowNumber ?? '',
  };
}

type HeaderParams = IHeaderParams & { readonly resultColumn: ResultColumn };

/** Name above type. */
class HeaderName implements IInnerHeaderComponent {
  readonly #element = document.createElement('span');

  init({ displayName, resultColumn }: HeaderParams): void {
    const name = document.createElement('span');
    name.textContent = displayName;
    const type = document.createElement('small');
    type.textContent = typeText(resultColumn);
    this.#element.className = classes.headerName ?? '';
    this.#element.title = `${displayName} · ${resultColumn.declared ?? resultColumn.type}`;
    this.#element.append(name, type);
  }

  getGui(): HTMLElement {
    return this.#element;
  }

  /** Made anew when anything about it changes. */
  refresh(): boolean {
    return false;
  }
}
