import { InvalidArgumentError } from 'commander';

/** `2026-01`, `2026-01-15`, `2026-01-15T07` or a time with minutes, in UTC, as ms since the epoch. */
export function parseHour(text: string): number {
  const match = /^(\d{4}-\d{2})(?:-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d{1,3})?))?Z?)?)?)?$/.exec(text);
  const [, month = '', day = '01', hour = '00', minute = '00', second = '00'] = match ?? [];
  const time = match === null ? Number.NaN : Date.parse(`${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date.parse takes a 30 February as 2 March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(`${month}-${day}`)) return time;
  throw new InvalidArgumentError('A month, day or hour in UTC is needed, like 2026-01, 2026-01-15 or 2026-01-15T07.');
}
