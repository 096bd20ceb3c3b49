import { ActionIcon, Button, SegmentedControl, Skeleton } from '@mantine/core';
import { X } from 'lucide-react';
import { useEffect, useState, type CSSProperties, type ReactElement } from 'react';
import { toErrorData, type ErrorData } from '../../../../protocol/index.ts';
import type { ColumnStats, QueryCell, ResultColumn, RowsPage } from '../../../../protocol/query-result.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import { formatBytes, formatCount, formatNumber, formatShare } from '../../../widgets/format.ts';
import { isCut, jsonOf, shownText, textOf, typeText } from './cell-text.ts';
import { JsonTree } from './JsonTree.tsx';
import type { Cell } from './selection.ts';
import classes from './results.module.css';

export type DetailTab = 'cell' | 'row' | 'column';
export interface DetailPaneProps {
  readonly resultId: string;
  readonly columns: readonly ResultColumn[];
  /** null = nothing is chosen. */
  readonly at: Cell | null;
  readonly view: ResultView;
  /** Asks again when the result has grown. */
  readonly rows: number;
  readonly tab: DetailTab;
  readonly onTab: (tab: DetailTab) => void;
  readonly onClose: () => void;
}

/** One cell whole, one row as a list, or a column in figures. */
export function DetailPane(props: DetailPaneProps): ReactElement {
  const { at, columns, tab } = props;
  const column = at === null ? undefined : columns[at.column];
  return (
    <aside className={classes.detail} aria-label="Details">
      <div className={classes.detailHead}>
        <SegmentedControl
          size="xs"
          aria-label="What details show"
          value={tab}
          onChange={(value) => props.onTab(value as DetailTab)}
          data={[
            { value: 'cell', label: 'Cell' },
            { value: 'row', label: 'Row' },
            { value: 'column', label: 'Column' },
          ]}
        />
        <span className={classes.gap} />
        <ActionIcon aria-label="Close details" onClick={props.onClose}>
          <X size={14} />
        </ActionIcon>
      </div>
      <div className={classes.detailBody}>
        {at === null || column === undefined ? (
          <p className={classes.count}>Choose a cell.</p>
        ) : tab === 'column' ? (
          <Column {...props} at={at} column={column} />
        ) : (
          <Row {...props} at={at} column={column} />
        )}
      </div>
    </aside>
  );
}

type PartProps = DetailPaneProps & { readonly at: Cell; readonly column: ResultColumn };

function useAsked<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  key: string,
): { readonly value: T | null; readonly error: ErrorData | null } {
  const [state, setState] = useState<{ key: string; value: T | null; error: ErrorData | null }>({
    key: '',
    value: null,
    error: null,
  });
  useEffect(() => {
    const stop = new AbortController();
    ask(stop.signal).then(
      (value) => !stop.signal.aborted && setState({ key, value, error: null }),
      (thrown: unknown) => !stop.signal.aborted && setState({ key, value: null, error: toErrorData(thrown) }),
    );
    return () => stop.abort();
    // oxlint-disable-next-line react/exhaustive-deps -- `key` says all that `ask` depends on
  }, [key]);
  return state.key === key ? state : { value: null, error: null };
}

function Row({ resultId, columns, at, column, view, tab }: PartProps): ReactElement {
  const { value: page, error } = useAsked<RowsPage>(
    (signal) => query.rows(resultId, { offset: at.row, limit: 1 }, view, { signal }),
    JSON.stringify([resultId, at.row, view]),
  );
  const cells = page?.rows[0];
  if (error !== null) return <p role="alert">{error.message}</p>;
  if (page === null || cells === undefined) return <Skeleton height={80} />;
  if (tab === 'row')
    return (
      <dl className={classes.pairs}>
        {columns.map((c, i) => (
          <Pair key={i} name={c.name} cell={cells[i]} />
        ))}
      </dl>
    );
  return (
    <CellValue resultId={resultId} row={page.numbers[0] ?? 0} at={at} column={column} cell={cells[at.column] ?? null} />
  );
}

function Pair({ name, cell }: { readonly name: string; readonly cell: QueryCell | undefined }): ReactElement {
  return (
    <>
      <dt title={name}>{name}</dt>
      <dd data-null={cell === null || undefined}>{cell === '' ? '(empty text)' : shownText(cell)}</dd>
    </>
  );
}

interface CellValueProps {
  readonly resultId: string;
  readonly row: number;
  readonly at: Cell;
  readonly column: ResultColumn;
  readonly cell: QueryCell;
}
function CellValue({ resultId, row, at, column, cell }: CellValueProps): ReactElement {
  const [whole, setWhole] = useState<{ row: number; column: number; cell: QueryCell } | null>(null);
  const shown = whole !== null && whole.row === row && whole.column === at.column ? whole.cell : cell;
  const json = jsonOf(typeof shown === 'object' && shown !== null && 'text' in shown ? shown.text : shown);
  const size = typeof cell === 'object' && cell !== null && 'bytes' in cell ? ` · ${formatBytes(cell.bytes)}` : '';
  return (
    <>
      <p className={classes.detailTitle}>
        {column.name}{' '}
        <small>
          {typeText(column)}
          {size}
        </small>
      </p>
      {shown === null ? (
        <p className={classes.count}>NULL</p>
      ) : shown === '' ? (
        <p className={classes.count}>(empty text)</p>
      ) : json === null ? (
        <pre className={classes.value}>{textOf(shown)}</pre>
      ) : (
        <JsonTree value={json} />
      )}
      {isCut(shown) && (
        <Button
          size="xs"
          mt={8}
          onClick={() =>
            void query.cell(resultId, row, at.column).then((value) => setWhole({ row, column: at.column, cell: value }))
          }
        >
          Show the whole value
        </Button>
      )}
    </>
  );
}

function Column({ resultId, at, column, view, rows }: PartProps): ReactElement {
  const { value: stats, error } = useAsked<ColumnStats>(
    (signal) => query.stats(resultId, at.column, view, { signal }),
    JSON.stringify([resultId, at.column, view.filter, rows]),
  );
  if (error !== null)
    return (
      <p role="alert">
        {error.message} ({error.code})
      </p>
    );
  if (stats === null) return <Skeleton height={160} />;
  const facts: readonly (readonly [string, string])[] = [
    ['Rows', formatCount(stats.rows)],
    ['NULL', `${formatCount(stats.nulls)}${stats.rows > 0 ? ` · ${formatShare(stats.nulls / stats.rows)}` : ''}`],
    ['Distinct', `${stats.isDistinctExact ? '' : 'at least '}${formatCount(stats.distinct)}`],
    ['Min', shownText(stats.min)],
    ['Max', shownText(stats.max)],
    ...(stats.mean === null ? [] : [['Mean', formatNumber(stats.mean)] as const]),
  ];
  return (
    <>
      <p className={classes.detailTitle}>
        {column.name} <small>{typeText(column)}</small>
      </p>
      <dl className={classes.pairs}>
        {facts.map(([name, text]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {stats.histogram.length > 1 && <Histogram bins={stats.histogram} />}
      {stats.top.length > 0 && <Top stats={stats} />}
    </>
  );
}

function Histogram({ bins }: { readonly bins: ColumnStats['histogram'] }): ReactElement {
  const most = Math.max(1, ...bins.map((b) => b.count));
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- drawn with boxes, read as one picture */}
      <div className={classes.histogram} role="img" aria-label="Histogram of the values">
        {bins.map((b) => (
          <span
            key={b.from}
            style={{ height: `${(100 * b.count) / most}%` }}
            title={`${formatNumber(b.from)} to ${formatNumber(b.to)}: ${formatCount(b.count)}`}
          />
        ))}
      </div>
      <div className={classes.ends}>
        <span>{formatNumber(bins[0]?.from ?? 0)}</span>
        <span>{formatNumber(bins.at(-1)?.to ?? 0)}</span>
      </div>
    </>
  );
}

function Top({ stats }: { readonly stats: ColumnStats }): ReactElement {
  const most = Math.max(1, ...stats.top.map((t) => t.count));
  return (
    <div className={classes.top}>
      {stats.top.slice(0, 12).map((t, i) => (
        <div key={i} style={{ display: 'contents' }}>
          <span className={classes.topBar} style={{ '--share': `${(100 * t.count) / most}%` } as CSSProperties}>
            <span>{t.value === '' ? '(empty text)' : shownText(t.value)}</span>
          </span>
          <span className={classes.count}>{formatCount(t.count)}</span>
        </div>
      ))}
    </div>
  );
}
