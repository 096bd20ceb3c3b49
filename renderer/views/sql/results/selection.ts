/** A block of cells: rows of the view, columns as they stand on the screen. Both ends included. */
export interface CellRange {
  readonly anchor: Cell;
  readonly head: Cell;
}
export interface Cell {
  readonly row: number;
  readonly column: number;
}
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}
export const boxOf = ({ anchor, head }: CellRange): Box => ({
  top: Math.min(anchor.row, head.row),
  bottom: Math.max(anchor.row, head.row),
  left: Math.min(anchor.column, head.column),
  right: Math.max(anchor.column, head.column),
});
export const isIn = (box: Box | null, row: number, column: number): boolean =>
  box !== null && row >= box.top && row <= box.bottom && column >= box.left && column <= box.right;
export const countCells = (box: Box): number => (box.bottom - box.top + 1) * (box.right - box.left + 1);
