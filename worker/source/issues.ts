import type { DATA_ISSUES, DataIssue } from '../../protocol/index.ts';

export type IssueKind = (typeof DATA_ISSUES)[number];

/** Read well after a count: `8 rows: No actor is named; they are left out.` */
const TEXTS: Readonly<Record<IssueKind, string>> = {
  mis_keyed_hour:
    'The ts is not the UTC hour of the event time; they count at their event time, and reads are widened by the guard band to find them.',
  late_rows: 'Recorded more than an hour after they happened; they count at their event time.',
  duplicate_event_id: 'They repeat an event (same event_id and event time) under another hour; each event counts once.',
  missing_actor: 'No actor is named; they are left out.',
  actor_by_shop: 'Only a shop is named; they count for the user who owns that shop.',
  unreadable_time: 'The time cannot be read; they are left out.',
  missing_event: 'No event is named; they are left out.',
  bad_metadata:
    'The metadata is no JSON object; they have no properties, and where the actor would be in it they are left out.',
  null_metadata_keys: 'The metadata has keys whose value is null; such a property counts as not set.',
  equal_times:
    'At exactly the time of another event of the same actor; they keep their order of arrival where an order matters.',
  non_ascii_text: 'The metadata has characters beyond ASCII; they are kept as they are.',
  too_large: 'A value is larger than 1 MB and counts as not set, or a row is larger than 64 MB and is left out.',
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
