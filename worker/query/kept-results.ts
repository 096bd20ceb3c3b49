import { rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../protocol/errors.ts';
import type { ResultColumn } from '../../protocol/query-result.ts';
import type { Dialect } from '../../protocol/query-schema.ts';
import { COMPLETE_FILE, ROWS_FILE } from './result/result-writer.ts';

/** A result on disk, as its supervisor knows it. */
export interface KeptResult {
  readonly resultId: string;
  readonly folder: string;
  readonly dialect: Dialect;
  columns: readonly ResultColumn[];
  /** No row will be added. */
  isComplete: boolean;
  /** Sorted and filtered views that are made or being made, by what they are of. */
  readonly views: Map<string, Promise<string>>;
}

export class KeptResults {
  readonly #folder: string;
  readonly #results = new Map<string, KeptResult>();
  #next = 1;

  /** `folder` is private to this process. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A place for a result that is to come; it is not there for others until `keep`. */
  plan(dialect: Dialect): KeptResult {
    const resultId = `r${this.#next++}`;
    const folder = path.join(this.#folder, resultId);
    return { resultId, folder, dialect, columns: [], isComplete: false, views: new Map() };
  }

  keep(result: KeptResult): void {
    this.#results.set(result.resultId, result);
  }

  /** Throws E_NOT_FOUND. */
  get(resultId: string): KeptResult {
    const result = this.#results.get(resultId);
    if (result !== undefined) return result;
    throw new EngineError('E_NOT_FOUND', 'This result is not kept any more.', { hint: 'Run the statement again.' });
  }

  drop(result: KeptResult): void {
    this.#results.delete(result.resultId);
    rmSync(result.folder, { recursive: true, force: true });
  }

  /** Who follows its files learns it too (`COMPLETE_FILE`). */
  complete(result: KeptResult): void {
    result.isComplete = true;
    writeFileSync(path.join(result.folder, COMPLETE_FILE), '', { mode: 0o600 });
  }

  get count(): number {
    return this.#results.size;
  }

  get bytes(): number {
    const sizes = [...this.#results.values()].map(({ folder }) => sizeOf(path.join(folder, ROWS_FILE)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
