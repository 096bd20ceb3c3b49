import type { StepMatrixResult, StepMatrixSelection } from '../../../protocol/index.ts';
import { getHeatMap, type HeatCell } from '../../charts/heat-map.ts';
import type { ChartTheme } from '../../charts/palette.ts';
import type { ChartPicture } from '../../charts/picture.ts';
import { formatCount, formatShare } from '../../widgets/format.ts';

/** The row of those whose path is over, by its name in the answer. */
const END = '(end)';

export interface StepMatrix {
  readonly picture: ChartPicture;
  /** Event and 0-based position of each cell, for clicks; null where nobody is. */
  readonly cells: readonly (StepMatrixSelection | null)[];
  readonly rowCount: number;
}

/** Events from above by how early and often they come; the end is last. */
export function getMatrixRows(result: StepMatrixResult): readonly string[] {
  // A position counts half of the one before it, so what begins paths stands above.
  const weight = (name: string): number =>
    name === END ? -1 : (result.share[name] ?? []).reduce((sum, share, i) => sum + share / 2 ** i, 0);
  return Object.keys(result.share).toSorted((a, b) => weight(b) - weight(a) || (a < b ? -1 : 1));
}

export function getStepMatrix(result: StepMatrixResult, theme: ChartTheme): StepMatrix {
  const rows = getMatrixRows(result);
  const width = Math.max(0, ...rows.map((row) => result.share[row]?.length ?? 0));
  const shareOf = (row: number, column: number): number => result.share[rows[row] ?? '']?.[column] ?? 0;
  const heat = rows.flatMap((_, row) =>
    Array.from({ length: width }, (__, column): HeatCell => {
      const share = shareOf(row, column);
      return { row, column, strength: share, text: share === 0 ? '' : formatShare(share) };
    }),
  );
  const picture = getHeatMap(
    {
      rows: rows.map(getRowName),
      columns: Array.from({ length: width }, (_, i) => `Step ${i + 1}`),
      cells: heat,
      color: theme.accent,
      rowTitle: 'event',
      columnTitle: '',
      tip: ({ row, column }) => ({
        title: `${getRowName(rows[row] ?? '')}, step ${column + 1}`,
        rows: [
          {
            label: 'Actors',
            value: formatCount(Math.round(shareOf(row, column) * result.actorCount)),
            note: formatShare(shareOf(row, column)),
          },
        ],
        footer: 'Click for the actors',
      }),
    },
    theme,
  );
  return {
    picture,
    cells: heat.map(({ row, column, text }) => (text === '' ? null : { event: rows[row] ?? '', position: column })),
    rowCount: rows.length,
  };
}

const getRowName = (event: string): string => (event === END ? 'path over' : event);
export const getCellTitle = ({ event, position }: StepMatrixSelection): string =>
  `${getRowName(event)}, step ${position + 1}`;
