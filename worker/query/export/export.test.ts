import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import ExcelJS from 'exceljs';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExportFormat } from '../../../protocol/query.ts';
import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';
import type { Value } from '../result/page.ts';
import { ResultWriter } from '../result/result-writer.ts';
import { exportResult } from './export-result.ts';

const home = mkdtempSync(path.join(tmpdir(), 'tributary-export-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let next = 0;

const column = (name: string, type: ColumnType): ResultColumn => ({ name, type, declared: null });
const COLUMNS = [column('id', 'integer'), column('price', 'real'), column('name', 'text'), column('name', 'numeric')];
const ROWS: readonly (readonly Value[])[] = [
  [1n, 1.5, 'plain', '-5.00'],
  [2n ** 60n, 2, '=1+1', '12345678901234567890.5'],
  [null, null, '', null],
  [-7n, 1e300, 'a,"b"\r\nc;ä😀', '0'],
];

async function exportAs(
  format: ExportFormat,
  more: { spreadsheetSafe?: boolean; dialect?: 'sqlite' | 'postgres'; rows?: readonly (readonly Value[])[] } = {},
): Promise<string> {
  const folder = path.join(home, `r${next}`);
  const file = path.join(home, `out${next++}`);
  const writer = new ResultWriter(folder, COLUMNS.length);
  for (const row of more.rows ?? ROWS) writer.add(row);
  writer.close();
  const task = { folder, view: null, columns: COLUMNS, format, table: 'result', path: file };
  const { spreadsheetSafe = true, dialect = 'sqlite' } = more;
  const written = await exportResult({ ...task, spreadsheetSafe, dialect }, () => undefined);
  expect(written.rows).toBe((more.rows ?? ROWS).length);
  expect(written.bytes).toBe(readFileSync(file).length);
  return file;
}

describe('exports', () => {
  test('CSV for spreadsheets: formulas are text, numbers stay numbers, NULL is apart from empty', async () => {
    expect(readFileSync(await exportAs('csv'), 'utf8')).toBe(
      `id,price,name,name\r\n1,1.5,plain,-5.00\r\n1152921504606846976,2.0,'=1+1,12345678901234567890.5\r\n,,"",\r\n-7,1e+300,"a,""b""\r\nc;ä😀",0\r\n`,
    );
  });

  test('CSV byte for byte', async () => {
    const text = readFileSync(await exportAs('csv', { spreadsheetSafe: false, dialect: 'postgres' }), 'utf8');
    expect(text).toContain('1152921504606846976,2,=1+1,12345678901234567890.5\r\n');
  });

  test('JSON and JSON Lines: every digit is there, second names are told apart', async () => {
    const json = readFileSync(await exportAs('json'), 'utf8');
    expect(json).toContain('"id":1152921504606846976,"price":2,"name":"=1+1","name_2":12345678901234567890.5');
    expect(JSON.parse(json)).toHaveLength(4);
    const lines = readFileSync(await exportAs('jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(ROWS.map((row) => row[2]));
    expect(JSON.parse(readFileSync(await exportAs('json', { rows: [] }), 'utf8'))).toEqual([]);
  });

  test('Parquet, in several row groups', async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => [BigInt(i), i / 2, `row ${i}`, null]);
    const { buffer } = readFileSync(await exportAs('parquet', { rows: [...ROWS, ...many] }));
    const rows = await parquetReadObjects({ file: buffer as ArrayBuffer });
    expect(rows).toHaveLength(70_004);
    expect(rows[1]).toEqual({ id: 2n ** 60n, price: 2, name: '=1+1', name_2: '12345678901234567890.5' });
    expect(rows[2]).toMatchObject({ id: null, price: null, name: '' });
    expect(rows.at(-1)).toMatchObject({ id: 69_999n, price: 34_999.5, name: 'row 69999' });
  });

  test('XLSX that another program reads: text is never a formula', async () => {
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(await exportAs('xlsx'));
    const sheet = book.worksheets[0];
    expect(sheet?.rowCount).toBe(5);
    expect(sheet?.getRow(2).values).toEqual([undefined, 1, 1.5, 'plain', '-5.00']);
    expect(sheet?.getRow(3).values).toEqual([undefined, '1152921504606846976', 2, '=1+1', '12345678901234567890.5']);
    expect(sheet?.getCell('C5').value).toBe('a,"b"\r\nc;ä😀');
  });

  test('a new database with the rows as a table', async () => {
    const db = new DatabaseSync(await exportAs('sqlite'), { readOnly: true });
    const statement = db.prepare('SELECT * FROM result');
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    expect(statement.all()).toEqual(ROWS);
    db.close();
  });

  test('more rows than a sheet holds are refused', async () => {
    await expect(
      exportAs('xlsx', { rows: Array.from({ length: 1_048_576 }, () => [1n, null, null, null]) }),
    ).rejects.toMatchObject({
      code: 'E_LIMIT',
    });
  });
});
