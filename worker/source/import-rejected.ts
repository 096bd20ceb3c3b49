import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../protocol/errors.ts';
import type { ImportRecord } from './import-record.ts';

const REPORTED = 20;

/**
 * Rows that are no events, kept aside as they were: `<out>.rejected.csv` with the columns line and reason before the
 * file's own, or `<out>.rejected.jsonl` with `{"line","reason","row"}`.
 */
export class RejectedRows {
  readonly path: string;
  header: string | null = null;
  #count = 0;
  #fd: number | null = null;
  readonly #first: { line: number; reason: string }[] = [];
  readonly #partial: string;
  readonly #format: 'csv' | 'jsonl';

  constructor(out: string, format: 'csv' | 'jsonl') {
    this.path = `${out}.rejected.${format}`;
    this.#format = format;
    this.#partial = path.join(path.dirname(out), `.${path.basename(this.path)}.${process.pid}.partial`);
  }

  add(record: ImportRecord, reason: string): void {
    if (this.#first.length < REPORTED) this.#first.push({ line: record.line, reason });
    this.#count++;
    if (this.#fd === null) {
      this.#fd = openSync(this.#partial, 'wx', 0o600);
      if (this.#format === 'csv') writeSync(this.#fd, `line,reason,${this.header ?? ''}\n`);
    }
    writeSync(
      this.#fd,
      this.#format === 'csv'
        ? `${record.line},"${reason.replaceAll('"', '""')}",${record.raw}\n`
        : `${JSON.stringify({ line: record.line, reason, row: record.raw })}\n`,
    );
  }

  /** In place when there are any; an old one goes. */
  finish(): void {
    if (this.#fd === null) return rmSync(this.path, { force: true });
    closeSync(this.#fd);
    this.#fd = null;
    renameSync(this.#partial, this.path);
  }

  abandon(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    rmSync(this.#partial, { force: true });
  }

  summary(): {
    readonly rejected: number;
    readonly rejectedFile: string | null;
    readonly rejectedRows: readonly { line: number; reason: string }[];
  } {
    return { rejected: this.#count, rejectedFile: this.#count === 0 ? null : this.path, rejectedRows: this.#first };
  }

  nothingReadable(rows: number): EngineError {
    const [first] = this.#first;
    const example = first === undefined ? '' : ` Line ${first.line} ${first.reason}.`;
    return new EngineError(
      'E_BAD_ROWS',
      rows === 0 ? 'This file has no rows below its header.' : `None of the ${rows} rows is an event.${example}`,
      {
        hint: 'Check the columns that were taken as actor, event and time; name them with --actor, --event and --time.',
        details: this.#first.map((r) => `line ${r.line}: ${r.reason}`).join('\n'),
      },
    );
  }
}
