import type { ColumnType, QueryCell, ResultColumn } from '../../../../protocol/query-result.ts';
import { formatBytes } from '../../../widgets/format.ts';

/** A cell as text, without marks for what it is: NULL is ''. What was cut ends where the page cut it. */
export function textOf(cell: QueryCell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'object') return 'int' in cell ? cell.int : 'text' in cell ? cell.text : cell.blob;
  return typeof cell === 'boolean' ? (cell ? 'true' : 'false') : String(cell);
}

/** One line for the grid: line breaks shown, long text cut by the cell itself. */
export function shownText(cell: QueryCell | undefined): string {
  if (cell === null) return 'NULL';
  if (cell === undefined) return '';
  if (typeof cell === 'object' && 'blob' in cell) return `blob, ${formatBytes(cell.bytes)}`;
  const text = textOf(cell);
  return (text.length > 500 ? `${text.slice(0, 500)}…` : text).replaceAll(/\r?\n/g, ' ⏎ ').replaceAll('\t', ' ⇥ ');
}

/** Was more than this page carries? */
export const isCut = (cell: QueryCell | undefined): boolean => {
  if (typeof cell !== 'object' || cell === null) return false;
  if ('text' in cell) return true;
  return 'blob' in cell && Math.floor((cell.blob.length * 3) / 4) < cell.bytes - 2;
};

const NUMBERS: ReadonlySet<ColumnType> = new Set(['integer', 'real', 'numeric']);
export const isNumeric = (column: ResultColumn | undefined): boolean =>
  column !== undefined && NUMBERS.has(column.type);
export const isTime = (column: ResultColumn): boolean => column.type === 'timestamp' || column.type === 'date';

/** A number to draw; null for what is none. */
export function numberOf(cell: QueryCell | undefined): number | null {
  if (cell === null || cell === undefined || typeof cell === 'boolean') return null;
  const text = textOf(cell);
  const value = typeof cell === 'number' ? cell : text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** A quick look, for every cell that is drawn. */
export const looksLikeJson = (cell: QueryCell | undefined): boolean =>
  typeof cell === 'string' &&
  ((cell.startsWith('{') && cell.endsWith('}')) || (cell.startsWith('[') && cell.endsWith(']')));

/** Objects and arrays of JSON, wherever they are: SQLite keeps them as text. null = it is none. */
export function jsonOf(cell: QueryCell | undefined): object | null {
  const text = typeof cell === 'string' ? cell.trim() : '';
  if (!/^[[{]/.test(text)) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

/** What is said under a column's name. */
export const typeText = (column: ResultColumn): string =>
  (column.declared ?? (column.type === 'any' ? '' : column.type)).toLowerCase();
