import type { EventSource, HourRange, ScanColumns } from '../../worker/source/event-source.ts';

export const ALL_HOURS: HourRange = { from: null, to: null };
export const NO_COLUMNS: ScanColumns = { properties: [], recordedAt: false, actorProperty: null };

export interface Read {
  readonly events: readonly (readonly [actor: string, event: string, time: number, ...props: (string | null)[]])[];
  readonly seqs: readonly number[];
  readonly issues: Readonly<Record<string, number>>;
  readonly rowsRead: number;
}

/** All batches of all slices, as rows. */
export function readAll(source: EventSource, columns: ScanColumns = NO_COLUMNS, range = ALL_HOURS, parts = 3): Read {
  const events: [string, string, number, ...(string | null)[]][] = [];
  const seqs: number[] = [];
  const issues: Record<string, number> = {};
  let rowsRead = 0;
  for (const slice of source.slices(range, parts)) {
    const scan = source.scan(slice, columns);
    let step = scan.next();
    for (; step.done !== true; step = scan.next()) {
      const batch = step.value;
      for (let i = 0; i < batch.count; i++) {
        events.push([
          batch.actors[i] ?? '',
          batch.events[i] ?? '',
          batch.times[i] ?? Number.NaN,
          ...columns.properties.map((p) => batch.properties.get(p)?.[i] ?? null),
        ]);
        seqs.push(batch.seqs[i] ?? Number.NaN);
      }
    }
    rowsRead += step.value.rowsRead;
    for (const issue of step.value.issues) issues[issue.kind] = (issues[issue.kind] ?? 0) + issue.rows;
  }
  return { events, seqs, issues, rowsRead };
}

/** Rows by kind of issue. */
export const kinds = (source: EventSource): Readonly<Record<string, number>> =>
  Object.fromEntries(source.partitions(() => false).issues.map((i) => [i.kind, i.rows]));
