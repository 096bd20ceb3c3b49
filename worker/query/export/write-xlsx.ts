import { EngineError } from '../../../protocol/errors.ts';
import type { ResultColumn } from '../../../protocol/query-result.ts';
import type { Dialect } from '../../../protocol/query-schema.ts';
import type { Value } from '../result/page.ts';
import type { ExportFile } from './export-file.ts';
import { formatValue } from './format-value.ts';
import type { RowBlock } from './row-blocks.ts';
import { writeZip } from './zip-file.ts';

/** What a sheet can hold, header included. */
const MAX_ROWS = 1_048_576;
const MAX_CHARS = 32_767;

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const PARTS = {
  '[Content_Types].xml': `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/></Types>`,
  '_rels/.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Result" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
} as const;

/** One sheet. Text is text and never a formula; whole numbers over 15 digits are text too, because a sheet rounds them. */
export function writeXlsx(
  file: ExportFile,
  columns: readonly ResultColumn[],
  dialect: Dialect,
  total: number,
  blocks: Iterable<RowBlock>,
): void {
  if (total >= MAX_ROWS)
    throw new EngineError('E_LIMIT', `A sheet holds ${MAX_ROWS - 1} rows; this result has ${total}.`, {
      hint: 'Export CSV or Parquet, or fewer rows.',
    });
  const fixed = Object.entries(PARTS).map(([name, content]) => [name, [content]] as const);
  writeZip(file, [...fixed, ['xl/worksheets/sheet1.xml', sheet(columns, dialect, blocks)]]);
}

function* sheet(columns: readonly ResultColumn[], dialect: Dialect, blocks: Iterable<RowBlock>): Generator<string> {
  const letters = columns.map((_, at) => lettersOf(at));
  const rowOf = (number: number, cells: readonly string[]): string => `<row r="${number}">${cells.join('')}</row>`;
  const names = columns.map(({ name }, at) => textCell(`${letters[at]}1`, name));
  yield `${XML}<worksheet xmlns="${MAIN}"><sheetData>${rowOf(1, names)}`;
  let number = 2;
  for (const { columns: values, rows } of blocks) {
    let xml = '';
    for (let row = 0; row < rows; row++, number++) {
      const cells = values.map((column, at) => cell(`${letters[at]}${number}`, column[row] as Value, dialect));
      xml += rowOf(number, cells);
    }
    yield xml;
  }
  yield '</sheetData></worksheet>';
}

/** A … Z, AA … */
function lettersOf(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : lettersOf(Math.floor(column / 26) - 1) + last;
}

function cell(place: string, value: Value, dialect: Dialect): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return `<c r="${place}" t="b"><v>${value ? 1 : 0}</v></c>`;
  const isExact = typeof value === 'bigint' && value < 10n ** 15n && value > -(10n ** 15n);
  if (isExact || (typeof value === 'number' && Number.isFinite(value))) return `<c r="${place}"><v>${value}</v></c>`;
  return textCell(place, formatValue(value, dialect));
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** XML has no place for these, nor for half a character (which going through bytes replaces). */
// oxlint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function textCell(place: string, text: string): string {
  const fitting = Buffer.from(text.slice(0, MAX_CHARS)).toString().replace(UNFIT, '\ufffd');
  const escaped = fitting.replace(/[&<>]/g, (sign) => SIGNS[sign] ?? sign).replaceAll('\r', '&#13;');
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escaped}</t></is></c>`;
}
