import type { SourceInfo, Workspace } from '../../../protocol/index.ts';
import { fromLocalText } from '../../widgets/zoned-time.ts';

/** Ends of an open range: before and after any event. ms since the epoch, UTC. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FIRST = -62_135_596_800_000; // 0001-01-01

/** Divisors of ms by the format in which the source keeps its times; absent = as text. */
const UNITS: Readonly<Record<string, number>> = { seconds: 1000, milliseconds: 1 };

/** `:from`, `:to` and `:asOf` in the form the source's own times have, so that they can be compared. */
export function boundValue(
  name: string,
  frame: Pick<Workspace, 'range' | 'asOf' | 'timezone'>,
  source: SourceInfo | null,
): string | number {
  const { range, asOf, timezone } = frame;
  const local = name === 'from' ? range.from : name === 'to' ? range.to : asOf;
  const open = name === 'from' ? FIRST : LAST;
  const parsed = local === null ? open : fromLocalText(local, timezone);
  const ms = Number.isNaN(parsed) ? open : parsed;
  if (source?.ref.kind === 'postgres') return new Date(ms).toISOString().replace('T', ' ').replace('Z', '+00');
  const format =
    source === null || source.model === 'tributary' ? 'milliseconds' : (source.mapping?.time.format ?? 'auto');
  const unit = UNITS[format];
  if (unit !== undefined) return Math.floor(ms / unit);
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** The same for people: the moment as it is set above, or that nothing is. */
export function boundText(
  name: string,
  { range, asOf, timezone }: Pick<Workspace, 'range' | 'asOf' | 'timezone'>,
): string {
  const local = name === 'from' ? range.from : name === 'to' ? range.to : asOf;
  if (local === null) return name === 'from' ? 'open start' : name === 'to' ? 'open end' : 'now';
  return `${local.replace('T', ' ')} ${timezone}`;
}
