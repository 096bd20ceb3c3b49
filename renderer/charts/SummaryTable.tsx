import { memo, useEffect, useState, type CSSProperties } from 'react';
import type { SummaryTable as Summary } from './picture.ts';

const hidden: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
};
/** A screen reader reads a picture of thousands of marks as its first rows; the CSV has them all. */
const ROW_LIMIT = 200;

interface SummaryTableProps {
  readonly table: Summary;
  readonly label: string;
}
/** Numbers that change many times a second are read out by nobody: the table follows when they rest. */
const REST_MS = 250;

/** The numbers of a chart for those who do not see it. */
export function SummaryTable(props: SummaryTableProps) {
  const [shown, show] = useState(props);
  const { table, label } = props;
  useEffect(() => {
    const timer = setTimeout(() => show({ table, label }), REST_MS);
    return () => clearTimeout(timer);
  }, [table, label]);
  return <Table {...shown} />;
}

const Table = memo(function Table({ table, label }: SummaryTableProps) {
  const rows = table.rows.slice(0, ROW_LIMIT);
  return (
    <div style={hidden}>
      <table>
        <caption>
          {table.rows.length > ROW_LIMIT ? `${label} (first ${ROW_LIMIT} of ${table.rows.length} rows)` : label}
        </caption>
        <thead>
          <tr>
            {table.columns.map((column, i) => (
              <th key={i} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, k) =>
                k === 0 ? (
                  <th key={k} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={k}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});
