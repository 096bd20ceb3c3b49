import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExportFormat } from '../../../protocol/query.ts';
import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';
import type { Value } from '../result/page.ts';
import { guardCell } from '../../export/csv.ts';
import { COMPLETE_FILE, ResultWriter } from '../result/result-writer.ts';
import { RowPage } from '../result/row-page.ts';
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
  const writer = new ResultWriter(folder, new RowPage(COLUMNS.length));
  for (const row of more.rows ?? ROWS) writer.add(row);
  writer.close();
  const task = { folder, view: null, columns: COLUMNS, format, table: 'result', isGrowing: false, path: file };
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

  test('CSV says of any value what guarding and quoting its text says (property)', async () => {
    const sign = fc.constantFrom('=', '-', '@', '0', '7', '"', ',', '\r', '\n', 'a', 'ä', '😀', "'");
    const text = fc.oneof(fc.string({ unit: sign, maxLength: 20 }), fc.stringMatching(/^\d{14,18}$/));
    const integer = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer().map(BigInt));
    const digits = fc.integer({ min: 0, max: 18 }).map((n) => 10n ** BigInt(n) - BigInt(n % 2));
    const mixed = fc.oneof(text, integer, digits, fc.constant(null));
    const row = fc.tuple(fc.oneof(integer, digits, fc.constant(null)), mixed, text, fc.oneof(text, fc.constant(null)));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.boolean(), async (rows, spreadsheetSafe) => {
        const expected = rows.map((cells) =>
          cells.map((value, at) => {
            if (typeof value !== 'string') return value === null ? '' : String(value);
            const shown = spreadsheetSafe && at !== 3 ? String(guardCell(value)) : value;
            return shown === '' || /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
          }),
        );
        const written = readFileSync(await exportAs('csv', { rows, spreadsheetSafe }), 'utf8');
        expect(written).toBe(['id,price,name,name', ...expected.map((cells) => cells.join(',')), ''].join('\r\n'));
      }),
      { numRuns: 200, verbose: 1 },
    );
  });

  test('a CSV follows a result that grows, and fails with it', async () => {
    const begin = (): {
      writer: ResultWriter<readonly Value[]>;
      folder: string;
      written: Promise<unknown>;
      file: string;
    } => {
      const [folder, file] = [path.join(home, `r${next}`), path.join(home, `out${next++}`)];
      const writer = new ResultWriter(folder, new RowPage(1));
      writer.add([0n]);
      writer.flush();
      const task = { folder, view: null, columns: [column('n', 'integer')], table: '', isGrowing: true, path: file };
      const more = { format: 'csv', dialect: 'sqlite', spreadsheetSafe: true } as const;
      return { writer, folder, written: exportResult({ ...task, ...more }, () => undefined), file };
    };
    const growing = begin();
    for (let i = 1; i < 3_000; i++) growing.writer.add([BigInt(i)]);
    growing.writer.close();
    writeFileSync(path.join(growing.folder, COMPLETE_FILE), '');
    expect(await growing.written).toMatchObject({ rows: 3_000 });
    expect(readFileSync(growing.file, 'utf8').split('\r\n').slice(1, -1)).toEqual(
      Array.from({ length: 3_000 }, (_, i) => String(i)),
    );
    const failing = begin();
    failing.writer.close();
    rmSync(failing.folder, { recursive: true });
    await expect(failing.written).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
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
