import { copyFileSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ColumnInFile } from '../../store/column-file.ts';
import type { StoredColumns } from '../../store/column-store.ts';

let made = 0;

/**
 * The columns of a segment that is larger than memory, by name: files of its own, and those of the store, which get second
 * names before anybody reads from them, so that nobody removes them.
 */
export class ColumnFiles {
  readonly #files: Map<string, ColumnInFile>;
  readonly #folder: string;
  readonly #stored: StoredColumns | null;
  /** Of the store's files: those that were checked and cannot go any more. */
  readonly #checked = new Set<string>();

  /** `folder` = private; made when something is put there. */
  constructor(files: ReadonlyMap<string, ColumnInFile>, folder: string, stored: StoredColumns | null) {
    this.#files = new Map(files);
    this.#folder = folder;
    this.#stored = stored;
  }

  static ofStored(stored: StoredColumns, scratchDir: string): ColumnFiles {
    const folder = path.join(scratchDir, `kept-columns-${process.pid}-${made++}`);
    return new ColumnFiles(new Map(stored.names.map((name) => [name, stored.locate(name)])), folder, stored);
  }

  get all(): ReadonlyMap<string, ColumnInFile> {
    return this.#files;
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  get(name: string): ColumnInFile {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`no column ${name}`);
    return file;
  }

  add(name: string, file: ColumnInFile): void {
    this.#files.set(name, file);
  }

  /** Files of the store are compared with what was written. Throws ColumnDamaged. */
  async check(names: readonly string[]): Promise<void> {
    const stored = this.#stored;
    if (stored === null) return;
    for (const name of names) {
      if (this.#checked.has(name) || stored.entry(name) === null) continue;
      await stored.check(name);
      const own = this.#linkOf(name);
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      linkOrCopy(stored.locate(name).path, own);
      this.#files.set(name, { ...this.get(name), path: own });
      this.#checked.add(name);
    }
  }

  /** Where a later column goes. */
  pathOf(name: string): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return path.join(this.#folder, `${made++}-${name.replaceAll(/[^\w]/g, '_').slice(0, 40)}`);
  }

  /** Whoever still copies from them has to be done. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #linkOf(name: string): string {
    return path.join(this.#folder, `kept-${encodeURIComponent(name).slice(-60)}-${this.#checked.size}`);
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
