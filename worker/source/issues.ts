import type { DATA_ISSUES, DataIssue } from '../../protocol/index.ts';

export type IssueKind = (typeof DATA_ISSUES)[number];

const TEXTS: Readonly<Record<IssueKind, string>> = {
  mis_keyed_hour:
    'Rows whose ts is not the UTC hour of their event time; they count at their event time, and reads are widened by the guard band to find them.',
  late_rows: 'Rows recorded more than an hour after they happened; they count at their event time.',
  duplicate_event_id:
    'Rows that repeat an event (same event_id and event time) under another hour; each event counts once.',
  missing_actor: 'Rows without an actor; they are left out.',
  actor_by_shop: 'Rows that name only a shop; they count for the user who owns that shop.',
  unreadable_time: 'Rows whose time cannot be read; they are left out.',
  missing_event: 'Rows without an event name; they are left out.',
  bad_metadata:
    'Rows whose metadata is no JSON object; they have no properties, and without an actor of their own they are left out.',
  null_metadata_keys: 'Rows with metadata keys whose value is null; such a property counts as not set.',
  equal_times:
    'Events at exactly the time of another event of the same actor; they keep their order of arrival where an order matters.',
  non_ascii_text: 'Rows with characters beyond ASCII; they are kept as they are.',
};

export type IssueCounts = Map<IssueKind, number>;

export function countIssue(counts: IssueCounts, kind: IssueKind, rows = 1): void {
  if (rows > 0) counts.set(kind, (counts.get(kind) ?? 0) + rows);
}

/** In the fixed order of `TEXTS`, only what was found. */
export function describeIssues(counts: IssueCounts): readonly DataIssue[] {
  return (Object.keys(TEXTS) as IssueKind[]).flatMap((kind) => {
    const rows = counts.get(kind) ?? 0;
    return rows === 0 ? [] : [{ kind, rows, text: TEXTS[kind] }];
  });
}
