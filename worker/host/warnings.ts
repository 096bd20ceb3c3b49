import type { Analysis, DataIssue } from '../../protocol/index.ts';
import { getNamedEvents } from '../plan/named-events.ts';
import { getRequiredColumns } from '../plan/required-columns.ts';
import type { Segment } from '../segment/segment.ts';
import type { SourceSession } from './source-session.ts';

/** Rows of these kinds are missing from every answer. */
const LEFT_OUT: ReadonlySet<DataIssue['kind']> = new Set([
  'missing_actor',
  'unreadable_time',
  'missing_event',
  'bad_metadata',
]);

/** What a reader of this answer should know: names that no event has, and rows that were left out. */
export function getWarnings(session: SourceSession, segment: Segment, analysis: Analysis): readonly string[] {
  const events = new Set(segment.eventNames);
  const unknownEvents = getNamedEvents(analysis).filter((name) => !events.has(name));
  const unknownProperties = getRequiredColumns(analysis).filter(
    (name) => (segment.properties.get(name)?.values.length ?? 0) === 0,
  );
  return [
    ...unknownEvents.map((name) => `No event read is named "${name}".`),
    ...unknownProperties.map((name) => `No event read has a property "${name}".`),
    ...session.report.issues
      .filter((issue) => LEFT_OUT.has(issue.kind))
      .map((issue) => `${issue.rows} rows: ${issue.text}`),
  ];
}
