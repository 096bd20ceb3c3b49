import { CELL_CHARS, type QueryCell } from '../../../protocol/query-result.ts';
import type { Value } from './page.ts';

/** Of a blob in a page: enough to tell it from others. */
const BLOB_PREVIEW = 256;

/** A value as it is sent. Long ones are cut at `most` characters or bytes. */
export function toCell(value: Value, most: number | null = CELL_CHARS): QueryCell {
  if (typeof value === 'bigint') return toInteger(value);
  if (typeof value === 'string')
    return most === null || value.length <= most
      ? value
      : { text: value.slice(0, endOfText(value, most)), bytes: Buffer.byteLength(value) };
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null ? null : toBlob(value, most === null ? value.byteLength : BLOB_PREVIEW);
}

export const toCells = (row: readonly Value[]): QueryCell[] => row.map((value) => toCell(value));

function toInteger(value: bigint): QueryCell {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { int: String(value) };
}

/** Never between the two halves of a character. */
function endOfText(text: string, most: number): number {
  const code = text.charCodeAt(most - 1);
  return code >= 0xd800 && code <= 0xdbff ? most - 1 : most;
}

function toBlob(value: Uint8Array, most: number): QueryCell {
  const shown = Buffer.from(value.buffer, value.byteOffset, Math.min(most, value.byteLength));
  return { blob: shown.toString('base64'), bytes: value.byteLength };
}
