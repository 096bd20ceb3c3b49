import { createGrid, type GridApi, type GridOptions, type IDatasource } from 'ag-grid-community';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { toErrorData, type GridColumn } from '../../../../protocol/index.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import type { RunResult } from '../../../stores/sql-runs.ts';
import { notifyFailure } from '../../../widgets/notify.ts';
import type { DetailTab } from './DetailPane.tsx';
import { FILTER_WORDS, getColumns, NUMBER_COLUMN, type GridRow } from './grid-columns.ts';
import { GridMenu } from './GridMenu.tsx';
import { toView } from './grid-filters.ts';
import { readLayout } from './grid-layout.ts';
import { gridTheme } from './grid-modules.ts';
import { boxOf, type Box, type Cell } from './selection.ts';
import { useCellRange, type CellRangeControl } from './use-cell-range.ts';
import classes from './results.module.css';

export interface Chosen {
  /** In the view that is shown. */
  readonly box: Box;
  /** Where the last step of choosing led. */
  readonly head: Cell;
}
export interface ResultGridProps {
  readonly result: RunResult;
  /** Of its columns when the grid is made. */
  readonly layout: readonly GridColumn[];
  /** The columns were moved, resized or pinned by hand. */
  readonly onLayout: (layout: GridColumn[]) => void;
  readonly onView: (view: ResultView) => void;
  /** Rows of the view, as far as they are known. */
  readonly onTotal: (rows: number) => void;
  readonly onChoose: (chosen: Chosen | null) => void;
  /** The cells chosen at this moment, which `onChoose` may not have told yet; null = none. */
  readonly onCopy: (box: Box | null) => void;
  /** Enter or a double click: the whole value. */
  readonly onOpen: (tab?: DetailTab) => void;
}

const BLOCK = 200;

/** Rows of any number, paged from the query process; sorted and filtered there. */
export function ResultGrid(props: ResultGridProps): ReactElement {
  const { result } = props;
  const host = useRef<HTMLDivElement>(null);
  const [api, setApi] = useState<GridApi<GridRow> | null>(null);
  const [menu, setMenu] = useState<GridMenuAt | null>(null);
  const range = useCellRange(api, result.columns.length);
  const newest = useRef({ props, range });
  useEffect(() => {
    newest.current = { props, range };
  });
  // The grid lives as long as its result: what changes while the rows come is told to it.
  const { resultId } = result;
  useEffect(() => {
    let made: GridApi<GridRow> | null = null;
    // Each in a task of its own: what is around the grid, the grid and its first rows take about as long as each other.
    let next = setTimeout(() => {
      if (host.current === null) return;
      const grid = makeGrid(host.current, () => newest.current);
      made = grid;
      next = setTimeout(() => {
        fillGrid(grid, () => newest.current);
        setApi(grid);
      });
    });
    return () => {
      clearTimeout(next);
      made?.destroy();
      setApi(null);
    };
  }, [resultId]);
  useRowCount(api, result);
  useEffect(() => {
    props.onChoose(range.range === null ? null : { box: boxOf(range.range), head: range.range.head });
    // oxlint-disable-next-line react/exhaustive-deps -- told when the choice changes
  }, [range.range]);

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the grid bubble here
    <div
      className={classes.grid}
      onPointerDownCapture={range.onPointerDown}
      onKeyDownCapture={(event) => {
        const mod = event.ctrlKey || event.metaKey;
        if (mod && event.key.toLowerCase() === 'c') props.onCopy(range.getBox());
        else if (mod && event.key.toLowerCase() === 'a') range.selectAll(api?.getDisplayedRowCount() ?? 0);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        const id = (event.target as Element).closest('[col-id]')?.getAttribute('col-id') ?? null;
        setMenu({ x: event.clientX, y: event.clientY, column: id === NUMBER_COLUMN ? null : id });
      }}
    >
      <div ref={host} className={classes.gridHost} />
      {menu !== null && (
        <GridMenu
          at={menu}
          isPinned={menu.column === null ? null : api?.getColumn(menu.column)?.isPinned() === true}
          onPin={() => api?.setColumnsPinned(pinnable(menu.column), isPinned(api, menu.column) ? null : 'left')}
          onCopy={() => props.onCopy(range.getBox())}
          onOpen={props.onOpen}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}

/**
 * The grid itself, without its React side: that makes a component of every row and cell, which is more work and more
 * garbage than drawing them.
 */
const OPTIONS: GridOptions<GridRow> = {
  theme: gridTheme,
  rowModelType: 'infinite',
  cacheBlockSize: BLOCK,
  maxBlocksInCache: 40,
  cacheOverflowSize: 2,
  maxConcurrentDatasourceRequests: 2,
  blockLoadDebounceMillis: 30,
  rowBuffer: 4,
  animateRows: false,
  suppressColumnMoveAnimation: true,
  suppressDragLeaveHidesColumns: true,
  suppressContextMenu: true,
  suppressMultiSort: false,
  localeText: FILTER_WORDS,
};

interface Newest {
  readonly props: ResultGridProps;
  readonly range: CellRangeControl;
}
function getEvents(newest: () => Newest): GridOptions<GridRow> {
  const keep = ({ api, source }: { readonly api: GridApi<GridRow>; readonly source: string }): void => {
    if (source !== 'gridInitializing') newest().props.onLayout(readLayout(api, newest().props.result.columns));
  };
  return {
    onColumnMoved: (event) => event.finished && keep(event),
    onColumnResized: (event) => event.finished && keep(event),
    onColumnPinned: keep,
    onCellMouseDown: (event) => newest().range.onMouseDown(event),
    onCellMouseOver: (event) => newest().range.onMouseOver(event),
    onCellKeyDown: (event) => {
      if ('column' in event && newest().range.onKeyDown(event)) return;
      if ((event.event as KeyboardEvent).key === 'Enter') newest().props.onOpen();
    },
    onCellDoubleClicked: () => newest().props.onOpen(),
    onCellFocused: ({ rowIndex, column }) => {
      const id = typeof column === 'object' && column !== null ? Number(column.getColId()) : Number.NaN;
      if (rowIndex !== null && !Number.isNaN(id)) newest().range.onFocus(rowIndex, id);
    },
  };
}
interface GridMenuAt {
  readonly x: number;
  readonly y: number;
  readonly column: string | null;
}
const pinnable = (column: string | null): string[] => (column === null ? [] : [column]);
const isPinned = (api: GridApi<GridRow>, column: string | null): boolean =>
  column !== null && api.getColumn(column)?.isPinned() === true;

/** Without columns it shows nothing yet. */
const makeGrid = (host: HTMLElement, newest: () => Newest): GridApi<GridRow> =>
  createGrid<GridRow>(host, {
    ...OPTIONS,
    ...getEvents(newest),
    infiniteInitialRowCount: Math.max(1, newest().props.result.rows),
  });

function fillGrid(grid: GridApi<GridRow>, newest: () => Newest): void {
  const { props, range } = newest();
  grid.updateGridOptions({
    columnDefs: getColumns(props.result, props.layout, range.getBox),
    datasource: getDatasource(() => newest().props),
  });
}

/** Blocks as the grid asks for them. The first one is here already, until something is sorted or filtered. */
function getDatasource(newest: () => ResultGridProps): IDatasource {
  return {
    getRows: (asked) => {
      const { startRow, endRow, sortModel, filterModel } = asked;
      const view = toView(sortModel, filterModel as Record<string, unknown>);
      const isPlain = view.sort.length === 0 && view.filter.length === 0;
      newest().onView(view);
      const { resultId, firstRows, rows, isDone } = newest().result;
      if (isPlain && startRow === 0 && firstRows.length >= Math.min(endRow, rows)) {
        asked.successCallback(
          firstRows.slice(0, endRow).map((cells, number) => ({ number, cells })),
          isDone ? rows : -1,
        );
        newest().onTotal(rows);
        return;
      }
      query.rows(resultId, { offset: startRow, limit: endRow - startRow }, view).then(
        (page) => {
          const found = page.rows.map((cells, i) => ({ number: page.numbers[i] ?? 0, cells }));
          asked.successCallback(found, page.complete ? page.total : -1);
          newest().onTotal(page.total);
        },
        (thrown: unknown) => {
          asked.failCallback();
          if (toErrorData(thrown).code !== 'E_CANCELLED') notifyFailure(thrown);
        },
      );
    },
  };
}

/** A result that grows makes the scroll bar longer, and nothing else moves. */
function useRowCount(api: GridApi<GridRow> | null, { rows, isDone }: RunResult): void {
  useEffect(() => {
    if (api === null || api.isDestroyed()) return;
    const isPlain = api.getColumnState().every((c) => (c.sort ?? null) === null) && !api.isAnyFilterPresent();
    if (isPlain && rows > 0) api.setRowCount(rows, isDone);
  }, [api, rows, isDone]);
}
