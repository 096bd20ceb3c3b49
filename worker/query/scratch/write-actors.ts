import type { DatabaseSync } from 'node:sqlite';
import { MAX_SEGMENT_ACTORS } from '../../../protocol/actor-segments.ts';
import { EngineError } from '../../../protocol/errors.ts';
import type { RowBlock } from '../export/row-blocks.ts';
import type { Value } from '../result/page.ts';
import { quoteName } from '../sqlite/schema-sqlite.ts';

/**
 * Creates a table with the different ids of a column, in the caller's transaction, and answers how many they are. Throws
 * E_USAGE where there is none, E_LIMIT beyond what a segment may have.
 */
export function writeActors(db: DatabaseSync, table: string, column: number, blocks: Iterable<RowBlock>): number {
  db.exec(`CREATE TABLE ${quoteName(table)} (actor TEXT PRIMARY KEY) WITHOUT ROWID`);
  const insert = db.prepare(`INSERT OR IGNORE INTO ${quoteName(table)} VALUES (?)`);
  let count = 0;
  for (const { columns } of blocks) {
    for (const value of columns[column] ?? []) {
      const id = toActorId(value);
      if (id !== null) count += Number(insert.run(id).changes);
    }
    if (count > MAX_SEGMENT_ACTORS) throw tooMany();
  }
  if (count > 0) return count;
  throw new EngineError('E_USAGE', 'This column holds no ids.', { hint: 'Choose the column with the actors.' });
}

/** As the engine writes the actors of events; NULL and empty are nobody. */
function toActorId(value: Value): string | null {
  if (value === null || value === '') return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

const tooMany = (): EngineError =>
  new EngineError('E_LIMIT', `A segment has at most ${MAX_SEGMENT_ACTORS.toLocaleString('en-US')} actors.`, {
    hint: 'Narrow the statement, or say the condition as a filter.',
  });
