import type { GridApi, IDatasource } from 'ag-grid-community';
import { AgGridReact } from 'ag-grid-react';
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { toErrorData } from '../../../../protocol/index.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import type { RunResult } from '../../../stores/sql-runs.ts';
import { notifyFailure } from '../../../widgets/notify.ts';
import type { DetailTab } from './DetailPane.tsx';
import { FILTER_WORDS, getColumns, NUMBER_COLUMN, type GridRow } from './grid-columns.tsx';
import { GridMenu } from './GridMenu.tsx';
import { toView } from './grid-filters.ts';
import { gridTheme } from './grid-modules.ts';
import type { Box, Cell } from './selection.ts';
import { useCellRange } from './use-cell-range.ts';
import classes from './results.module.css';

export interface Chosen {
  /** In the view that is shown. */
  readonly box: Box;
  /** Where the last step of choosing led. */
  readonly head: Cell;
}
export interface ResultGridProps {
  readonly result: RunResult;
  readonly onView: (view: ResultView) => void;
  /** Rows of the view, as far as they are known. */
  readonly onTotal: (rows: number) => void;
  readonly onChoose: (chosen: Chosen | null) => void;
  readonly onCopy: () => void;
  /** Enter or a double click: the whole value. */
  readonly onOpen: (tab?: DetailTab) => void;
}

const BLOCK = 200;

/** Rows of any number, paged from the query process; sorted and filtered there. */
export function ResultGrid(props: ResultGridProps): ReactElement {
  const { result } = props;
  const [api, setApi] = useState<GridApi<GridRow> | null>(null);
  const [menu, setMenu] = useState<GridMenuAt | null>(null);
  const range = useCellRange(api, result.columns.length);
  const { getBox } = range;
  const columns = useMemo(
    () => getColumns(result.columns, result.firstRows, getBox),
    [result.columns, result.firstRows, getBox],
  );
  const source = useDatasource(result, props);
  useRowCount(api, result);
  useEffect(() => {
    props.onChoose(range.range === null ? null : { box: range.box ?? NO_BOX, head: range.range.head });
    // oxlint-disable-next-line react/exhaustive-deps -- told when the choice changes
  }, [range.range]);

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the grid bubble here
    <div
      className={classes.grid}
      onPointerDownCapture={range.onPointerDown}
      onKeyDownCapture={(event) => {
        const mod = event.ctrlKey || event.metaKey;
        if (mod && event.key.toLowerCase() === 'c') props.onCopy();
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
      <AgGridReact<GridRow>
        theme={gridTheme}
        rowModelType="infinite"
        columnDefs={columns}
        datasource={source}
        cacheBlockSize={BLOCK}
        maxBlocksInCache={40}
        infiniteInitialRowCount={Math.max(1, result.rows)}
        cacheOverflowSize={2}
        maxConcurrentDatasourceRequests={2}
        blockLoadDebounceMillis={30}
        rowBuffer={8}
        animateRows={false}
        suppressColumnMoveAnimation
        suppressContextMenu
        suppressMultiSort={false}
        localeText={FILTER_WORDS}
        onGridReady={({ api: ready }) => setApi(ready)}
        onCellMouseDown={range.onMouseDown}
        onCellMouseOver={range.onMouseOver}
        onCellKeyDown={(event) => {
          if ('column' in event && range.onKeyDown(event)) return;
          if ((event.event as KeyboardEvent).key === 'Enter') props.onOpen();
        }}
        onCellDoubleClicked={() => props.onOpen()}
        onCellFocused={({ rowIndex, column }) => {
          const id = typeof column === 'object' && column !== null ? Number(column.getColId()) : Number.NaN;
          if (rowIndex !== null && !Number.isNaN(id)) range.onFocus(rowIndex, id);
        }}
      />
      {menu !== null && (
        <GridMenu
          at={menu}
          isPinned={menu.column === null ? null : api?.getColumn(menu.column)?.isPinned() === true}
          onPin={() => api?.setColumnsPinned(pinnable(menu.column), isPinned(api, menu.column) ? null : 'left')}
          onCopy={props.onCopy}
          onOpen={props.onOpen}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}
interface GridMenuAt {
  readonly x: number;
  readonly y: number;
  readonly column: string | null;
}
const pinnable = (column: string | null): string[] => (column === null ? [] : [column]);
const isPinned = (api: GridApi<GridRow>, column: string | null): boolean =>
  column !== null && api.getColumn(column)?.isPinned() === true;
const NO_BOX: Box = { top: 0, bottom: 0, left: 0, right: 0 };

/** Blocks as the grid asks for them. The first one is here already, until something is sorted or filtered. */
function useDatasource(result: RunResult, props: ResultGridProps): IDatasource {
  const newest = useRef({ result, props });
  useEffect(() => {
    newest.current = { result, props };
  });
  const { resultId } = result;
  return useMemo(
    () => ({
      getRows: (asked) => {
        const { startRow, endRow, sortModel, filterModel } = asked;
        const view = toView(sortModel, filterModel as Record<string, unknown>);
        const isPlain = view.sort.length === 0 && view.filter.length === 0;
        newest.current.props.onView(view);
        const { firstRows, rows, isDone } = newest.current.result;
        if (isPlain && startRow === 0 && firstRows.length >= Math.min(endRow, rows)) {
          asked.successCallback(
            firstRows.slice(0, endRow).map((cells, number) => ({ number, cells })),
            isDone ? rows : -1,
          );
          newest.current.props.onTotal(rows);
          return;
        }
        query.rows(resultId, { offset: startRow, limit: endRow - startRow }, view).then(
          (page) => {
            const found = page.rows.map((cells, i) => ({ number: page.numbers[i] ?? 0, cells }));
            asked.successCallback(found, page.complete ? page.total : -1);
            newest.current.props.onTotal(page.total);
          },
          (thrown: unknown) => {
            asked.failCallback();
            if (toErrorData(thrown).code !== 'E_CANCELLED') notifyFailure(thrown);
          },
        );
      },
    }),
    [resultId],
  );
}

/** A result that grows makes the scroll bar longer, and nothing else moves. */
function useRowCount(api: GridApi<GridRow> | null, { rows, isDone }: RunResult): void {
  useEffect(() => {
    if (api === null || api.isDestroyed()) return;
    const isPlain = api.getColumnState().every((c) => (c.sort ?? null) === null) && !api.isAnyFilterPresent();
    if (isPlain && rows > 0) api.setRowCount(rows, isDone);
  }, [api, rows, isDone]);
}
