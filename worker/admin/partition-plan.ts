/** What one partition may hold; monthly by default (docs/event-store.md has the planning cost of each). */
export const PARTITION_UNITS = ['month', 'day', 'hour'] as const;
export type PartitionUnit = (typeof PARTITION_UNITS)[number];

/** Hour keys `YYYY-MM-DDTHH`, `to` excluded. Byte order is time order. */
export interface HourRange {
  readonly from: string;
  readonly to: string;
}

/** Partitions made ahead of now when nobody says how many. */
export const DEFAULT_AHEAD: Readonly<Record<PartitionUnit, number>> = { month: 3, day: 14, hour: 48 };

const HOUR = 3_600_000;
const toKey = (ms: number): string => new Date(ms).toISOString().slice(0, 13);
/** ms since the epoch, UTC; NaN for text that is no hour. */
export function fromKey(key: string): number {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}$/.test(key)) return Number.NaN;
  const ms = Date.parse(`${key}:00:00Z`);
  return Number.isNaN(ms) || toKey(ms) !== key ? Number.NaN : ms;
}

/** Start of the month, day or hour of a time, or of one `steps` further on, UTC. */
export function startOf(unit: PartitionUnit, ms: number, steps = 0): number {
  if (unit === 'hour') return Math.floor(ms / HOUR) * HOUR + steps * HOUR;
  const date = new Date(ms);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return unit === 'day' ? Date.UTC(year, month, day + steps) : Date.UTC(year, month + steps, 1);
}

/** Whole units from the one that holds `from` to the one that holds `to` (ms, both included), ascending. */
export function planRanges(unit: PartitionUnit, from: number, to: number): readonly HourRange[] {
  const ranges: HourRange[] = [];
  for (let at = startOf(unit, from); at <= to; at = startOf(unit, at, 1))
    ranges.push({ from: toKey(at), to: toKey(startOf(unit, at, 1)) });
  return ranges;
}

/** What of the wanted ranges no existing one covers, ascending. Both lists are in order, neither overlaps itself. */
export function subtractRanges(wanted: readonly HourRange[], existing: readonly HourRange[]): readonly HourRange[] {
  let next = 0;
  return wanted.flatMap(({ from, to }) => {
    const gaps: HourRange[] = [];
    let at = from;
    while ((existing[next]?.to ?? to) <= from && next < existing.length) next++;
    for (let i = next; at < to; i++) {
      const taken = existing[i];
      if (taken === undefined || taken.from >= to) {
        gaps.push({ from: at, to });
        break;
      }
      if (taken.from > at) gaps.push({ from: at, to: taken.from });
      at = taken.to > at ? taken.to : at;
    }
    return gaps;
  });
}

/** The unit that a range is one whole of; null = none. */
export function unitOf({ from, to }: HourRange): PartitionUnit | null {
  const at = fromKey(from);
  if (Number.isNaN(at)) return null;
  const found = PARTITION_UNITS.find((unit) => startOf(unit, at) === at && toKey(startOf(unit, at, 1)) === to);
  return found ?? null;
}

const LENGTH: Readonly<Record<PartitionUnit, number>> = { month: 7, day: 10, hour: 13 };
const underline = (key: string): string => key.toLowerCase().replaceAll('-', '_');

/** `global_events_2026_01`, `…_2026_01_15`, `…_2026_01_15t07`; anything else `…_2026_01_15t00_to_2026_02_01t00`. */
export function partitionName(range: HourRange): string {
  const unit = unitOf(range);
  return unit === null
    ? `global_events_${underline(range.from)}_to_${underline(range.to)}`
    : `global_events_${underline(range.from.slice(0, LENGTH[unit]))}`;
}
