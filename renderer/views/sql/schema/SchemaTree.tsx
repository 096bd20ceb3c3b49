import { Menu, Modal, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronRight, Eye, KeyRound, ListOrdered, Table2, Layers } from 'lucide-react';
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import type { SchemaColumn, SchemaInfo, SchemaTable } from '../../../../protocol/query-schema.ts';
import { dropTable } from '../../../stores/local-tables.ts';
import { openInSql } from '../../../stores/sql-tabs.ts';
import { useSqlRuns } from '../../../stores/sql-runs.ts';
import { formatBytes, formatCompact, formatCount } from '../../../widgets/format.ts';
import { notifyAction } from '../../../widgets/notify-action.tsx';
import { notifyFailure } from '../../../widgets/notify.ts';
import { insertText } from '../insert-text.ts';
import { quoteName } from '../language/keywords.ts';
import { sameName } from '../language/token.ts';
import { editorContext } from '../editor/editor-context.ts';
import { findInSchema, type FoundTable } from './schema-filter.ts';
import classes from '../sql.module.css';

/** Tables with what belongs to them; partitions stand under their parent. */
export function SchemaTree({ schema, search }: { readonly schema: SchemaInfo; readonly search: string }): ReactElement {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set());
  const [ddl, setDdl] = useState<{ title: string; text: string } | null>(null);
  const host = useRef<HTMLDivElement>(null);
  const found = findInSchema(schema.tables, search);
  const toggle = (key: string): void =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  useEffect(() => {
    editorContext.showTable = (of, name) => {
      const table = schema.tables.find(
        (t) => sameName(t.name, name, schema.dialect) && (of === null || t.schema === of),
      );
      if (table === undefined) return;
      setOpen((old) => new Set(old).add(keyOf(table)));
      requestAnimationFrame(() => {
        const row = host.current?.querySelector<HTMLElement>(`[data-table="${CSS.escape(keyOf(table))}"]`);
        row?.scrollIntoView({ block: 'center' });
        row?.focus();
      });
    };
  }, [schema]);
  if (found.length === 0)
    return (
      <p className={classes.muted} style={{ padding: 8 }}>
        Nothing has this name.
      </p>
    );
  return (
    <div ref={host} role="tree" aria-label="Schema">
      {found.map((f) => (
        <TableNode
          key={keyOf(f.table)}
          found={f}
          schema={schema}
          isOpen={open.has(keyOf(f.table)) || f.isOpen}
          open={open}
          toggle={toggle}
          onDdl={(title, text) => setDdl({ title, text })}
        />
      ))}
      <Modal opened={ddl !== null} onClose={() => setDdl(null)} title={ddl?.title ?? ''} size="lg">
        <pre className={classes.ddl}>{ddl?.text}</pre>
      </Modal>
    </div>
  );
}

const keyOf = (t: { readonly schema: string; readonly name: string }): string => `${t.schema}.${t.name}`;

/** As it must be written in a query. */
export function writtenName(t: { readonly schema: string; readonly name: string }, schema: SchemaInfo): string {
  const name = quoteName(t.name, schema.dialect);
  return t.schema === schema.defaultSchema ? name : `${quoteName(t.schema, schema.dialect)}.${name}`;
}

/** The first rows; of a partitioned table the query says so itself. */
function preview(t: { readonly schema: string; readonly name: string }, schema: SchemaInfo): void {
  const sql = `SELECT *\nFROM ${writtenName(t, schema)}\nLIMIT 200;`;
  const tabId = openInSql(sql, t.name);
  void useSqlRuns
    .getState()
    .start(tabId, [{ sql: sql.slice(0, -1), params: {} }], { kind: 'run', confirmedScan: true });
}

/** Kept from a result; the only tables that are ours to drop. */
const isLocal = (t: SchemaTable, schema: SchemaInfo): boolean => schema.dialect === 'sqlite' && t.schema === 'scratch';

async function dropLocal({ name }: SchemaTable): Promise<void> {
  const restore = await dropTable(name);
  notifyAction(`Dropped scratch.${name}`, { label: 'Undo', run: restore });
}

interface TableNodeProps {
  readonly found: FoundTable;
  readonly schema: SchemaInfo;
  readonly isOpen: boolean;
  readonly open: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
  readonly onDdl: (title: string, text: string) => void;
}
function TableNode({ found, schema, isOpen, open, toggle, onDdl }: TableNodeProps): ReactElement {
  const { table, columns } = found;
  const key = keyOf(table);
  const [menu, setMenu] = useState(false);
  const Icon = table.kind.endsWith('view') ? Eye : Table2;
  const { ddl } = table;
  return (
    <>
      <Menu
        opened={menu}
        onChange={(opened) => !opened && setMenu(false)}
        position="bottom-start"
        offset={0}
        width={180}
      >
        <Menu.Target>
          <UnstyledButton
            className={classes.item}
            role="treeitem"
            aria-expanded={isOpen}
            aria-selected={false}
            data-table={key}
            title={titleOf(table)}
            onClick={() => toggle(key)}
            onDoubleClick={() => preview(table, schema)}
            onContextMenu={(event) => {
              event.preventDefault();
              setMenu(true);
            }}
          >
            {isOpen ? <ChevronDown size={12} /> : <ChevronRight size={12} />}
            <Icon size={14} />
            <span className={classes.name}>{table.schema === schema.defaultSchema ? table.name : key}</span>
            <small>{table.rows === null ? '' : `${table.isEstimate ? '~' : ''}${formatCompact(table.rows)}`}</small>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => preview(table, schema)}>Preview 200 rows</Menu.Item>
          <Menu.Item onClick={() => insertText(writtenName(table, schema))}>Insert the name</Menu.Item>
          <Menu.Item onClick={() => insertText(table.columns.map((c) => quoteName(c.name, schema.dialect)).join(', '))}>
            Insert its columns
          </Menu.Item>
          {ddl !== null && <Menu.Item onClick={() => onDdl(table.name, ddl)}>Show the definition</Menu.Item>}
          {isLocal(table, schema) && (
            <Menu.Item onClick={() => void dropLocal(table).catch(notifyFailure)}>Drop the table</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isOpen && (
        <>
          {columns.map((column) => (
            <ColumnNode key={column.name} column={column} schema={schema} />
          ))}
          <Group
            name="Indexes"
            count={table.indexes.length}
            id={`${key} indexes`}
            open={open}
            toggle={toggle}
            icon={<ListOrdered size={13} />}
          >
            {table.indexes.map((index) => (
              <div key={index.name} className={`${classes.item} ${classes.column}`} title={index.ddl ?? index.name}>
                <span className={classes.name}>{index.columns.join(', ')}</span>
                <small>{index.unique ? 'unique' : ''}</small>
              </div>
            ))}
          </Group>
          <Group
            name="Partitions"
            count={table.partitions.length}
            id={`${key} partitions`}
            open={open}
            toggle={toggle}
            icon={<Layers size={13} />}
          >
            {table.partitions.map((p) => (
              <UnstyledButton
                key={p.name}
                className={`${classes.item} ${classes.column}`}
                title={p.bounds ?? p.name}
                onDoubleClick={() => preview(p, schema)}
              >
                <span className={classes.name}>{p.name}</span>
                <small>{p.rows === null ? '' : formatCompact(p.rows)}</small>
              </UnstyledButton>
            ))}
          </Group>
        </>
      )}
    </>
  );
}

function titleOf(t: SchemaTable): string {
  const rows = t.rows === null ? 'not counted' : `${t.isEstimate ? 'about ' : ''}${formatCount(t.rows)} rows`;
  return [`${t.kind}, ${rows}${t.bytes === null ? '' : `, ${formatBytes(t.bytes)}`}`, t.comment ?? '']
    .filter((s) => s !== '')
    .join('\n');
}

function ColumnNode({ column, schema }: { readonly column: SchemaColumn; readonly schema: SchemaInfo }): ReactElement {
  return (
    <UnstyledButton
      className={`${classes.item} ${classes.column}`}
      role="treeitem"
      aria-selected={false}
      title={[
        `${column.type}${column.notNull ? ', not null' : ''}${column.primaryKey ? ', primary key' : ''}`,
        column.comment ?? '',
      ]
        .join('\n')
        .trim()}
      onDoubleClick={() => insertText(quoteName(column.name, schema.dialect))}
    >
      {column.primaryKey && <KeyRound size={11} className={classes.pk} />}
      <span className={classes.name}>{column.name}</span>
      <small>{column.type.toLowerCase()}</small>
    </UnstyledButton>
  );
}

interface GroupProps {
  readonly name: string;
  readonly count: number;
  readonly id: string;
  readonly open: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
  readonly icon: ReactNode;
  readonly children: ReactNode;
}
function Group({ name, count, id, open, toggle, icon, children }: GroupProps): ReactElement | null {
  if (count === 0) return null;
  const isOpen = open.has(id);
  return (
    <>
      <UnstyledButton className={`${classes.item} ${classes.group2}`} aria-expanded={isOpen} onClick={() => toggle(id)}>
        {isOpen ? <ChevronDown size={12} /> : <ChevronRight size={12} />}
        {icon}
        <span className={classes.name}>{name}</span>
        <small>{formatCount(count)}</small>
      </UnstyledButton>
      {isOpen && children}
    </>
  );
}
