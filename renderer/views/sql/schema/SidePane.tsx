import { ActionIcon, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { ListChecks, RefreshCw, Workflow } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { useSqlSession } from '../../../stores/sql-session.ts';
import { SkeletonRows } from '../../../widgets/states.tsx';
import { DiagramModal } from './DiagramModal.tsx';
import { HistoryList } from './HistoryList.tsx';
import { QualityModal } from './QualityModal.tsx';
import { SavedList } from './SavedList.tsx';
import { SchemaTree } from './SchemaTree.tsx';
import classes from '../sql.module.css';

const PAGES = [
  { value: 'schema', label: 'Schema' },
  { value: 'history', label: 'History' },
  { value: 'saved', label: 'Saved' },
];

/** What there is to ask, what was asked, and what is kept. */
export function SidePane(): ReactElement {
  const [page, setPage] = useState('schema');
  const [search, setSearch] = useState('');
  const [hasDiagram, setDiagram] = useState(false);
  const [hasQuality, setQuality] = useState(false);
  const schema = useSqlSession((s) => s.schema);
  return (
    <aside className={classes.side} aria-label="SQL side">
      <div className={classes.sideHead}>
        <SegmentedControl fullWidth size="xs" aria-label="Side" value={page} onChange={setPage} data={PAGES} />
      </div>
      <div className={classes.sideSearch}>
        <TextInput
          size="xs"
          aria-label={`Search ${page}`}
          placeholder={page === 'schema' ? 'Tables and columns' : 'Search'}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {page === 'schema' && (
          <>
            <Tooltip label="Diagram of the relations">
              <ActionIcon
                aria-label="Diagram of the relations"
                disabled={schema === null}
                onClick={() => setDiagram(true)}
              >
                <Workflow size={14} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Quality of the event table">
              <ActionIcon
                aria-label="Quality of the event table"
                disabled={schema === null}
                onClick={() => setQuality(true)}
              >
                <ListChecks size={14} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Read the schema again">
              <ActionIcon
                aria-label="Read the schema again"
                onClick={() => void useSqlSession.getState().refreshSchema()}
              >
                <RefreshCw size={14} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </div>
      <div className={classes.sideBody}>
        {page === 'history' ? (
          <HistoryList search={search} />
        ) : page === 'saved' ? (
          <SavedList search={search} />
        ) : schema === null ? (
          <SkeletonRows rows={12} height={26} />
        ) : (
          <SchemaTree schema={schema} search={search} />
        )}
      </div>
      {schema !== null && <DiagramModal schema={schema} opened={hasDiagram} onClose={() => setDiagram(false)} />}
      {hasQuality && <QualityModal onClose={() => setQuality(false)} />}
    </aside>
  );
}
