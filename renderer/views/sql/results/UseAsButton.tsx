import { Menu, Modal } from '@mantine/core';
import { Filter, Table2, Users } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { EngineError } from '../../../../protocol/index.ts';
import type { QueryCell, ResultColumn } from '../../../../protocol/query-result.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import { useSession } from '../../../stores/session.ts';
import { useWorkspace } from '../../../stores/workspace.ts';
import { formatCount, formatUnits } from '../../../widgets/format.ts';
import { MenuButton } from '../../../widgets/MenuButton.tsx';
import { notifyDone, notifyFailure } from '../../../widgets/notify.ts';
import { getFilteredDocument, MAX_FILTER_IDS } from '../../actors/actor-filter.ts';
import { getInitialFunnel } from '../../funnel/initial-funnel.ts';
import { KeepTableForm } from './KeepTableForm.tsx';
import { SegmentForm } from './SegmentForm.tsx';

const PAGE = 5_000;
const MOST_ROWS = 200_000;

/** Different ids of a column, as the engine writes actors: numbers as digits; NULL and empty are nobody. */
export function takeIds(into: Set<string>, rows: readonly (readonly QueryCell[])[], column: number): void {
  for (const row of rows) {
    const cell = row[column] ?? null;
    if (cell !== null && typeof cell === 'object') {
      if ('int' in cell) into.add(cell.int);
    } else if (cell !== null && cell !== '') into.add(String(cell));
  }
}

/** Throws E_LIMIT for more actors than a filter holds: it is written into the document. */
async function readIds(resultId: string, view: ResultView, column: number): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (let offset = 0; offset < MOST_ROWS; offset += PAGE) {
    const page = await query.rows(resultId, { offset, limit: PAGE }, view);
    takeIds(ids, page.rows, column);
    if (ids.size > MAX_FILTER_IDS)
      throw new EngineError('E_LIMIT', `There are more than ${formatCount(MAX_FILTER_IDS)} actors in this column.`, {
        hint: 'Use the result as a segment, which holds as many as you like, or narrow the statement.',
      });
    if (offset + page.rows.length >= page.total || page.rows.length === 0) break;
  }
  return [...ids];
}

/** Only these actors are counted in the funnel from now on; one undo step. */
async function applyAsFilter(resultId: string, view: ResultView, column: number): Promise<void> {
  const ids = await readIds(resultId, view, column);
  const { document, change, setView } = useWorkspace.getState();
  const { source, vocabulary } = useSession.getState();
  const own = document.analyses['funnel'];
  const funnel = own?.type === 'funnel' ? own : getInitialFunnel(vocabulary, source);
  change((old) => getFilteredDocument(old, funnel, ids), 'Use a result as a filter');
  setView('funnel');
  notifyDone(`Only these ${formatUnits(ids.length, 'actor')} are counted now; undo takes it back`);
}

export interface UseAsButtonProps {
  /** Of the tab. */
  readonly title: string;
  readonly resultId: string;
  readonly columns: readonly ResultColumn[];
  readonly view: ResultView;
  /** Of the view. */
  readonly rows: number;
  readonly disabled: boolean;
}
/** What a result is good for elsewhere: a column of ids as actors of analyses, all of it as a table to join with. */
export function UseAsButton({ title, resultId, columns, view, rows, disabled }: UseAsButtonProps): ReactElement {
  const [asked, setAsked] = useState<'segment' | 'table' | null>(null);
  const stop = (): void => setAsked(null);
  return (
    <>
      <MenuButton
        label="Use as"
        icon={<Filter size={13} />}
        width={240}
        isQuiet
        disabled={disabled}
        hint={disabled ? 'When all rows are there' : undefined}
      >
        <Menu.Label>Actors of the funnel, from the column</Menu.Label>
        {columns.slice(0, 12).map(({ name }, column) => (
          <Menu.Item
            key={`${name} ${String(column)}`}
            onClick={() => void applyAsFilter(resultId, view, column).catch(notifyFailure)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Users size={14} />} onClick={() => setAsked('segment')}>
          A segment…
        </Menu.Item>
        <Menu.Item leftSection={<Table2 size={14} />} onClick={() => setAsked('table')}>
          A local table…
        </Menu.Item>
      </MenuButton>
      <Modal opened={asked === 'segment'} onClose={stop} title="A segment" size="sm">
        <SegmentForm title={title} resultId={resultId} columns={columns} view={view} onDone={stop} />
      </Modal>
      <Modal opened={asked === 'table'} onClose={stop} title="A local table" size="sm">
        <KeepTableForm title={title} resultId={resultId} view={view} rows={rows} onDone={stop} />
      </Modal>
    </>
  );
}
