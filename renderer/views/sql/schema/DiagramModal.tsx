import { Modal } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import type { SchemaInfo } from '../../../../protocol/query-schema.ts';
import { BOX_WIDTH, HEAD, layOut, ROW, type DiagramBox, type DiagramLine } from './diagram-layout.ts';
import classes from '../sql.module.css';

/** Local tables refer to nothing. */
const withoutLocal = (schema: SchemaInfo): SchemaInfo =>
  schema.dialect === 'sqlite' ? { ...schema, tables: schema.tables.filter((t) => t.schema !== 'scratch') } : schema;

export interface DiagramModalProps {
  readonly schema: SchemaInfo;
  readonly opened: boolean;
  readonly onClose: () => void;
}
/** Tables and their foreign keys, drawn from the schema. */
export function DiagramModal({ schema, opened, onClose }: DiagramModalProps): ReactElement {
  const diagram = useMemo(() => (opened ? layOut(withoutLocal(schema)) : null), [schema, opened]);
  return (
    <Modal opened={opened} onClose={onClose} title="Relations" size="auto">
      {diagram !== null && (
        <svg
          className={classes.diagram}
          width={diagram.width}
          height={diagram.height}
          viewBox={`0 0 ${diagram.width} ${diagram.height}`}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an inline drawing cannot be an img
          role="img"
          aria-label={`${diagram.boxes.length} tables, ${diagram.lines.length} foreign keys`}
        >
          {diagram.lines.map((line) => (
            <Line key={line.id} line={line} />
          ))}
          {diagram.boxes.map((box) => (
            <Box key={`${box.table.schema}.${box.table.name}`} box={box} />
          ))}
        </svg>
      )}
    </Modal>
  );
}

function Line({ line: { from, to, label } }: { readonly line: DiagramLine }): ReactElement {
  const bend = Math.max(30, Math.abs(from.x - to.x) / 2);
  return (
    <g fill="none" stroke="var(--muted)" strokeWidth={1.25}>
      <title>{label}</title>
      <path d={`M${from.x},${from.y} C${from.x - bend},${from.y} ${to.x + bend},${to.y} ${to.x},${to.y}`} />
      <circle cx={to.x} cy={to.y} r={3} fill="var(--accent)" stroke="none" />
    </g>
  );
}

function Box({ box }: { readonly box: DiagramBox }): ReactElement {
  const { table, x, y, height, columns } = box;
  const keys = new Set(table.columns.filter((c) => c.primaryKey).map((c) => c.name));
  const typeOf = new Map(table.columns.map((c) => [c.name, c.type.toLowerCase()]));
  return (
    <g transform={`translate(${x},${y})`}>
      <rect width={BOX_WIDTH} height={height} rx={6} fill="var(--panel)" stroke="var(--border-strong)" />
      <text x={10} y={17} fontWeight={600} fill="var(--text)">
        {table.name}
      </text>
      <line x1={0} x2={BOX_WIDTH} y1={HEAD} y2={HEAD} stroke="var(--border)" />
      {columns.map((name, i) => (
        <g key={name} transform={`translate(0,${HEAD + i * ROW + 14})`}>
          <text x={10} fill="var(--text)" fontSize={11.5} fontWeight={keys.has(name) ? 600 : 400}>
            {name.length > 18 ? `${name.slice(0, 17)}…` : name}
          </text>
          <text x={BOX_WIDTH - 10} textAnchor="end" fill="var(--muted)" fontSize={11}>
            {(typeOf.get(name) ?? '').slice(0, 12)}
          </text>
        </g>
      ))}
    </g>
  );
}
