import { EngineError } from '../../../../protocol/index.ts';
import type { QueryCell, ResultColumn } from '../../../../protocol/query-result.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import type { Copied } from './copy-formats.ts';
import type { Box } from './selection.ts';

/** Of one request. */
const PAGE = 5_000;
/** What a clipboard is for; more goes into a file. */
export const MOST_COPIED = 100_000;

/** Rows of a view, page by page. Long texts come as the pages cut them. */
export async function readRows(
  resultId: string,
  view: ResultView,
  from: number,
  count: number,
  signal?: AbortSignal,
): Promise<readonly (readonly QueryCell[])[]> {
  const rows: (readonly QueryCell[])[] = [];
  while (rows.length < count) {
    const limit = Math.min(PAGE, count - rows.length);
    const page = await query.rows(resultId, { offset: from + rows.length, limit }, view, { signal });
    rows.push(...page.rows);
    if (page.rows.length < limit) break;
  }
  return rows;
}

/** A block of cells with their columns. E_LIMIT when it is more than a clipboard should hold. */
export async function readPart(
  resultId: string,
  columns: readonly ResultColumn[],
  view: ResultView,
  box: Box,
): Promise<Copied> {
  const count = box.bottom - box.top + 1;
  if (count > MOST_COPIED)
    throw new EngineError('E_LIMIT', `${count.toLocaleString()} rows are too many to copy.`, {
      hint: `Copy at most ${MOST_COPIED.toLocaleString()}, or export them to a file.`,
    });
  const rows = await readRows(resultId, view, box.top, count);
  return {
    columns: columns.slice(box.left, box.right + 1),
    rows: rows.map((row) => row.slice(box.left, box.right + 1)),
  };
}
