import type Database from 'better-sqlite3';
import type { FoundRow, RowPlace, ScanSlice } from './event-source.ts';
import { textExpression, type EventTable } from './event-table.ts';
import type { Cell } from './parse-time.ts';
import { readAllKeys } from './read-metadata.ts';
import { quote } from './read-schema.ts';
import { cellText, type Row } from './row-reader.ts';
import { sliceStatement } from './scan-slice.ts';
import { SliceRows } from './slice-rows.ts';
import type { SliceDetail } from './slices.ts';

/** Rows of an earlier scan, each found by reading on from a row near it, with everything they say. */
export function lookUpRows(
  db: Database.Database,
  events: EventTable,
  slice: ScanSlice,
  places: readonly RowPlace[],
  actorProperty: string | null,
): readonly FoundRow[] {
  const seqOf = rowFinder(db, events, slice.detail as SliceDetail, actorProperty);
  const read = rowTeller(db, events);
  return places.map((place) => {
    const seq = seqOf(place);
    return seq === null ? { props: {}, recordedAt: null } : read(seq);
  });
}

function rowFinder(
  db: Database.Database,
  events: EventTable,
  whole: SliceDetail,
  actorProperty: string | null,
): (place: RowPlace) => number | null {
  const rows = new SliceRows(db, events, whole, { properties: [], recordedAt: false, actorProperty });
  const lastRow = whole.toRow ?? Number.MAX_SAFE_INTEGER;
  const statementFrom = (fromRow: number): ReturnType<typeof sliceStatement> =>
    sliceStatement(events, rows.reader.select, { ...whole, index: null, fromRow, toRow: lastRow });
  const statement = db.prepare(statementFrom(0).sql).raw(true);
  return ({ fromSeq, skip }) => {
    let left = skip;
    for (const row of statement.iterate(...statementFrom(fromSeq).values) as IterableIterator<Row>) {
      const seq = Number(row[0]);
      if (rows.judge(row, seq) === 'event' && left-- === 0) return seq;
    }
    return null;
  };
}

/** A column goes before a key of the same name, as in a scan. */
function rowTeller(db: Database.Database, events: EventTable): (seq: number) => FoundRow {
  const { table, json, recordedAt, properties } = events;
  const select = [
    json === null ? 'NULL' : quote(json),
    recordedAt === null ? 'NULL' : quote(recordedAt.column),
    ...properties.map(textExpression),
  ];
  const statement = db
    .prepare<[number], Cell[]>(
      `SELECT ${select.join(', ')} FROM main.${quote(table.name)} WHERE ${table.rowid ?? ''} = ?`,
    )
    .raw(true);
  return (seq) => {
    const [text = null, recorded = null, ...cells] = statement.get(seq) ?? [];
    const keys = typeof text === 'string' ? readAllKeys(text) : [];
    const columns = properties.map((name, i): [string, string | null] => [name, cellText(cells[i] ?? null)]);
    const props = [...keys, ...columns].filter((entry): entry is [string, string] => entry[1] !== null);
    const time = recordedAt?.read(recorded) ?? Number.NaN;
    return { props: Object.fromEntries(props), recordedAt: Number.isNaN(time) ? null : time };
  };
}
