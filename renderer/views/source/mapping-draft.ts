import {
  TIME_FORMATS,
  type Inspection,
  type Mapping,
  type TableInfo,
  type TimeFormat,
} from '../../../protocol/index.ts';

/** A mapping while it is being edited: parts may be missing. Selects use '' for "none". */
export interface MappingDraft {
  readonly table: string;
  readonly actor: string;
  readonly eventKind: 'column' | 'constant';
  readonly eventColumn: string;
  readonly eventConstant: string;
  readonly time: string;
  readonly timeFormat: TimeFormat;
  readonly recordedAt: string;
  readonly recordedAtFormat: TimeFormat;
  /** null = all other columns. */
  readonly properties: readonly string[] | null;
  readonly json: string;
  readonly filter: string;
}
/** The field an error belongs to. */
export type DraftField = 'table' | 'actor' | 'event' | 'time' | 'recordedAt' | 'properties' | 'json' | 'filter';

export const FORMAT_TEXT: Readonly<Record<TimeFormat, string>> = {
  auto: 'Find out',
  iso: 'ISO 8601 text',
  seconds: 'Unix seconds',
  milliseconds: 'Unix milliseconds',
  microseconds: 'Unix microseconds',
  julianday: 'Julian day',
};
export const FORMAT_OPTIONS = TIME_FORMATS.map((value) => ({ value, label: FORMAT_TEXT[value] }));

const EMPTY: MappingDraft = {
  table: '',
  actor: '',
  eventKind: 'column',
  eventColumn: '',
  eventConstant: '',
  time: '',
  timeFormat: 'auto',
  recordedAt: '',
  recordedAtFormat: 'auto',
  properties: null,
  json: '',
  filter: '',
};

export function toDraft(mapping: Mapping): MappingDraft {
  const { event } = mapping;
  return {
    table: mapping.table,
    actor: mapping.actor,
    eventKind: 'column' in event ? 'column' : 'constant',
    eventColumn: 'column' in event ? event.column : '',
    eventConstant: 'constant' in event ? event.constant : '',
    time: mapping.time.column,
    timeFormat: mapping.time.format,
    recordedAt: mapping.recordedAt?.column ?? '',
    recordedAtFormat: mapping.recordedAt?.format ?? 'auto',
    properties: mapping.properties ?? null,
    json: mapping.json ?? '',
    filter: mapping.filter ?? '',
  };
}

/** Where editing starts: the mapping in use, the best candidate, or the largest table. */
export function firstDraft(inspection: Inspection, mapping: Mapping | null | undefined): MappingDraft {
  const start = mapping ?? inspection.candidates[0]?.mapping;
  if (start !== undefined) return toDraft(start);
  const largest = inspection.tables.toSorted((a, b) => (b.rows ?? 0) - (a.rows ?? 0))[0];
  return { ...EMPTY, table: largest?.name ?? '' };
}

/** Another table: columns that it has too stay. */
export function changeTable(draft: MappingDraft, table: TableInfo): MappingDraft {
  const names = new Set(table.columns.map((c) => c.name));
  const keep = (column: string): string => (names.has(column) ? column : '');
  return {
    ...draft,
    table: table.name,
    actor: keep(draft.actor),
    eventColumn: keep(draft.eventColumn),
    time: keep(draft.time),
    recordedAt: keep(draft.recordedAt),
    json: keep(draft.json),
    properties: draft.properties?.filter((p) => names.has(p)) ?? null,
  };
}

/** What is missing, by field. */
export function getMissing(draft: MappingDraft): Partial<Record<DraftField, string>> {
  const missing: Partial<Record<DraftField, string>> = {};
  if (draft.table === '') missing.table = 'Choose the table of the events.';
  if (draft.actor === '') missing.actor = 'Choose the column that says who did it.';
  if (draft.eventKind === 'column' ? draft.eventColumn === '' : draft.eventConstant.trim() === '')
    missing.event = draft.eventKind === 'column' ? 'Choose the column that names the event.' : 'Give the event a name.';
  if (draft.time === '') missing.time = 'Choose the column that says when.';
  return missing;
}

/** Only for drafts without missing parts. */
export function toMapping(draft: MappingDraft): Mapping {
  return {
    table: draft.table,
    actor: draft.actor,
    event: draft.eventKind === 'column' ? { column: draft.eventColumn } : { constant: draft.eventConstant.trim() },
    time: { column: draft.time, format: draft.timeFormat },
    ...(draft.recordedAt === '' ? {} : { recordedAt: { column: draft.recordedAt, format: draft.recordedAtFormat } }),
    ...(draft.properties === null ? {} : { properties: [...draft.properties] }),
    ...(draft.json === '' ? {} : { json: draft.json }),
    ...(draft.filter.trim() === '' ? {} : { filter: draft.filter.trim() }),
  };
}

/** `mapping.time.column` → time; null when the error belongs to no field. */
export function fieldOfPath(path: string | undefined): DraftField | null {
  const field = path?.split('.')[1];
  const fields: readonly string[] = ['table', 'actor', 'event', 'time', 'recordedAt', 'properties', 'json', 'filter'];
  return field !== undefined && fields.includes(field) ? (field as DraftField) : null;
}
