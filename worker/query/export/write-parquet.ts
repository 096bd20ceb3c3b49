import { ByteWriter, ParquetWriter as Writer } from 'hyparquet-writer';
import type { ResultColumn } from '../../../protocol/query-result.ts';
import type { Dialect } from '../../../protocol/query-schema.ts';
import type { Value } from '../result/page.ts';
import type { ExportFile } from './export-file.ts';
import { formatValue, uniqueNames } from './format-value.ts';
import type { RowBlock } from './row-blocks.ts';

/** Rows that are in memory at once. */
const GROUP_ROWS = 65_536;
const TYPES = { integer: 'INT64', real: 'DOUBLE', boolean: 'BOOLEAN', blob: 'BYTE_ARRAY' } as const;
type Kind = keyof typeof TYPES | 'text';

/**
 * One row group after another. A column is what its type says as long as every value is; `kinds` are known beforehand,
 * because the file says them once: a column of mixed values is text.
 */
export class ParquetWriter {
  readonly #file: ExportFile;
  readonly #bytes = new ByteWriter();
  readonly #writer: Writer;
  readonly #names: readonly string[];
  readonly #kinds: readonly Kind[];
  readonly #dialect: Dialect;
  #group: Value[][];

  constructor(file: ExportFile, columns: readonly ResultColumn[], dialect: Dialect, kinds: readonly Kind[]) {
    this.#file = file;
    this.#names = uniqueNames(columns);
    this.#kinds = kinds;
    this.#dialect = dialect;
    this.#group = columns.map(() => []);
    const leaves = this.#names.map((name, at) => leafOf(name, kinds[at] ?? 'text'));
    const schema = [{ name: 'root', num_children: leaves.length }, ...leaves];
    this.#writer = new Writer({ writer: this.#bytes, schema, createdBy: 'tributary' });
  }

  write({ columns }: RowBlock): void {
    columns.forEach((values, at) => this.#group[at]?.push(...values));
    if ((this.#group[0]?.length ?? 0) >= GROUP_ROWS) this.#flush();
  }

  close(): void {
    this.#flush();
    void this.#writer.finish();
    this.#drain();
  }

  #flush(): void {
    const [first] = this.#group;
    if (first === undefined || first.length === 0) return;
    const columnData = this.#group.map((values, at) => ({
      name: this.#names[at] ?? '',
      data: values.map((value) => toParquet(value, this.#kinds[at] ?? 'text', this.#dialect)),
    }));
    void this.#writer.write({ columnData, rowGroupSize: first.length });
    this.#group = this.#group.map(() => []);
    this.#drain();
  }

  #drain(): void {
    this.#file.write(new Uint8Array(this.#bytes.buffer, 0, this.#bytes.index));
    this.#bytes.index = 0;
  }
}

function leafOf(name: string, kind: Kind) {
  const base = { name, repetition_type: 'OPTIONAL' } as const;
  return kind === 'text'
    ? ({ ...base, type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const)
    : ({ ...base, type: TYPES[kind] } as const);
}

function toParquet(value: Value, kind: Kind, dialect: Dialect): unknown {
  if (value === null) return undefined;
  if (kind === 'text') return formatValue(value, dialect);
  if (kind === 'real') return Number(value);
  return kind === 'blob' ? new Uint8Array(value as Uint8Array) : value;
}

const KINDS: Readonly<Record<string, Kind>> = {
  bigint: 'integer',
  number: 'real',
  boolean: 'boolean',
  object: 'blob',
  string: 'text',
};

/** What each column holds, from all of its values: whole numbers and others together are numbers; any other mixture is text. */
export function findKinds(blocks: Iterable<RowBlock>, width: number): Kind[] {
  const seen = Array.from({ length: width }, () => new Set<Kind>());
  for (const { columns } of blocks)
    columns.forEach((values, at) => {
      for (const value of values) if (value !== null) seen[at]?.add(KINDS[typeof value] ?? 'text');
    });
  return seen.map((kinds) => {
    const [only] = kinds;
    if (kinds.size === 1 && only !== undefined) return only;
    return kinds.size === 2 && kinds.has('integer') && kinds.has('real') ? 'real' : 'text';
  });
}
