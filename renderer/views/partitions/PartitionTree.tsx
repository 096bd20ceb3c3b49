import { ActionIcon } from '@mantine/core';
import { CalendarRange, ChevronRight } from 'lucide-react';
import { useMemo, useState, type KeyboardEvent, type ReactElement } from 'react';
import type { PlanSummary, ServerPartition } from '../../../protocol/index.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatBytes, formatCount } from '../../widgets/format.ts';
import { getChildren, getRoots, hasChildren, type HourList, type TreeNode } from './partition-tree.ts';
import classes from './partitions.module.css';

interface TreeProps {
  readonly list: HourList;
  readonly partitions: readonly ServerPartition[];
  readonly plan: Pick<PlanSummary, 'fromHour' | 'toHour'>;
}
interface Line {
  readonly node: TreeNode;
  readonly depth: number;
  readonly isOpen: boolean;
  /** Rows of the largest beside it. */
  readonly most: number;
}

/** Partitions, their days and hours, with rows and sizes; what is pruned is pale. */
export function PartitionTree({ list, partitions, plan: { fromHour, toHour } }: TreeProps): ReactElement {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set());
  const read = useMemo(() => ({ from: fromHour, to: toHour }), [fromHour, toHour]);
  const roots = useMemo(() => getRoots(list, partitions, read), [list, partitions, read]);
  const lines = useMemo(() => {
    const flat = (nodes: readonly TreeNode[], depth: number): Line[] => {
      const most = Math.max(1, ...nodes.map(({ rows }) => rows));
      return nodes.flatMap((node) => {
        const isOpen = open.has(node.id);
        return [{ node, depth, isOpen, most }, ...(isOpen ? flat(getChildren(list, node, read), depth + 1) : [])];
      });
    };
    return flat(roots, 0);
  }, [roots, open, list, read]);
  const toggle = (id: string, isOpen: boolean): void =>
    setOpen((old) => new Set(isOpen ? [...old, id] : [...old].filter((other) => other !== id)));
  const hasSizes = partitions.length > 0;
  return (
    <table className={classes.tree} aria-label="Partitions, with rows and sizes">
      <thead>
        <tr>
          <th scope="col">{hasSizes ? 'Partition' : 'Hours (UTC)'}</th>
          <th scope="col" data-numeric colSpan={2}>
            Rows
          </th>
          {hasSizes && (
            <th scope="col" data-numeric>
              On disk
            </th>
          )}
          <th scope="col">Read</th>
          <th aria-label="Use as range" />
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.node.id} line={line} hasSizes={hasSizes} onToggle={toggle} />
        ))}
      </tbody>
    </table>
  );
}

const READS = { all: 'read', part: 'in part', none: 'pruned' } as const;

interface RowProps {
  readonly line: Line;
  readonly hasSizes: boolean;
  readonly onToggle: (id: string, isOpen: boolean) => void;
}
function Row({ line: { node, depth, isOpen, most }, hasSizes, onToggle }: RowProps): ReactElement {
  const opens = hasChildren(node);
  return (
    <tr data-reads={node.reads}>
      <td>
        <button
          type="button"
          className={classes.name}
          style={{ paddingLeft: depth * 14 }}
          title={node.span === null ? node.name : `${node.name}: ${node.span[0]} to before ${node.span[1]}`}
          {...(opens ? { 'aria-expanded': isOpen } : { 'data-leaf': true })}
          onClick={() => opens && onToggle(node.id, !isOpen)}
          onKeyDown={(event) => {
            if (opens && event.key === 'ArrowRight') onToggle(node.id, true);
            if (opens && event.key === 'ArrowLeft') onToggle(node.id, false);
            moveFocus(event);
          }}
        >
          <ChevronRight size={12} aria-hidden />
          <span>{node.name}</span>
        </button>
      </td>
      <td aria-hidden>
        <span className={classes.bar}>
          <i style={{ width: `${(node.rows / most) * 100}%` }} />
          <b style={{ width: `${(node.rowsRead / most) * 100}%` }} />
        </span>
      </td>
      <td data-numeric>
        {node.isEstimate && node.rows > 0 ? '≈ ' : ''}
        {formatCount(node.rows)}
      </td>
      {hasSizes && <td data-numeric>{node.bytes === null ? '' : formatBytes(node.bytes)}</td>}
      <td className={classes.reads} title={node.reads === 'part' ? `${formatCount(node.rowsRead)} rows` : undefined}>
        {READS[node.reads]}
      </td>
      <td className={classes.use}>
        {node.rows > 0 && isBounded(node.span) && (
          <ActionIcon
            size={24}
            aria-label={`Use ${node.name} as range`}
            title="Use as range"
            onClick={() => setRange(node.span)}
          >
            <CalendarRange size={13} />
          </ActionIcon>
        )}
      </td>
    </tr>
  );
}

/** Bounds like MAXVALUE are no moments. */
const isBounded = (span: TreeNode['span']): boolean => span !== null && span[0] > '0001' && span[1] < '9999';

function setRange(span: TreeNode['span']): void {
  if (span === null) return;
  const [from, to] = span;
  const last = new Date(Date.parse(`${to}:00:00Z`) - 1).toISOString();
  useWorkspace.getState().setRange({ from: `${from}:00:00Z`, to: last });
}

/** Up and down among the names. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const names = [
    ...(event.currentTarget.closest('tbody')?.querySelectorAll<HTMLElement>(`.${classes.name ?? ''}`) ?? []),
  ];
  const at = names.indexOf(event.currentTarget);
  event.preventDefault();
  names[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
}
