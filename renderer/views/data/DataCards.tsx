import { Button } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import type { Inspection, Mapping, Partition, ReadingWay, SourceInfo, TableInfo } from '../../../protocol/index.ts';
import { Chart } from '../../charts/Chart.tsx';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount } from '../../widgets/format.ts';
import { Card } from '../../widgets/layout.tsx';
import { AnswerState, EmptyState, SkeletonRows, type AnswerLike } from '../../widgets/states.tsx';
import { runCommandById } from '../frame/run-command.ts';
import { PlainTable } from '../parts/PlainTable.tsx';
import { CALENDAR_WEEKS, getCalendar, getPartitionDays } from './partition-days.ts';
import classes from './data.module.css';

/** What is odd about the data, and how it was handled. Nothing is mended silently. */
export function IssuesCard({ source }: { readonly source: SourceInfo }): ReactElement {
  return (
    <Card title={`Found in the data${source.issues.length === 0 ? '' : `: ${source.issues.length}`}`}>
      {source.issues.length === 0 ? (
        <p className={classes.muted}>Nothing odd: hours and times agree, ids are unique, every event has an actor.</p>
      ) : (
        <PlainTable
          label="Issues"
          rows={source.issues}
          keyOf={(issue) => issue.kind}
          columns={[
            { title: 'What', width: 168, cell: (issue) => getIssueText(issue.kind) },
            { title: 'Rows', numeric: true, width: 80, cell: (issue) => formatCount(issue.rows) },
            { title: 'Meaning', cell: (issue) => issue.text },
          ]}
        />
      )}
    </Card>
  );
}

/** `mis_keyed_hour` → `Mis keyed hour`. */
function getIssueText(kind: string): string {
  const words = kind.replaceAll('_', ' ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** How rows become events. */
export function MappingCard({ source }: { readonly source: SourceInfo }): ReactElement {
  const change = (
    <Button size="xs" onClick={() => void runCommandById('file.mapping')}>
      Change…
    </Button>
  );
  return (
    <Card title="How it is read" actions={change}>
      <PlainTable
        label="Mapping"
        rows={getMappingRows(source.mapping)}
        keyOf={([what]) => what}
        columns={[
          { title: 'Part', width: 120, cell: ([what]) => what },
          { title: 'Read from', cell: ([, from]) => <code>{from}</code> },
        ]}
      />
      {source.reading !== null && source.reading !== undefined && (
        <p className={classes.muted}>{getReadingText(source.reading)}</p>
      )}
    </Card>
  );
}

/** Which way the file was read this time, and why not the fast one. */
function getReadingText({ reader, reason }: ReadingWay): string {
  if (reader === 'pages') return 'Read from the file’s own pages.';
  return `Read row by row through SQLite${reason === null ? '' : `: ${reason}`}.`;
}
export function getMappingRows(mapping: Mapping | null): readonly (readonly [string, string])[] {
  if (mapping === null)
    return [
      ['Table', 'global_events'],
      ['Actor', 'metadata.user_id, else the user of metadata.shop_id'],
      ['Event', 'event_type'],
      ['Time', 'event_time, hours by ts (UTC)'],
      ['Known since', 'recorded_at'],
      ['Properties', 'metadata'],
    ];
  const properties = mapping.properties;
  return [
    ['Table', mapping.table],
    ['Actor', mapping.actor],
    ['Event', 'column' in mapping.event ? mapping.event.column : `always “${mapping.event.constant}”`],
    ['Time', `${mapping.time.column} (${mapping.time.format})`],
    ...(mapping.recordedAt === undefined || mapping.recordedAt === null
      ? []
      : [['Known since', `${mapping.recordedAt.column} (${mapping.recordedAt.format})`] as const]),
    [
      'Properties',
      properties === undefined || properties === null ? 'all other columns' : properties.join(', ') || 'none',
    ],
    ...(mapping.json === undefined || mapping.json === null ? [] : [['JSON properties', mapping.json] as const]),
    ...(mapping.filter === undefined || mapping.filter === null ? [] : [['Only rows where', mapping.filter] as const]),
  ];
}

/** Days of the event store, and the hours of one. */
export function PartitionsCard({ source }: { readonly source: SourceInfo }): ReactElement {
  const theme = useChartTheme();
  const days = useMemo(() => getPartitionDays(source.partitions), [source.partitions]);
  const calendar = useMemo(() => (days.length === 0 ? null : getCalendar(days, theme)), [days, theme]);
  const [chosen, setChosen] = useState<string | null>(null);
  const day = days.find((d) => d.day === chosen) ?? days.at(-1);
  if (calendar === null || day === undefined)
    return (
      <Card title="Partitions">
        <p className={classes.muted}>This source has no hourly partitions.</p>
      </Card>
    );
  return (
    <Card title={`Partitions: ${formatCount(source.partitions.length)} hours on ${formatCount(days.length)} days`}>
      {days.length > 1 ? (
        <Chart
          {...calendar.picture}
          height={210}
          label="Events per UTC day"
          onSelect={({ dataIndex }) => {
            const picked = calendar.days[dataIndex];
            if (picked !== undefined && days.some((d) => d.day === picked)) setChosen(picked);
          }}
        />
      ) : null}
      {days.length > CALENDAR_WEEKS * 7 ? <p className={classes.muted}>The newest two years are drawn.</p> : null}
      <div className={classes.dayHead}>
        <strong>{day.day}</strong>
        <span
          className={classes.muted}
        >{`${formatCount(day.rows)} events in ${day.partitions.length} hours, UTC`}</span>
        <Button
          size="xs"
          variant="subtle"
          onClick={() =>
            useWorkspace.getState().setRange({ from: `${day.day}T00:00:00Z`, to: `${day.day}T23:59:59.999Z` })
          }
        >
          Use as range
        </Button>
      </div>
      <Hours partitions={day.partitions} />
    </Card>
  );
}

function Hours({ partitions }: { readonly partitions: readonly Partition[] }): ReactElement {
  const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  return (
    <div className={classes.hours}>
      <PlainTable
        label="Hours of the day"
        rows={partitions}
        keyOf={(p) => p.hour}
        columns={[
          { title: 'Hour (UTC)', cell: (p) => <code>{p.hour}</code> },
          { title: 'Events', numeric: true, cell: (p) => formatCount(p.rows) },
          { title: 'First event (UTC)', numeric: true, cell: (p) => text(p.firstTime) },
          { title: 'Last event (UTC)', numeric: true, cell: (p) => text(p.lastTime) },
        ]}
      />
    </div>
  );
}

/** Everything the file holds, used or not. */
export function TablesCard({ answer }: { readonly answer: AnswerLike<Inspection> }): ReactElement {
  return (
    <Card title="Tables and views">
      <div className={classes.tables}>
        <AnswerState
          answer={answer}
          skeleton={<SkeletonRows rows={6} />}
          isEmpty={(r) => r.tables.length === 0}
          empty={<EmptyState>This file has no tables.</EmptyState>}
        >
          {(inspection) => inspection.tables.map((table) => <Table key={table.name} table={table} />)}
        </AnswerState>
      </div>
    </Card>
  );
}
function Table({ table }: { readonly table: TableInfo }): ReactElement {
  return (
    <details className={classes.table}>
      <summary>
        <code>{table.name}</code>
        <span
          className={classes.muted}
        >{`${table.kind === 'view' ? 'view · ' : ''}${table.rows === null ? 'rows not counted' : `${formatCount(table.rows)} rows`} · ${table.columns.length} columns`}</span>
      </summary>
      <PlainTable
        label={`Columns of ${table.name}`}
        rows={table.columns}
        keyOf={(column) => column.name}
        columns={[
          { title: 'Column', cell: (column) => <code>{column.name}</code> },
          { title: 'Type', cell: (column) => column.type },
          {
            title: '',
            hiddenTitle: 'Constraints',
            cell: (column) =>
              [column.primaryKey ? 'primary key' : '', column.notNull ? 'not null' : '']
                .filter((s) => s !== '')
                .join(', '),
          },
        ]}
      />
    </details>
  );
}
