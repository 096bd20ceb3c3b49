import type { SchemaInfo, SchemaTable } from '../../../protocol/query-schema.ts';
import { isDenied } from './denied-functions.ts';
import { COLUMNS, FUNCTIONS, INDEXES, REFERENCES, RELATIONS } from './catalog-queries.ts';
import type { ReadOnlySession } from './read-only-session.ts';

interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly rows: number;
  readonly bytes: number;
  readonly comment: string | null;
  readonly definition: string | null;
  readonly parent: string | null;
  readonly bounds: string | null;
}
type Owned<T> = T & { readonly table: string };
type Column = Owned<SchemaTable['columns'][number]>;
type Index = Owned<SchemaTable['indexes'][number]>;
type Reference = Owned<SchemaTable['references'][number]>;

const KINDS: Readonly<Record<string, SchemaTable['kind']>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

/** From the catalogs alone, in five queries: counts and sizes are those of the last ANALYZE or VACUUM. */
export async function readSchema(session: ReadOnlySession, defaultSchema: string): Promise<SchemaInfo> {
  const relations = await session.rows<Relation>(RELATIONS);
  const columns = byTable(await session.rows<Column>(COLUMNS));
  const indexes = byTable(await session.rows<Index>(INDEXES));
  const references = byTable(await session.rows<Reference>(REFERENCES));
  const named = await session.rows<{ name: string }>(FUNCTIONS);
  const functions = named.map(({ name }) => name).filter((name) => !isDenied(name));
  const children = groupByParent(relations.filter(({ parent }) => parent !== null));
  const tables = relations
    .filter(({ parent }) => parent === null)
    .map((relation) => {
      const parts = leavesOf(relation.oid, children);
      const table = toTable(relation, parts);
      const own = columns.get(relation.oid) ?? [];
      return {
        ...table,
        columns: own,
        indexes: indexes.get(relation.oid) ?? [],
        references: references.get(relation.oid) ?? [],
        ddl: relation.definition === null ? createTable(relation, own) : createView(relation),
      };
    });
  return { dialect: 'postgres', defaultSchema, tables, functions };
}

function byTable<T>(rows: readonly Owned<T>[]): Map<string, T[]> {
  const tables = new Map<string, T[]>();
  for (const { table, ...row } of rows) {
    const list = tables.get(table) ?? [];
    list.push(row as unknown as T);
    tables.set(table, list);
  }
  return tables;
}

function groupByParent(relations: readonly Relation[]): Map<string, Relation[]> {
  const groups = new Map<string, Relation[]>();
  for (const relation of relations) {
    const list = groups.get(relation.parent ?? '') ?? [];
    list.push(relation);
    groups.set(relation.parent ?? '', list);
  }
  return groups;
}

/** Partitions of partitions too. */
function leavesOf(oid: string, children: ReadonlyMap<string, readonly Relation[]>): Relation[] {
  return (children.get(oid) ?? []).flatMap((child) => [child, ...leavesOf(child.oid, children)]);
}

const toRows = ({ rows }: Relation): number | null => (rows < 0 ? null : rows);

function toTable(
  relation: Relation,
  parts: readonly Relation[],
): Omit<SchemaTable, 'columns' | 'indexes' | 'references' | 'ddl'> {
  const { schema, name, kind, comment } = relation;
  const isView = kind === 'v';
  const all = parts.length === 0 ? [relation] : parts.filter((part) => part.kind !== 'p');
  const known = all.map(toRows);
  return {
    schema,
    name,
    kind: KINDS[kind] ?? 'table',
    comment,
    rows:
      isView || known.every((rows) => rows === null) ? null : known.reduce<number>((sum, rows) => sum + (rows ?? 0), 0),
    isEstimate: true,
    bytes: isView ? null : all.reduce((sum, { bytes }) => sum + bytes, 0),
    partitions: parts.map((part) => ({
      schema: part.schema,
      name: part.name,
      bounds: part.bounds,
      rows: toRows(part),
      bytes: part.bytes,
    })),
  };
}

const quote = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
const fullName = ({ schema, name }: Relation): string => `${quote(schema)}.${quote(name)}`;

function createTable(relation: Relation, columns: SchemaTable['columns']): string {
  const lines = columns.map(({ name, type, notNull }) => `  ${quote(name)} ${type}${notNull ? ' NOT NULL' : ''}`);
  const keys = columns.filter(({ primaryKey }) => primaryKey).map(({ name }) => quote(name));
  if (keys.length > 0) lines.push(`  PRIMARY KEY (${keys.join(', ')})`);
  return `CREATE TABLE ${fullName(relation)} (\n${lines.join(',\n')}\n);`;
}

const createView = (relation: Relation): string =>
  `CREATE ${relation.kind === 'm' ? 'MATERIALIZED VIEW' : 'VIEW'} ${fullName(relation)} AS\n${relation.definition ?? ''}`;
