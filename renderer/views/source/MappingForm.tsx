import { MultiSelect, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { TIME_FORMATS, type TableInfo, type TimeFormat } from '../../../protocol/index.ts';
import { formatUnits } from '../../widgets/format.ts';
import { changeTable, FORMAT_OPTIONS, type DraftField, type MappingDraft } from './mapping-draft.ts';
import classes from './MappingPage.module.css';

interface MappingFormProps {
  readonly draft: MappingDraft;
  readonly tables: readonly TableInfo[];
  readonly errors: Partial<Record<DraftField, string>>;
  readonly onChange: (draft: MappingDraft) => void;
}

const asFormat = (value: string | null): TimeFormat => TIME_FORMATS.find((f) => f === value) ?? 'auto';

/** Every part of a mapping as a field; errors stand at the field. */
export function MappingForm({ draft, tables, errors, onChange }: MappingFormProps): ReactElement {
  const table = tables.find((t) => t.name === draft.table);
  const columns = (table?.columns ?? []).map((c) => ({
    value: c.name,
    label: c.type === '' ? c.name : `${c.name} · ${c.type.toLowerCase()}`,
  }));
  const set = (part: Partial<MappingDraft>): void => onChange({ ...draft, ...part });
  const column = {
    data: columns,
    searchable: true,
    nothingFoundMessage: 'No such column.',
    placeholder: 'Choose a column',
  } as const;
  return (
    <>
      <h2 className={classes.section}>Mapping</h2>
      <div className={classes.fields}>
        <Select
          label="Table or view"
          data={tables.map((t) => ({
            value: t.name,
            label: t.rows === null ? `${t.name} · view` : `${t.name} · ${formatUnits(t.rows, 'row')}`,
          }))}
          value={draft.table === '' ? null : draft.table}
          searchable
          error={errors.table}
          onChange={(name) => {
            const next = tables.find((t) => t.name === name);
            if (next !== undefined) onChange(changeTable(draft, next));
          }}
        />
        <Select
          {...column}
          label="Actor: who"
          value={draft.actor || null}
          error={errors.actor}
          onChange={(actor) => set({ actor: actor ?? '' })}
        />
        <div className={classes.pair}>
          <EventField draft={draft} column={column} error={errors.event} set={set} />
        </div>
        <TimeField
          label="Time: when"
          column={column}
          value={draft.time}
          format={draft.timeFormat}
          error={errors.time}
          onChange={(time, timeFormat) => set({ time, timeFormat })}
        />
        <TimeField
          label="Recorded at: when it became known (optional)"
          column={{ ...column, placeholder: 'None', clearable: true }}
          value={draft.recordedAt}
          format={draft.recordedAtFormat}
          error={errors.recordedAt}
          onChange={(recordedAt, recordedAtFormat) => set({ recordedAt, recordedAtFormat })}
        />
        <MultiSelect
          label="Properties"
          data={columns}
          value={[...(draft.properties ?? [])]}
          placeholder={draft.properties === null ? 'All other columns' : ''}
          searchable
          clearable
          error={errors.properties}
          onChange={(properties) => set({ properties: properties.length === 0 ? null : properties })}
        />
        <Select
          {...column}
          label="JSON column with more properties (optional)"
          placeholder="None"
          clearable
          value={draft.json || null}
          error={errors.json}
          onChange={(json) => set({ json: json ?? '' })}
        />
        <Textarea
          label="Row filter (optional): an SQL condition"
          placeholder={'"status" = \'complete\''}
          autosize
          minRows={1}
          maxRows={5}
          spellCheck={false}
          classNames={{ input: classes.sql ?? '' }}
          value={draft.filter}
          error={errors.filter}
          onChange={(event) => set({ filter: event.currentTarget.value })}
        />
      </div>
    </>
  );
}

interface ColumnProps {
  readonly data: { value: string; label: string }[];
  readonly searchable: boolean;
  readonly nothingFoundMessage: string;
  readonly placeholder: string;
  readonly clearable?: boolean;
}

interface EventFieldProps {
  readonly draft: MappingDraft;
  readonly column: ColumnProps;
  readonly error: string | undefined;
  readonly set: (part: Partial<MappingDraft>) => void;
}
function EventField({ draft, column, error, set }: EventFieldProps): ReactElement {
  const isColumn = draft.eventKind === 'column';
  return (
    <>
      {isColumn ? (
        <Select
          {...column}
          label="Event: what"
          value={draft.eventColumn || null}
          error={error}
          onChange={(value) => set({ eventColumn: value ?? '' })}
        />
      ) : (
        <TextInput
          label="Event: what"
          placeholder="A name for every row"
          value={draft.eventConstant}
          error={error}
          onChange={(event) => set({ eventConstant: event.currentTarget.value })}
        />
      )}
      <SegmentedControl
        className={classes.beside ?? ''}
        aria-label="Where the event's name comes from"
        data={[
          { value: 'column', label: 'Column' },
          { value: 'constant', label: 'One name' },
        ]}
        value={draft.eventKind}
        onChange={(kind) => set({ eventKind: kind === 'constant' ? 'constant' : 'column' })}
      />
    </>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly column: ColumnProps;
  readonly value: string;
  readonly format: TimeFormat;
  readonly error: string | undefined;
  readonly onChange: (column: string, format: TimeFormat) => void;
}
function TimeField({ label, column, value, format, error, onChange }: TimeFieldProps): ReactElement {
  return (
    <div className={classes.pair}>
      <Select
        {...column}
        label={label}
        value={value || null}
        error={error}
        onChange={(next) => onChange(next ?? '', format)}
      />
      <Select
        className={classes.beside ?? ''}
        aria-label={`${label}, format`}
        data={FORMAT_OPTIONS}
        value={format}
        allowDeselect={false}
        disabled={value === ''}
        onChange={(next) => onChange(value, asFormat(next))}
      />
    </div>
  );
}
