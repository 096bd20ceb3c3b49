import type { Milliseconds } from '../segment/segment.ts';
import { getString, type StringTable } from '../segment/string-table.ts';

const OTHER_TEXT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** ISO text (UTC without an offset) or ms since the epoch as text; NaN when it is neither. */
export function parseInstant(text: string): Milliseconds {
  if (/^-?\d{5,}(\.\d+)?$/.test(text)) return Math.floor(Number(text));
  const [, date, time = '00:00', zone = 'Z'] = OTHER_TEXT.exec(text.trim()) ?? [];
  if (date === undefined) return Number.NaN;
  return Date.parse(`${date}T${time}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`);
}

/** Length of `2024-01-31T18:00:00`. */
const SECONDS_LENGTH = 19;

/**
 * The same for an entry of a table. A due date is new text on nearly every invoice, so the usual spelling
 * (`2024-01-31T18:00:00`, `….123Z`) is read from its bytes without making a string.
 */
export function parseInstantAt(table: StringTable, index: number): Milliseconds {
  const at = table.offsets[index] ?? 0;
  const length = (table.offsets[index + 1] ?? 0) - at;
  const instant = length < SECONDS_LENGTH ? Number.NaN : parseBytes(table.bytes, at, length);
  return Number.isNaN(instant) ? parseInstant(getString(table, index)) : instant;
}

/** NaN for every other spelling. */
function parseBytes(bytes: Uint8Array, at: number, length: number): Milliseconds {
  const is = (offset: number, char: string): boolean => bytes[at + offset] === char.charCodeAt(0);
  if (!is(4, '-') || !is(7, '-') || !(is(10, 'T') || is(10, ' ')) || !is(13, ':') || !is(16, ':')) return Number.NaN;
  const ms = parseEnd(bytes, at, length);
  const month = digits(bytes, at + 5, 2);
  const day = digits(bytes, at + 8, 2);
  const [hour, minute, second] = [digits(bytes, at + 11, 2), digits(bytes, at + 14, 2), digits(bytes, at + 17, 2)];
  // Days that not every month has, and leap seconds, are left to the slow way.
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60))
    return Number.NaN;
  return Date.UTC(digits(bytes, at, 4), month - 1, day, hour, minute, second) + ms;
}

/** Milliseconds of ``, `Z`, `.123` and `.123Z`. */
function parseEnd(bytes: Uint8Array, at: number, length: number): number {
  const end = bytes[at + length - 1] === 'Z'.charCodeAt(0) ? length - 1 : length;
  if (end === SECONDS_LENGTH) return 0;
  if (end !== SECONDS_LENGTH + 4 || bytes[at + SECONDS_LENGTH] !== '.'.charCodeAt(0)) return Number.NaN;
  return digits(bytes, at + SECONDS_LENGTH + 1, 3);
}

/** NaN where a byte is no digit. */
function digits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = (bytes[i] ?? 0) - 48;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
}
