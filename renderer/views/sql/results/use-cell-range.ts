import type { CellKeyDownEvent, CellMouseDownEvent, CellMouseOverEvent, GridApi } from 'ag-grid-community';
import { useCallback, useEffect, useRef, useState } from 'react';
import { NUMBER_COLUMN, type GridRow } from './grid-columns.ts';
import { boxOf, type Box, type Cell, type CellRange } from './selection.ts';

export interface CellRangeControl {
  readonly range: CellRange | null;
  /** As chosen at this moment: keys and the cells' class rules do not wait for a render. */
  readonly getBox: () => Box | null;
  readonly clear: () => void;
  readonly selectAll: (rows: number) => void;
  readonly onMouseDown: (event: CellMouseDownEvent<GridRow>) => void;
  readonly onMouseOver: (event: CellMouseOverEvent<GridRow>) => void;
  readonly onPointerDown: () => void;
  readonly onFocus: (row: number, column: number) => void;
  readonly onKeyDown: (event: CellKeyDownEvent<GridRow>) => boolean;
}

/** A block of cells chosen by mouse (drag, Shift) or keyboard (Shift and arrows), by column of the result. */
export function useCellRange(api: GridApi<GridRow> | null, columnCount: number): CellRangeControl {
  const [range, setRange] = useState<CellRange | null>(null);
  const now = useRef<CellRange | null>(null);
  const isDragging = useRef(false);
  /** The focus follows the pointer, before or after its own event: then it says nothing new. */
  const isPointing = useRef(false);
  const put = useCallback(
    (next: CellRange | null) => {
      now.current = next;
      setRange(next);
      api?.refreshCells({ force: true, suppressFlash: true });
    },
    [api],
  );
  useEffect(() => {
    const stop = (): void => {
      isDragging.current = false;
      setTimeout(() => (isPointing.current = false));
    };
    window.addEventListener('mouseup', stop);
    return () => window.removeEventListener('mouseup', stop);
  }, []);

  const last = columnCount - 1;
  const rowRange = (from: number, to: number): CellRange => ({
    anchor: { row: from, column: 0 },
    head: { row: to, column: last },
  });
  return {
    range,
    getBox: useCallback(() => (now.current === null ? null : boxOf(now.current)), []),
    clear: () => put(null),
    selectAll: (rows) => rows > 0 && put(rowRange(0, rows - 1)),
    onMouseDown: ({ event, rowIndex, column }) => {
      const mouse = event as MouseEvent;
      if (rowIndex === null || mouse.button !== 0) return;
      isDragging.current = true;
      const anchor = now.current?.anchor;
      const isRow = column.getColId() === NUMBER_COLUMN;
      if (isRow) put(rowRange(mouse.shiftKey ? (anchor?.row ?? rowIndex) : rowIndex, rowIndex));
      else {
        const cell: Cell = { row: rowIndex, column: Number(column.getColId()) };
        put({ anchor: mouse.shiftKey ? (anchor ?? cell) : cell, head: cell });
      }
    },
    onMouseOver: ({ rowIndex, column }) => {
      const from = now.current;
      if (!isDragging.current || from === null || rowIndex === null) return;
      const isRow = column.getColId() === NUMBER_COLUMN;
      put({ ...from, head: { row: rowIndex, column: isRow ? last : Number(column.getColId()) } });
    },
    onPointerDown: () => {
      isPointing.current = true;
    },
    onFocus: (row, column) => {
      const head = now.current?.head;
      if (!isPointing.current && (head?.row !== row || head.column !== column))
        put({ anchor: { row, column }, head: { row, column } });
    },
    onKeyDown: ({ event }) => {
      const key = event as KeyboardEvent;
      const from = now.current;
      const step = STEPS[key.key];
      if (from === null || !key.shiftKey || step === undefined) return false;
      const column = Math.max(0, Math.min(last, from.head.column + step.column));
      put({ ...from, head: { row: Math.max(0, from.head.row + step.row), column } });
      api?.ensureIndexVisible(Math.max(0, from.head.row + step.row));
      return true;
    },
  };
}

const STEPS: Readonly<Record<string, Cell>> = {
  ArrowUp: { row: -1, column: 0 },
  ArrowDown: { row: 1, column: 0 },
  ArrowLeft: { row: 0, column: -1 },
  ArrowRight: { row: 0, column: 1 },
};
