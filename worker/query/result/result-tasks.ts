import { EngineError } from '../../../protocol/errors.ts';
import type { Answer, Argument, TaskEvent } from '../messages.ts';
import { toCell, toCells } from './cells.ts';
import { computeStats } from './column-stats.ts';
import { ResultReader } from './result-reader.ts';
import { readView } from './view-file.ts';
import { writeView } from './view.ts';

/** What a process is asked about results. Each task opens the files anew: a result may have grown. */
export function withReader<T>(folder: string, work: (reader: ResultReader) => T): T {
  const reader = new ResultReader(folder);
  try {
    reader.refresh();
    return work(reader);
  } finally {
    reader.close();
  }
}

export const readRows = ({ folder, view, offset, limit }: Argument<'rows'>): Promise<Answer<'rows'>> =>
  Promise.resolve(
    withReader(folder, (reader) => {
      const { numbers, total } = view === null ? inOrder(reader.rows, offset, limit) : readView(view, offset, limit);
      return { offset, numbers, total, rows: numbers.map((number) => toCells(reader.row(number))) };
    }),
  );

function inOrder(total: number, offset: number, limit: number): { numbers: number[]; total: number } {
  const length = Math.max(0, Math.min(limit, total - offset));
  return { numbers: Array.from({ length }, (_, at) => offset + at), total };
}

const MAX_CELL = 64_000_000;

export const readCell = ({ folder, row, column }: Argument<'cell'>): Promise<Answer<'cell'>> =>
  Promise.resolve(
    withReader(folder, (reader) => {
      if (row >= reader.rows)
        throw new EngineError('E_NOT_FOUND', 'This row is not in the result.', { hint: `It has ${reader.rows} rows.` });
      const value = reader.value(row, column);
      const size = typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 0;
      if (size > MAX_CELL)
        throw new EngineError('E_LIMIT', 'This value is larger than 64 MB.', { hint: 'Export the result instead.' });
      return toCell(value, null);
    }),
  );

export const buildView = (
  { folder, sort, filter, file }: Argument<'view'>,
  report: (event: TaskEvent) => void,
): Promise<number> =>
  Promise.resolve(withReader(folder, (reader) => writeView(reader, { sort, filter }, file, report)));

export const readStats = ({ folder, view, column, buckets }: Argument<'stats'>): Promise<Answer<'stats'>> =>
  Promise.resolve(withReader(folder, (reader) => computeStats(reader, view, column, buckets)));
