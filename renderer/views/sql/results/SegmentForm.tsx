import { Button, Input, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { FunnelQuery, Workspace, WorkspaceSegment } from '../../../../protocol/index.ts';
import type { ResultColumn } from '../../../../protocol/query-result.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import { keepTable } from '../../../stores/local-tables.ts';
import { addSegment, compareSegment, filterBySegment, useSegments } from '../../../stores/segments.ts';
import { useSession } from '../../../stores/session.ts';
import { useWorkspace } from '../../../stores/workspace.ts';
import { formatUnits } from '../../../widgets/format.ts';
import { notifyDone, notifyFailure } from '../../../widgets/notify.ts';
import { getInitialFunnel } from '../../funnel/initial-funnel.ts';
import { findFreeName, suggestTableName } from './local-table.ts';

type Use = 'only' | 'compare' | 'none';
const USES = [
  { value: 'only', label: 'Only these' },
  { value: 'compare', label: 'Compare' },
  { value: 'none', label: 'Not now' },
];

/** The column that is most likely to hold actors. */
export function guessActorColumn(columns: readonly ResultColumn[]): number {
  const names = columns.map(({ name }) => name.toLowerCase());
  const likely = [/^actor$/, /^user_?id$/, /^(actor|customer|account|person|client|member)_?id$/, /^user$/, /_?id$/];
  return Math.max(
    0,
    ...likely
      .map((pattern) => names.findIndex((name) => pattern.test(name)))
      .filter((i) => i >= 0)
      .slice(0, 1),
  );
}

function useIn(document: Workspace, segment: WorkspaceSegment, use: Use): Workspace {
  if (use === 'none') return document;
  const { source, vocabulary } = useSession.getState();
  const own = document.analyses['funnel'];
  const funnel: FunnelQuery = own?.type === 'funnel' ? own : getInitialFunnel(vocabulary, source);
  const next = use === 'only' ? filterBySegment(funnel, segment, 'in') : compareSegment(funnel, segment);
  return { ...document, analyses: { ...document.analyses, funnel: next } };
}

interface Wanted {
  readonly name: string;
  readonly column: number;
  readonly use: Use;
  /** The one of this name, which is made anew; analyses that use it go on. */
  readonly old: WorkspaceSegment | undefined;
}
async function makeSegment(resultId: string, view: ResultView, { name, column, use, old }: Wanted): Promise<void> {
  const tables = old === undefined ? (await query.listTables()).map((table) => table.name) : [];
  const table = old?.table ?? findFreeName(suggestTableName(name), tables);
  const kept = await keepTable(resultId, { name: table, replace: old !== undefined, actors: column }, view);
  const source = useSession.getState().source?.name ?? '';
  const segment = { table: kept.name, name, actors: kept.rows, source };
  addSegment(segment, (document) => useIn(document, segment, use));
  if (use !== 'none') useWorkspace.getState().setView('funnel');
  notifyDone(`${formatUnits(kept.rows, 'actor')} are the segment “${name}”`);
}

export interface SegmentFormProps {
  /** Of the tab. */
  readonly title: string;
  readonly resultId: string;
  readonly columns: readonly ResultColumn[];
  readonly view: ResultView;
  readonly onDone: () => void;
}
/** Asks what a segment is to be called, which column holds its actors and what it is for. */
export function SegmentForm({ title, resultId, columns, view, onDone }: SegmentFormProps): ReactElement {
  const segments = useSegments();
  const [name, setName] = useState(title);
  const [column, setColumn] = useState(() => guessActorColumn(columns));
  const [use, setUse] = useState<Use>('only');
  const wanted = name.trim();
  const old = segments.find((segment) => segment.name.toLowerCase() === wanted.toLowerCase());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted === '') return;
        onDone();
        void makeSegment(resultId, view, { name: wanted, column, use, old }).catch(notifyFailure);
      }}
    >
      <TextInput
        label="Name"
        description="All analyses can be filtered by it."
        maxLength={100}
        value={name}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        mt={12}
        label="Column with the actors"
        data={columns.map((c, i) => ({ value: String(i), label: c.name }))}
        value={String(column)}
        allowDeselect={false}
        searchable={columns.length > 12}
        onChange={(value) => setColumn(Number(value))}
      />
      <Input.Wrapper mt={12} label="In the funnel" labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label="In the funnel"
          data={USES}
          value={use}
          onChange={(value) => setUse(value as Use)}
        />
      </Input.Wrapper>
      <Button type="submit" variant="filled" mt={16} fullWidth disabled={wanted === ''}>
        {old === undefined ? 'Make the segment' : `Replace its ${formatUnits(old.actors, 'actor')}`}
      </Button>
    </form>
  );
}
