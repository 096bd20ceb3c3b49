import { createReadStream, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { parse } from 'csv-parse';
import type { Mapping, SourceRef } from '../../protocol/index.ts';
import { importFile } from '../../worker/source/import.ts';
import { asRecord, type Json } from './compare.ts';

/** `expected/<id>.json`: facts about one data set, computed by others (FORMAT.md). */
export interface DataSet {
  readonly id: string;
  /** In `data/`. */
  readonly file: string;
  readonly mapping: DataMapping;
  readonly facts: Readonly<Record<string, Json>>;
}
/** Columns of the file. `rowFilter` is SQL; an event written `constant 'x'` is the same for every row. */
interface DataMapping {
  readonly actor: string;
  readonly event: string;
  readonly time: string;
  readonly table?: string;
  readonly rowFilter?: string;
}

/** Data sets whose expectations and file are both in the folder. */
export function readDataSets(folder: string): DataSet[] {
  const directory = path.join(folder, 'expected');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => asRecord(JSON.parse(readFileSync(path.join(directory, file), 'utf8'))))
    .map((facts) => ({
      id: String(facts['id']),
      file: path.join(folder, 'data', String(facts['file'])),
      mapping: asRecord(facts['mapping']) as unknown as DataMapping,
      facts,
    }));
}

/**
 * How the file becomes a source: a database is opened as it is by a mapping; a table with a row filter is opened by a
 * mapping too, after its rows were copied as text into SQLite; everything else goes through `tributary import`.
 */
export async function prepareSource(data: DataSet, folder: string): Promise<SourceRef> {
  const { mapping, file, id } = data;
  if (mapping.table !== undefined) return { kind: 'sqlite', path: file, mapping: toMapping(mapping, mapping.table) };
  const out = path.join(folder, `${id}.sqlite`);
  if (mapping.rowFilter !== undefined) {
    await copyRows(file, out);
    return { kind: 'sqlite', path: out, mapping: toMapping(mapping, 'rows') };
  }
  const { rejected } = await importFile({ input: file, out, mapping, force: true });
  if (rejected > 0) throw new Error(`${rejected} rows of ${id} were rejected`);
  return { kind: 'sqlite', path: out };
}

function toMapping({ actor, event, time, rowFilter }: DataMapping, table: string): Mapping {
  const constant = /^constant '(.*)'$/.exec(event)?.[1];
  return {
    table,
    actor,
    event: constant === undefined ? { column: event } : { constant },
    time: { column: time, format: 'auto' },
    filter: rowFilter ?? null,
  };
}

/** Empty cells become NULL, everything else stays text; the rowid is the file's order. */
async function copyRows(file: string, out: string): Promise<void> {
  const db = new Database(out);
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  let insert: Database.Statement | null = null;
  db.exec('BEGIN');
  for await (const row of createReadStream(file).pipe(parse({ bom: true })) as AsyncIterable<string[]>) {
    if (insert === null) {
      db.exec(`CREATE TABLE rows (${row.map((name) => `${quote(name)} TEXT`).join(', ')})`);
      insert = db.prepare(`INSERT INTO rows VALUES (${row.map(() => '?').join(', ')})`);
    } else insert.run(row.map((cell) => (cell === '' ? null : cell)));
  }
  db.exec('COMMIT');
  db.close();
}
