import type { Analysis, DataIssue, PartialRows } from '../../protocol/index.ts';
import { getNamedEvents } from '../plan/named-events.ts';
import { getRequiredColumns } from '../plan/required-columns.ts';
import type { Segment } from '../segment/segment.ts';
import type { RowChanges } from '../source/postgres/server-state.ts';
import type { SourceSession } from './source-session.ts';

/** Rows of these kinds are missing from every answer. */
const LEFT_OUT: ReadonlySet<DataIssue['kind']> = new Set([
  'missing_actor',
  'unreadable_time',
  'missing_event',
  'bad_metadata',
]);

/** `Partial: counted from the latest 500,000 rows of about 10,000,000. …` */
export const getPartialWarning = ({ rows, of }: PartialRows): string =>
  `Partial: counted from the latest ${format(rows)} rows of about ${format(of)}. Events that arrived before them are missing.`;
const format = (rows: number): string => rows.toLocaleString('en-US');

const UNCHECKED =
  'The source has grown. Its new rows were read; the rows read earlier are still being compared with what it holds now.';

/** What a reader of this answer should know: names that no event has, and rows that were left out. */
export function getWarnings(session: SourceSession, segment: Segment, analysis: Analysis): readonly string[] {
  const events = new Set(segment.eventNames);
  const unknownEvents = getNamedEvents(analysis).filter((name) => !events.has(name));
  const unknownProperties = getRequiredColumns(analysis).filter(
    (name) => (segment.properties.get(name)?.values.length ?? 0) === 0,
  );
  return [
    ...(session.partial === null ? [] : [getPartialWarning(session.partial)]),
    ...(session.isUnchecked ? [UNCHECKED] : []),
    ...unknownEvents.map((name) => `No event read is named "${name}".`),
    ...unknownProperties.map((name) => `No event read has a property "${name}".`),
    ...session.report.issues
      .filter((issue) => LEFT_OUT.has(issue.kind))
      .map((issue) => `${issue.rows} rows: ${issue.text}`),
  ];
}

const CHANGED =
  'Rows were changed or removed on the server since it was opened. Where they were there then, this answer is of what they are now. Open it again to work with its present state.';
const OWNED =
  'Shops were added on the server since it was opened. Events without a user may have got one in this answer. Open it again to work with its present state.';

/** Of an answer that a server has computed: its rows are those that were there when it was opened, as they are now. */
export function getChangeWarnings({ report }: SourceSession, changes: RowChanges | null): readonly string[] {
  const canBeOwned = report.issues.some(({ kind }) => kind === 'missing_actor');
  return [...(changes?.rows === true ? [CHANGED] : []), ...(changes?.owners === true && canBeOwned ? [OWNED] : [])];
}
