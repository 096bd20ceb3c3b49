import { useEffect, useMemo } from 'react';
import { engine } from '../../engine/client.ts';
import { useSession } from '../../stores/session.ts';
import { useSqlSession } from '../../stores/sql-session.ts';
import { buildCatalogue } from './build-catalogue.ts';
import { editorContext } from './editor/editor-context.ts';
import type { Catalogue, Counted } from './language/catalogue.ts';

const DEFAULT_EVENT_COLUMN = 'event_type';
const MOST_VALUES = 50;

/** Values of a JSON key, by the engine; asked once a key and source. */
const kept = new Map<string, Promise<readonly Counted[]>>();
function valuesOf(sourceId: string, key: string): Promise<readonly Counted[]> {
  const id = `${sourceId} ${key}`;
  const known = kept.get(id);
  if (known !== undefined) return known;
  const asked = engine
    .values({ property: key, limit: MOST_VALUES }, { sourceId })
    .then(({ values }) => values.map((v) => ({ name: v.value, count: v.count })))
    .catch((): readonly Counted[] => []);
  kept.set(id, asked);
  return asked;
}

/** What completion, hover and the tree know of the open database, kept up to date for the editor. */
export function useCatalogue(): Catalogue {
  const schema = useSqlSession((s) => s.schema);
  const dialect = useSqlSession((s) => s.session?.dialect ?? 'sqlite');
  const seen = useSqlSession((s) => s.vocabulary);
  const source = useSession((s) => s.source);
  const vocabulary = useSession((s) => s.vocabulary);
  const event = source?.mapping?.event;
  const eventColumn = event !== undefined && 'column' in event ? event.column : DEFAULT_EVENT_COLUMN;
  const catalogue = useMemo(
    () => (schema === null ? { dialect, tables: [] } : buildCatalogue(schema, seen, { vocabulary, eventColumn })),
    [schema, dialect, seen, vocabulary, eventColumn],
  );
  const sourceId = source?.sourceId;
  useEffect(() => {
    editorContext.catalogue = catalogue;
    editorContext.valuesOf = (key) => (sourceId === undefined ? Promise.resolve([]) : valuesOf(sourceId, key));
  }, [catalogue, sourceId]);
  return catalogue;
}
