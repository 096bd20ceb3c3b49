import { ActionIcon, Button, SegmentedControl, Tooltip, UnstyledButton } from '@mantine/core';
import { PanelRight } from 'lucide-react';
import { lazy, Suspense, useEffect, useState, type ReactElement } from 'react';
import type { Truncation } from '../../../../protocol/query-result.ts';
import { WHOLE, type ResultView } from '../../../engine/query-client.ts';
import { useActiveRun, useSqlRuns, useTabRuns, type RunResult, type SqlRun } from '../../../stores/sql-runs.ts';
import { changeTab, getTab } from '../../../stores/sql-tabs.ts';
import { formatBytes, formatCount, formatMs, formatUnits } from '../../../widgets/format.ts';
import { notifyDone, notifyFailure } from '../../../widgets/notify.ts';
import { EmptyState, ErrorPanel } from '../../../widgets/states.tsx';
import { copyAs, type CopyFormat } from './copy-formats.ts';
import { DetailPane, type DetailTab } from './DetailPane.tsx';
import { PlanTree } from './PlanTree.tsx';
import { readPart } from './read-part.ts';
import type { Chosen } from './ResultGrid.tsx';
import { CopyButton, ExportButton } from './ResultMenus.tsx';
import { countCells, type Box } from './selection.ts';
import { UseAsButton } from './UseAsButton.tsx';
import classes from './results.module.css';

const loadGrid = () => import('./ResultGrid.tsx');
const ResultGrid = lazy(async () => ({ default: (await loadGrid()).ResultGrid }));
/** After the editor has had its time: the first rows are not to wait for the grid. */
const LOAD_GRID_MS = 800;
const ChartPane = lazy(async () => ({ default: (await import('../charts/ChartPane.tsx')).ChartPane }));

/** Everything below the editor: what the last run gave, in rows, as a chart, as a plan, or why it gave nothing. */
export function ResultPane({
  tabId,
  title,
  onShowError,
}: {
  readonly tabId: string;
  readonly title: string;
  readonly onShowError?: () => void;
}): ReactElement {
  const run = useActiveRun(tabId);
  useEffect(() => {
    const timer = setTimeout(() => void loadGrid(), LOAD_GRID_MS);
    return () => clearTimeout(timer);
  }, []);
  if (run === null)
    return (
      <div className={classes.pane}>
        <div className={classes.center}>
          <EmptyState>Results appear here. Ctrl+Enter runs the statement at the cursor.</EmptyState>
        </div>
      </div>
    );
  return (
    <RunPane
      key={run.id}
      tabId={tabId}
      title={title}
      run={run}
      {...(onShowError === undefined ? {} : { onShowError })}
    />
  );
}

function RunTabs({ tabId }: { readonly tabId: string }): ReactElement | null {
  const { runs, activeRun } = useTabRuns(tabId);
  if (runs.length < 2) return null;
  return (
    <div className={classes.runs} role="tablist" aria-label="Results">
      {runs.map((run, i) => (
        <UnstyledButton
          key={run.id}
          role="tab"
          className={classes.runTab}
          aria-selected={run.id === activeRun}
          data-failed={run.status === 'failed' || undefined}
          title={run.sql.slice(0, 300)}
          onClick={() => useSqlRuns.getState().show(tabId, run.id)}
        >
          {`Result ${i + 1}`}
        </UnstyledButton>
      ))}
    </div>
  );
}

interface RunPaneProps {
  readonly tabId: string;
  readonly title: string;
  readonly run: SqlRun;
  readonly onShowError?: () => void;
}
function RunPane({ tabId, title, run }: RunPaneProps): ReactElement {
  const [shape, setShape] = useState<'rows' | 'chart'>('rows');
  const [view, setView] = useState<ResultView>(WHOLE);
  const [total, setTotal] = useState<number | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [detail, setDetail] = useState<DetailTab | null>(null);
  const { result } = run;
  const isPlain = view.filter.length === 0;
  const rows = isPlain ? (result?.rows ?? 0) : (total ?? 0);

  const copy = (format: CopyFormat, cells: Box | null): void => {
    if (result === null || rows === 0) return;
    const box: Box = cells ?? { top: 0, bottom: rows - 1, left: 0, right: result.columns.length - 1 };
    readPart(result.resultId, result.columns, view, { ...box, bottom: Math.min(box.bottom, rows - 1) })
      .then(async (part) => {
        await navigator.clipboard.writeText(copyAs(format, part));
        notifyDone(`${formatUnits(part.rows.length * part.columns.length, 'cell')} copied`);
      })
      .catch(notifyFailure);
  };
  return (
    <section className={classes.pane} aria-label="Result">
      <div className={classes.bar}>
        <RunTabs tabId={tabId} />
        <Summary run={run} shown={isPlain ? null : rows} />
        <span className={classes.gap} />
        {run.status === 'running' && (
          <Button size="xs" onClick={() => useSqlRuns.getState().cancel(tabId)}>
            Cancel
          </Button>
        )}
        {result !== null && (
          <>
            <SegmentedControl
              size="xs"
              aria-label="How the result is shown"
              value={shape}
              onChange={(value) => setShape(value as typeof shape)}
              data={[
                { value: 'rows', label: 'Rows' },
                { value: 'chart', label: 'Chart' },
              ]}
            />
            <CopyButton
              cells={chosen === null ? 0 : countCells(chosen.box)}
              disabled={rows === 0}
              onCopy={(format) => copy(format, chosen?.box ?? null)}
            />
            <UseAsButton
              title={title}
              resultId={result.resultId}
              columns={result.columns}
              view={view}
              rows={rows}
              disabled={!result.isDone || rows === 0}
            />
            <ExportButton name={title} resultId={result.resultId} view={view} rows={rows} isDone={result.isDone} />
            <Tooltip label="Cell, row and column details">
              <ActionIcon
                aria-label="Details"
                aria-pressed={detail !== null}
                onClick={() => setDetail((d) => (d === null ? 'cell' : null))}
              >
                <PanelRight size={15} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </div>
      <div className={classes.body}>
        <div className={classes.main}>
          {run.error !== null && result === null && (
            <div className={classes.center}>
              <ErrorPanel error={run.error} title={titleOf(run)} />
            </div>
          )}
          {run.plan !== null && <PlanTree plan={run.plan} />}
          {run.status === 'running' && result === null && <Waiting run={run} />}
          {result !== null && (
            <Suspense fallback={null}>
              {shape === 'chart' ? (
                <ChartPane tabId={tabId} title={title} result={result} view={view} rows={rows} />
              ) : result.columns.length === 0 ? (
                <div className={classes.center}>The statement gave no columns.</div>
              ) : (
                <ResultGrid
                  result={result}
                  layout={getTab(tabId)?.columns ?? []}
                  onLayout={(columns) => changeTab(tabId, { columns })}
                  onView={(next) => setView((old) => (JSON.stringify(old) === JSON.stringify(next) ? old : next))}
                  onTotal={setTotal}
                  onChoose={setChosen}
                  onCopy={(box) => copy('tsv', box)}
                  onOpen={(tab) => setDetail((d) => tab ?? d ?? 'cell')}
                />
              )}
            </Suspense>
          )}
        </div>
        {result !== null && detail !== null && shape === 'rows' && (
          <DetailPane
            resultId={result.resultId}
            columns={result.columns}
            at={chosen?.head ?? null}
            view={view}
            rows={result.rows}
            tab={detail}
            onTab={setDetail}
            onClose={() => setDetail(null)}
          />
        )}
      </div>
    </section>
  );
}

const titleOf = (run: SqlRun): string =>
  run.error?.code === 'E_CANCELLED' ? 'Cancelled' : 'The statement did not run';

function Waiting({ run }: { readonly run: SqlRun }): ReactElement {
  return (
    <div className={classes.center}>
      <output className={classes.summary}>{run.progress?.phase === 'starting' ? 'Starting …' : 'Running …'}</output>
    </div>
  );
}

const WHY: Readonly<Record<Truncation, string>> = {
  rows: 'cut off by the row limit',
  bytes: 'cut off by the size limit',
  deadline: 'cut off by the time limit',
  cancelled: 'cancelled: not all rows',
};
/** How much, how fast, and whether it is all. */
function Summary({ run, shown }: { readonly run: SqlRun; readonly shown: number | null }): ReactElement {
  const { result } = run;
  return (
    <output className={classes.summary} aria-label="About the result">
      {result !== null && (
        <span>
          {shown !== null && (
            <>
              <strong>{formatCount(shown)}</strong> of{' '}
            </>
          )}
          <strong>{formatCount(result.rows)}</strong> {result.rows === 1 ? 'row' : 'rows'}
          {run.status === 'running' ? ' so far' : ''}
        </span>
      )}
      {result?.truncatedBy !== null && result !== null && (
        <span className={classes.warn}>{WHY[result.truncatedBy]}</span>
      )}
      {result !== null && result.firstRowMs !== null && (
        <span title="Until the first row">first row {formatMs(result.firstRowMs)}</span>
      )}
      <span>{run.status === 'running' && result === null ? '' : formatMs(run.elapsedMs)}</span>
      {result !== null && <span>{formatBytes(result.bytes)}</span>}
      {notesOf(result).map((note) => (
        <span key={note} className={classes.note} title={note}>
          {note}
        </span>
      ))}
    </output>
  );
}
const notesOf = (result: RunResult | null): readonly string[] => result?.notes.slice(0, 2) ?? [];
