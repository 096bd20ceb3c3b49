import type { SchemaInfo, SchemaTable, SqlVocabulary } from '../../../protocol/query-schema.ts';
import type { Vocabulary } from '../../../protocol/index.ts';
import type { Catalogue, CatalogueColumn, CatalogueTable, Counted } from './language/catalogue.ts';

/** What the engine's own reading of the source adds: counts of event types, and which columns mean what. */
export interface Known {
  readonly vocabulary: Vocabulary | null;
  readonly eventColumn: string;
}

/** The schema and the data's names, as the editor uses them. */
export function buildCatalogue(schema: SchemaInfo, seen: SqlVocabulary | null, known: Known): Catalogue {
  const events = eventTypes(seen, known.vocabulary);
  const tables = schema.tables.flatMap((table) => [
    toTable(table, schema, seen, events, known.eventColumn),
    ...table.partitions.map((p): CatalogueTable => ({
      schema: p.schema,
      name: p.name,
      kind: 'partition',
      rows: p.rows,
      comment: p.bounds,
      references: [],
      columns: columnsOf(table, seen, events, known.eventColumn),
    })),
  ]);
  return {
    dialect: schema.dialect,
    tables: tables.map((t) => ({ ...t, schema: t.schema === schema.defaultSchema ? null : t.schema })),
  };
}

function eventTypes(seen: SqlVocabulary | null, vocabulary: Vocabulary | null): readonly Counted[] {
  const counts = new Map((vocabulary?.events ?? []).map((e) => [e.name, e.count]));
  const names = seen?.eventTypes.map((e) => ({ name: e.name, count: e.count ?? counts.get(e.name) ?? 0 })) ?? [];
  const all = names.length > 0 ? names : (vocabulary?.events ?? []).map((e) => ({ name: e.name, count: e.count }));
  return all.toSorted((a, b) => b.count - a.count);
}

function toTable(
  t: SchemaTable,
  schema: SchemaInfo,
  seen: SqlVocabulary | null,
  events: readonly Counted[],
  eventColumn: string,
): CatalogueTable {
  return {
    schema: t.schema,
    name: t.name,
    kind:
      t.partitions.length > 0 || t.kind === 'partitioned table'
        ? 'partitioned'
        : t.kind.endsWith('view')
          ? 'view'
          : 'table',
    rows: t.rows,
    comment: t.comment,
    references: t.references
      .filter((r) => r.toSchema === t.schema || r.toSchema === schema.defaultSchema)
      .map((r) => ({ columns: r.columns, table: r.toTable, toColumns: r.toColumns })),
    columns: columnsOf(t, seen, events, eventColumn),
  };
}

const columnsOf = (
  t: SchemaTable,
  seen: SqlVocabulary | null,
  events: readonly Counted[],
  eventColumn: string,
): readonly CatalogueColumn[] =>
  t.columns.map((c) => {
    const keys =
      seen?.jsonKeys.find((k) => k.schema === t.schema && k.table === t.name && k.column === c.name)?.keys ?? [];
    return {
      ...c,
      ...(c.name === eventColumn ? { values: events } : {}),
      ...(keys.length === 0
        ? {}
        : {
            keys: keys
              .map((k) => ({ name: k.key, count: 0, share: k.share, type: k.type }))
              .toSorted((a, b) => b.share - a.share),
          }),
    };
  });
