import type { ResultColumn } from '../../../protocol/query-result.ts';
import type { Dialect } from '../../../protocol/query-schema.ts';
import { guardCell } from '../../export/csv.ts';
import type { Value } from '../result/page.ts';
import type { ExportFile } from './export-file.ts';
import { formatValue } from './format-value.ts';
import type { RowBlock } from './row-blocks.ts';

const NEEDS_QUOTES = /[",\r\n]/;
const quote = (text: string): string =>
  text === '' || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** RFC 4180, CRLF, with a header. NULL is nothing at all, empty text is `""`. Numbers are never guarded. */
export class CsvWriter {
  readonly #file: ExportFile;
  readonly #formats: readonly ((value: Value) => string)[];

  constructor(file: ExportFile, columns: readonly ResultColumn[], dialect: Dialect, spreadsheetSafe: boolean) {
    this.#file = file;
    this.#formats = columns.map(({ type }) => {
      const guard = spreadsheetSafe && type !== 'numeric' ? (text: string) => String(guardCell(text)) : null;
      return (value) => formatCell(value, dialect, guard);
    });
    const names = columns.map(({ name }) => quote(spreadsheetSafe ? String(guardCell(name)) : name));
    file.text(`${names.join(',')}\r\n`);
  }

  write({ columns, rows }: RowBlock): void {
    const formats = this.#formats;
    let text = '';
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < formats.length; column++) {
        if (column > 0) text += ',';
        text += formats[column]!(columns[column]![row] as Value);
      }
      text += '\r\n';
    }
    this.#file.text(text);
  }
}

function formatCell(value: Value, dialect: Dialect, guard: ((text: string) => string) | null): string {
  if (value === null) return '';
  if (typeof value === 'string') return quote(guard === null ? value : guard(value));
  if (typeof value === 'boolean' && guard !== null) return String(value);
  return formatValue(value, dialect);
}
