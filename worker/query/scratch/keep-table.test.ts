import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';
import type { Value } from '../result/page.ts';
import { ResultWriter } from '../result/result-writer.ts';
import { RowPage } from '../result/row-page.ts';
import { dropTable, keepTable, listTables } from './keep-table.ts';
import { scratchFile } from './scratch-file.ts';

const home = mkdtempSync(path.join(tmpdir(), 'tributary-keep-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const file = scratchFile(home);
let next = 0;

const column = (name: string, type: ColumnType): ResultColumn => ({ name, type, declared: null });

function keep(
  name: string,
  columns: readonly ResultColumn[],
  rows: readonly (readonly Value[])[],
  more: { maxBytes?: number; replace?: boolean } = {},
) {
  const folder = path.join(home, `r${String(next++)}`);
  const writer = new ResultWriter(folder, new RowPage(columns.length));
  for (const row of rows) writer.add(row);
  writer.close();
  const task = { folder, view: null, columns, file, name, replace: false, maxBytes: 1e9, ...more };
  return keepTable(task, () => undefined);
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'ok';
  } catch (thrown) {
    return thrown instanceof EngineError ? thrown.code : String(thrown);
  }
}

describe('keepTable', () => {
  test('columns of the same name, without a name, or named like a rowid are told apart; no rows is a table too', () => {
    const columns = [column('A', 'integer'), column('a', 'text'), column('', 'any'), column('rowid', 'boolean')];
    expect(keep('odd', columns, [[1n, 'x', null, true]])).toMatchObject({ rows: 1 });
    expect(keep('none', columns, [])).toMatchObject({ rows: 0 });
    const db = new DatabaseSync(file, { readOnly: true });
    expect(Object.entries(db.prepare('SELECT * FROM odd').get() ?? {})).toEqual([
      ['a', 1],
      ['a_2', 'x'],
      ['column', null],
      ['rowid', 1],
    ]);
    db.close();
    expect(listTables({ file }).map(({ name, rows }) => [name, rows])).toEqual([
      ['none', 0],
      ['odd', 1],
    ]);
  });

  test('over the limit of all tables nothing is kept, and what would have been replaced stays', () => {
    const rows = (count: number): Value[][] => Array.from({ length: count }, () => ['x'.repeat(1_000)]);
    const before = keep('big', [column('text', 'text')], rows(100));
    expect(before.bytes).toBeGreaterThan(100_000);
    const more = { maxBytes: 1_000_000, replace: true };
    expect(codeOf(() => keep('big', [column('text', 'text')], rows(5_000), more))).toBe('E_LIMIT');
    expect(listTables({ file }).find(({ name }) => name === 'big')).toEqual(before);
    expect(keep('big', [column('text', 'text')], rows(500), more).rows).toBe(500);
  });

  test('space of a dropped table goes back to the disk when the next one is kept; only the owner may read the file', () => {
    const size = statSync(file).size;
    dropTable({ file, name: 'big' });
    keep('small', [column('n', 'integer')], [[1n]]);
    expect(statSync(file).size).toBeLessThan(size - 400_000);
    expect(readdirSync(path.dirname(file))).toEqual(['scratch.db']);
    const modes = [file, path.dirname(file)].map((place) => statSync(place).mode & 0o777);
    expect(modes).toEqual(process.platform === 'win32' ? modes : [0o600, 0o700]);
  });

  test('a list of nothing makes no file', () => {
    const none = scratchFile(path.join(home, 'none'));
    expect(listTables({ file: none })).toEqual([]);
    expect(codeOf(() => dropTable({ file: none, name: 'x' }))).toBe('E_NO_SUCH_TABLE');
    expect(readdirSync(home)).not.toContain('none');
  });
});
