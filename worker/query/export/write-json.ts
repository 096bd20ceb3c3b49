import type { ResultColumn } from '../../../protocol/query-result.ts';
import type { Dialect } from '../../../protocol/query-schema.ts';
import type { Value } from '../result/page.ts';
import type { ExportFile } from './export-file.ts';
import { formatJson, uniqueNames } from './format-value.ts';
import type { RowBlock } from './row-blocks.ts';

/** One object a row: an array of them, or one a line. */
export class JsonWriter {
  readonly #file: ExportFile;
  readonly #columns: readonly ResultColumn[];
  readonly #dialect: Dialect;
  readonly #isLines: boolean;
  readonly #keys: readonly string[];
  #isFirst = true;

  constructor(file: ExportFile, columns: readonly ResultColumn[], dialect: Dialect, isLines: boolean) {
    this.#file = file;
    this.#columns = columns;
    this.#dialect = dialect;
    this.#isLines = isLines;
    this.#keys = uniqueNames(columns).map((name) => JSON.stringify(name));
    if (!isLines) file.text('[');
  }

  write({ columns, rows }: RowBlock): void {
    for (let row = 0; row < rows; row++) {
      const cells = this.#columns.map(
        (column, at) => `${this.#keys[at]}:${formatJson(columns[at]![row] as Value, column, this.#dialect)}`,
      );
      const separator = this.#isLines ? '' : this.#isFirst ? '\n' : ',\n';
      this.#file.text(`${separator}{${cells.join(',')}}${this.#isLines ? '\n' : ''}`);
      this.#isFirst = false;
    }
  }

  close(): void {
    if (!this.#isLines) this.#file.text('\n]\n');
  }
}
