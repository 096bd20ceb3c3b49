import { Button } from '@mantine/core';
import { useEffect, type ReactElement } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useSession } from '../../stores/session.ts';
import { useSettings } from '../../stores/settings.ts';
import { useSqlSession } from '../../stores/sql-session.ts';
import { addTab, useSqlPart } from '../../stores/sql-tabs.ts';
import { EmptyState, ErrorPanel } from '../../widgets/states.tsx';
import { runCommandById } from '../frame/run-command.ts';
import { prefetchEditor } from './editor/load-editor.ts';
import { SidePane } from './schema/SidePane.tsx';
import { SqlWork } from './SqlWork.tsx';
import classes from './sql.module.css';

const SIDE = 'sql.side';
const SIDE_WIDTH = 260;

// The view is here before it is looked at, when there was nothing else to do: then the editor may come, too.
prefetchEditor();

/** Ad-hoc SQL on what is open: schema, tabs, editor, results. */
export function SqlView(): ReactElement {
  const source = useSession((s) => s.source);
  const error = useSqlSession((s) => (s.phase === 'failed' ? s.error : null));
  const hasTabs = useSqlPart((s) => s.tabs.length > 0);
  const ref = source?.ref;
  useEffect(() => {
    if (ref !== undefined) void useSqlSession.getState().open(ref);
  }, [ref]);
  useEffect(() => {
    if (ref !== undefined && !hasTabs) addTab();
  }, [ref, hasTabs]);
  return (
    <section className={classes.view} aria-label="SQL">
      {source === null ? (
        <EmptyState action={<Button onClick={() => void runCommandById('file.open')}>Open a snapshot…</Button>}>
          No source is open.
        </EmptyState>
      ) : error !== null ? (
        <ErrorPanel
          title="The source could not be opened for SQL"
          error={error}
          onRetry={() => void useSqlSession.getState().reopen()}
        />
      ) : (
        <Body />
      )}
    </section>
  );
}

function Body(): ReactElement {
  const width = useSettings((s) => s.settings.panels[SIDE]) ?? SIDE_WIDTH;
  return (
    <Group className={classes.group} orientation="horizontal" id="sql">
      <Panel
        id="sql-side"
        defaultSize={width}
        minSize={180}
        maxSize={520}
        groupResizeBehavior="preserve-pixel-size"
        onResize={({ inPixels }) => useSettings.getState().setPanel(SIDE, Math.round(inPixels))}
      >
        <SidePane />
      </Panel>
      <Separator className={classes.vertical} aria-label="Width of the schema" />
      <Panel id="sql-work" minSize={420}>
        <SqlWork />
      </Panel>
    </Group>
  );
}
