/** Numbers, durations and times for people (visual.md, "Numbers and time"). Locale of the system. */
const integer = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });
// Made once: a formatter costs more than a hundred texts of it.
const percentOf = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat(undefined, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
const shareOf = percentOf(1);
const smallShare = percentOf(2);
const NOTHING = '–';

/** `1,204` */
export const formatCount = (value: number): string => integer.format(value);
/** At most two decimals: `1,204.5` */
export const formatNumber = (value: number): string => (Number.isFinite(value) ? exact.format(value) : NOTHING);
/** Three significant digits: `1,204` below ten thousand, then `12K`, `1.2M`. */
export const formatCompact = (value: number): string =>
  Math.abs(value) < 10_000 && Number.isInteger(value) ? integer.format(value) : compact.format(value);
/** `12 actors`, `1 actor` */
export const formatUnits = (value: number, one: string, many = `${one}s`): string =>
  `${integer.format(value)} ${value === 1 ? one : many}`;

/** `share` is 0..1. One decimal, two under 1 %: `12.5%`, `0.42%`. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return NOTHING;
  const percent = Math.abs(share * 100);
  return (percent > 0 && percent < 1 ? smallShare : shareOf).format(share);
}

const UNITS = [
  ['y', 31_536_000],
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Two units: `3 d 4 h`, `12 s`, `340 ms`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return NOTHING;
  if (seconds < 0) return `−${formatDuration(-seconds)}`;
  if (seconds < 1) return seconds === 0 ? '0 s' : `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${exact.format(Number(seconds.toPrecision(2)))} s`;
  const first = UNITS.findIndex(([, size]) => Math.round(seconds) >= size);
  const [firstUnit, secondUnit] = UNITS.slice(first, first + 2);
  if (firstUnit === undefined) return '0 s';
  if (secondUnit === undefined) return `${Math.round(seconds)} s`;
  // Round in the smaller unit first, so that 59 min 59.9 s does not become "59 min 60 s".
  const small = Math.round(seconds / secondUnit[1]);
  const perFirst = Math.round(firstUnit[1] / secondUnit[1]);
  const rest = small % perFirst;
  return `${integer.format(Math.floor(small / perFirst))} ${firstUnit[0]}${rest === 0 ? '' : ` ${rest} ${secondUnit[0]}`}`;
}
export const formatMs = (ms: number): string => formatDuration(ms / 1000);

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
/** Decimal units, three significant digits: `1.23 GB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? integer.format(value) : exact.format(Number(value.toPrecision(3)))} ${BYTE_UNITS[power]}`;
}
