import type { QueryCell, ResultColumn } from '../../../../protocol/query-result.ts';
import { isNumeric, jsonOf, numberOf, textOf } from './cell-text.ts';

export const COPY_FORMATS = ['tsv', 'csv', 'json', 'markdown', 'insert'] as const;
export type CopyFormat = (typeof COPY_FORMATS)[number];
export const COPY_NAMES: Readonly<Record<CopyFormat, string>> = {
  tsv: 'Text (tabs)',
  csv: 'CSV',
  json: 'JSON',
  markdown: 'Markdown table',
  insert: 'INSERT statements',
};

export interface Copied {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly QueryCell[])[];
}

/** A part of a result as text for the clipboard. */
export function copyAs(format: CopyFormat, part: Copied, table = 'result'): string {
  switch (format) {
    case 'tsv':
      return toTsv(part);
    case 'csv':
      return toCsv(part);
    case 'json':
      return toJson(part);
    case 'markdown':
      return toMarkdown(part);
    case 'insert':
      return toInsert(part, table);
  }
}

/** One cell alone is itself; more of them have their names above. Spreadsheets take quotes in cells with tabs or breaks. */
function toTsv({ columns, rows }: Copied): string {
  if (columns.length === 1 && rows.length === 1) return textOf(rows[0]?.[0]);
  const cell = (text: string): string => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [columns.map((c) => cell(c.name)), ...rows.map((r) => columns.map((_c, i) => cell(textOf(r[i]))))]
    .map((r) => r.join('\t'))
    .join('\n');
}

/** RFC 4180; NULL is an unquoted nothing, an empty text is quoted. */
function toCsv({ columns, rows }: Copied): string {
  const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const cell = (value: QueryCell | undefined): string => (value === '' ? '""' : quote(textOf(value)));
  return [
    columns.map((c) => quote(c.name)).join(','),
    ...rows.map((r) => columns.map((_c, i) => cell(r[i])).join(',')),
  ].join('\r\n');
}

/** Names that come twice get a number, so that none is lost. */
export function uniqueNames(columns: readonly ResultColumn[]): readonly string[] {
  const times = new Map<string, number>();
  return columns.map(({ name }) => {
    const n = (times.get(name) ?? 0) + 1;
    times.set(name, n);
    return n === 1 ? name : `${name}_${n}`;
  });
}

function toJson({ columns, rows }: Copied): string {
  const names = uniqueNames(columns);
  const value = (cell: QueryCell | undefined, column: ResultColumn): unknown => {
    if (cell === null || cell === undefined || typeof cell === 'boolean' || typeof cell === 'number')
      return cell ?? null;
    // Digits beyond 2^53 stay text: a number would lose them.
    if (column.type === 'json') return jsonOf(cell) ?? textOf(cell);
    return textOf(cell);
  };
  const objects = rows.map((row) =>
    Object.fromEntries(columns.map((column, i) => [names[i] ?? '', value(row[i], column)])),
  );
  return `${JSON.stringify(objects, null, 2)}\n`;
}

function toMarkdown({ columns, rows }: Copied): string {
  const cell = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/\r?\n/g, '<br>');
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const text = (value: QueryCell | undefined): string => (value === null ? 'NULL' : cell(textOf(value)));
  return [
    line(columns.map((c) => cell(c.name))),
    line(columns.map((c) => (isNumeric(c) ? '---:' : '---'))),
    ...rows.map((r) => line(columns.map((_c, i) => text(r[i])))),
  ].join('\n');
}

function literal(cell: QueryCell | undefined): string {
  if (cell === null || cell === undefined) return 'NULL';
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE';
  if (typeof cell === 'number') return numberOf(cell) === null ? 'NULL' : String(cell);
  if (typeof cell === 'object' && 'int' in cell) return cell.int;
  if (typeof cell === 'object' && 'blob' in cell) return `X'${toHex(cell.blob)}'`;
  return `'${textOf(cell).replaceAll("'", "''")}'`;
}
const toHex = (base64: string): string =>
  Array.from(atob(base64), (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');

const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;
function toInsert({ columns, rows }: Copied, table: string): string {
  const names = uniqueNames(columns).map(name).join(', ');
  const values = rows.map((r) => `  (${columns.map((_c, i) => literal(r[i])).join(', ')})`);
  return rows.length === 0 ? '' : `INSERT INTO ${name(table)} (${names}) VALUES\n${values.join(',\n')};\n`;
}
