import type { ReactElement, ReactNode } from 'react';
import classes from './parts.module.css';

export interface Column<T> {
  /** Empty where the column speaks for itself: then `hiddenTitle` is for screen readers. */
  readonly title: string;
  readonly hiddenTitle?: string;
  readonly cell: (row: T, index: number) => ReactNode;
  readonly numeric?: boolean;
  readonly width?: number | string;
}
export interface PlainTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T, index: number) => string;
  /** A row that opens something. */
  readonly onRow?: (row: T) => void;
}

/** A table with a head that stays; numbers right-aligned and tabular. Rows that open something are buttons too. */
export function PlainTable<T>({ label, columns, rows, keyOf, onRow }: PlainTableProps<T>): ReactElement {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region is reached by keyboard
    <section className={classes.tableScroll} tabIndex={0} aria-label={`Table: ${label}`}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" data-numeric={column.numeric} style={{ width: column.width }}>
                {column.title === '' ? (
                  <span className={classes.hidden}>{column.hiddenTitle ?? 'Bar'}</span>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr
              key={keyOf(row, i)}
              data-opens={onRow === undefined ? undefined : true}
              onClick={onRow === undefined ? undefined : () => onRow(row)}
            >
              {columns.map((column, k) => (
                <td key={column.title} data-numeric={column.numeric}>
                  {k === 0 && onRow !== undefined ? (
                    <button type="button" className={classes.rowButton} onClick={() => onRow(row)}>
                      {column.cell(row, i)}
                    </button>
                  ) : (
                    column.cell(row, i)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
