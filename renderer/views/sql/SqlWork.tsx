import { Button, Modal, Skeleton } from '@mantine/core';
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
  type ReactElement,
} from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { SqlTab } from '../../../protocol/index.ts';
import type { SqlCheck } from '../../../protocol/query-schema.ts';
import { useFrame } from '../../stores/frame.ts';
import { useSession } from '../../stores/session.ts';
import { useSettings } from '../../stores/settings.ts';
import { useActiveRun } from '../../stores/sql-runs.ts';
import { useSqlSession } from '../../stores/sql-session.ts';
import { addTab, changeTab, closeTab, getActiveTab, reopenTab, useSqlPart } from '../../stores/sql-tabs.ts';
import { addCommands, type Command } from '../frame/command-registry.ts';
import { boundText, boundValue } from './bound-value.ts';
import { editorContext } from './editor/editor-context.ts';
import { loadEditor } from './editor/load-editor.ts';
import type { SqlEditorHandle } from './editor/SqlEditor.tsx';
import { useInsert } from './insert-text.ts';
import { getParameters } from './language/statements.ts';
import { ParamBar } from './ParamBar.tsx';
import { ResultPane } from './results/ResultPane.tsx';
import { RunBar } from './RunBar.tsx';
import { TabStrip } from './TabStrip.tsx';
import { useCatalogue } from './use-catalogue.ts';
import { useEstimate } from './use-estimate.ts';
import { useRunner, type Runner, type RunWhat } from './use-runner.ts';
import classes from './sql.module.css';

const SqlEditor = lazy(async () => ({ default: (await loadEditor()).SqlEditor }));
const EDITOR = 'sql.editor';
const EDITOR_HEIGHT = 260;
/** Text goes to the workspace when typing rests. */
const KEEP_AFTER_MS = 200;

/** Tabs, the editor and what comes of it. */
export function SqlWork(): ReactElement {
  const tabs = useSqlPart((s) => s.tabs);
  const activeId = useSqlPart((s) => s.activeTab);
  const tab = tabs.find((t) => t.id === activeId) ?? tabs[0];
  return (
    <div className={classes.work}>
      <TabStrip tabs={tabs} active={tab?.id ?? null} />
      {tab === undefined ? null : <TabWork tab={tab} tabs={tabs} />}
    </div>
  );
}

function TabWork({ tab, tabs }: { readonly tab: SqlTab; readonly tabs: readonly SqlTab[] }): ReactElement {
  const session = useSqlSession((s) => s.session);
  const source = useSession((s) => s.source);
  const frame = useFrame();
  const editor = useRef<SqlEditorHandle>(null);
  const [offset, setOffset] = useState(0);
  const [check, setCheck] = useState<SqlCheck | null>(null);
  const { text, setText } = useTabText(tab);
  useCatalogue();
  const dialect = session?.dialect ?? (source?.ref.kind === 'postgres' ? 'postgres' : 'sqlite');
  const sessionId = session?.sessionId ?? null;
  const bound = useCallback((name: string) => boundValue(name, frame, source), [frame, source]);
  const names = useMemo(() => getParameters(text, dialect), [text, dialect]);
  const estimate = useEstimate({ sessionId, text, offset, dialect, check, typed: tab.params, bound });
  const runner = useRunner({ tab, dialect, editor, bound, estimate });
  const ids = useMemo(() => tabs.map((t) => t.id), [tabs]);
  useEffect(() => {
    editorContext.parameters = names;
  }, [names]);
  useInsert(editor);
  useSqlCommands(runner);
  const height = useSettings((s) => s.settings.panels[EDITOR]) ?? EDITOR_HEIGHT;
  return (
    <>
      <RunBar tab={tab} runner={runner} estimate={estimate} session={session} editor={editor} />
      <ParamBar
        tab={tab}
        names={names}
        missing={runner.missing}
        bound={bound}
        boundText={(name) => boundText(name, frame)}
      />
      <Group className={classes.group} orientation="vertical" id="sql-tab">
        <Panel
          id="sql-editor"
          defaultSize={height}
          minSize={72}
          groupResizeBehavior="preserve-pixel-size"
          onResize={({ inPixels }) => useSettings.getState().setPanel(EDITOR, Math.round(inPixels))}
        >
          <Suspense fallback={<EditorSkeleton />}>
            <SqlEditor
              ref={editor}
              tabId={tab.id}
              tabIds={ids}
              text={text}
              dialect={dialect}
              sessionId={sessionId}
              onChange={setText}
              onCursor={setOffset}
              onCheck={setCheck}
            />
          </Suspense>
        </Panel>
        <Separator className={classes.horizontal} aria-label="Height of the editor" />
        <Panel id="sql-results" minSize={100}>
          <ResultPane tabId={tab.id} title={tab.title} />
        </Panel>
      </Group>
      <ScanQuestion runner={runner} />
    </>
  );
}

/** The text as it is typed; the workspace gets it a moment later, and at the latest when the tab is left. */
function useTabText({ id, text }: SqlTab): { readonly text: string; readonly setText: (text: string) => void } {
  const [typed, setTyped] = useState<{ readonly id: string; readonly text: string } | null>(null);
  useEffect(() => {
    if (typed === null) return undefined;
    const keep = (): void => {
      changeTab(typed.id, { text: typed.text });
      setTyped((now) => (now === typed ? null : now));
    };
    const timer = setTimeout(keep, KEEP_AFTER_MS);
    window.addEventListener('pagehide', keep);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('pagehide', keep);
    };
  }, [typed]);
  // Leaving the tab or the view within that moment loses nothing.
  const flush = useEffectEvent(() => {
    if (typed !== null) changeTab(typed.id, { text: typed.text });
  });
  useEffect(() => () => flush(), [id]);
  const setText = useCallback((next: string) => setTyped({ id, text: next }), [id]);
  return { text: typed !== null && typed.id === id ? typed.text : text, setText };
}

function useSqlCommands(runner: Runner): void {
  const run = useEffectEvent((what: RunWhat) => runner.run(what));
  const explain = useEffectEvent(() => runner.explain(false));
  const format = useEffectEvent(() => runner.format());
  useEffect(() => {
    const command = (id: string, title: string, act: () => unknown, shortcut?: string): Command => ({
      id,
      title,
      group: 'Analysis',
      keywords: ['sql', 'query'],
      ...(shortcut === undefined ? {} : { shortcut }),
      run: act,
    });
    return addCommands([
      command('sql.run', 'Run the statement at the cursor', () => run('here')),
      command('sql.runAll', 'Run all statements', () => run('all'), 'mod+shift+Enter'),
      command('sql.explain', 'Explain the statement', () => explain(), 'mod+E'),
      command('sql.format', 'Format the text', () => format()),
      command('sql.newTab', 'New SQL tab', () => addTab()),
      command('sql.closeTab', 'Close the SQL tab', () => closeTab(getActiveTab()?.id ?? '')),
      command('sql.reopenTab', 'Reopen the closed SQL tab', reopenTab),
      command('sql.refresh', 'Read the schema again', () => useSqlSession.getState().refreshSchema()),
    ]);
  }, []);
}

function EditorSkeleton(): ReactElement {
  return (
    <div className={classes.loading}>
      <Skeleton height={12} width="40%" />
      <Skeleton height={12} width="55%" />
      <Skeleton height={12} width="30%" />
    </div>
  );
}

/** An unbounded scan of a server needs a yes. */
function ScanQuestion({ runner }: { readonly runner: Runner }): ReactElement {
  return (
    <Modal opened={runner.asking !== null} onClose={() => runner.answer(false)} title="Read without bounds?">
      <p>{runner.asking?.text}</p>
      <p className={classes.muted}>
        Nothing bounds this statement on a server that others use. A condition on the time or the partition key keeps it
        small.
      </p>
      <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8, marginTop: 16 }}>
        <Button onClick={() => runner.answer(false)} data-autofocus>
          Don’t run
        </Button>
        <Button variant="filled" color="danger" onClick={() => runner.answer(true)}>
          Run anyway
        </Button>
      </div>
    </Modal>
  );
}

export const useIsRunning = (tabId: string): boolean => useActiveRun(tabId)?.status === 'running';
