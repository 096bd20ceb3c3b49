import type { ReactElement } from 'react';
import type { RollupQuery, RollupResult } from '../../../protocol/index.ts';
import type { ColorOf } from '../../charts/palette.ts';
import { formatCount, formatNumber, formatShare } from '../../widgets/format.ts';
import { PlainTable, type Column } from '../parts/PlainTable.tsx';
import { useActors } from '../parts/use-actors.ts';
import classes from './rollups.module.css';

type Row = RollupResult['series'][number];

/** One row a series over the whole range; a click opens its actors. Unique actors of rows may add up to more than the total. */
export function RollupTable({
  rollup,
  result,
  colorOf,
}: {
  readonly rollup: RollupQuery;
  readonly result: RollupResult;
  readonly colorOf: ColorOf;
}): ReactElement {
  const showActors = useActors<'rollup'>(rollup);
  const sums: Column<Row>[] =
    rollup.sum === undefined || rollup.sum === null
      ? []
      : [{ title: `Sum of ${rollup.sum}`, numeric: true, cell: (row) => formatNumber(row.totalSum ?? 0) }];
  const rows = rollup.by === null ? [result.total] : [...result.series, { ...result.total, value: 'All series' }];
  return (
    <PlainTable
      label="Series"
      rows={rows}
      keyOf={(row, i) => `${i} ${row.value}`}
      onRow={(row) =>
        showActors(row.value === 'All series' || rollup.by === null ? {} : { series: row.value }, row.value)
      }
      columns={[
        {
          title: rollup.by === null ? 'Events counted' : rollup.by === '$event' ? 'Event' : rollup.by,
          cell: (row) => (
            <span className={classes.name}>
              <i style={{ background: row.value === 'All series' ? 'transparent' : colorOf(row.value) }} />
              {row.value}
            </span>
          ),
        },
        { title: 'Events', numeric: true, width: 96, cell: (row) => formatCount(row.totalEvents) },
        {
          title: 'Share',
          numeric: true,
          width: 72,
          cell: (row) => formatShare(row.totalEvents / result.total.totalEvents),
        },
        { title: 'Unique actors', numeric: true, width: 104, cell: (row) => formatCount(row.totalActors) },
        {
          title: 'Events per actor',
          numeric: true,
          width: 112,
          cell: (row) => formatNumber(row.totalEvents / row.totalActors),
        },
        ...sums,
      ]}
    />
  );
}
