import { readFileSync, utimesSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import {
  FORMAT_VERSION,
  getFileBytes,
  getType,
  PAGE_BYTES,
  readColumn,
  readColumnSync,
  writeColumn,
  type ColumnEntry,
  type ColumnInFile,
  type ColumnValues,
} from './column-file.ts';
import { ColumnSlices } from './column-slices.ts';
import { decodeManifest, encodeManifest, type Manifest, type SourceKey } from './manifest.ts';
import { MANIFEST, makeRoom, removeLeftovers } from './store-folder.ts';

export interface NamedColumn {
  readonly name: string;
  readonly values: ColumnValues | ColumnInFile;
}
export interface ColumnStoreOptions {
  /** Made when first written to. */
  readonly folder: string;
  /** Of all sources together; those used longest ago go. */
  readonly budgetBytes: number;
  /** Told once that nothing can be kept, and why. The store goes on without. */
  readonly onProblem: (message: string) => void;
}

/**
 * Columns of sources, kept between sessions: `<folder>/<source>/` has a manifest and a file a column. It knows nothing
 * of where they come from: whoever has columns under names, and a word for the state of their source, can keep them.
 *
 * Files are never changed, only replaced under new names, and a manifest appears at once by renaming: any number of
 * processes may read and write the same source, the last to finish wins, and a reader whose files went makes do without.
 * Nothing here fails a question: writing gives up, reading says null or ColumnDamaged.
 */
export class ColumnStore {
  /** Of all stores of this process: files of its own that no manifest names are not being written. */
  static #writing: Promise<void> = Promise.resolve();
  readonly #options: ColumnStoreOptions;
  #told = false;

  constructor(options: ColumnStoreOptions) {
    this.#options = options;
  }

  /** What is kept of a source in this state; null = nothing that can be used. Reads the manifest alone. */
  find(source: SourceKey): StoredColumns | null {
    const folder = this.#folderOf(source);
    const file = path.join(folder, MANIFEST);
    const manifest = readManifest(file);
    if (manifest?.source.slot !== source.slot || manifest.source.state !== source.state) return null;
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // A store that cannot be written to is not cleared by age either.
    }
    return new StoredColumns(folder, manifest);
  }

  /** What is kept of a source in whatever state it was; null = nothing. */
  findOlder(source: SourceKey): StoredColumns | null {
    const folder = this.#folderOf(source);
    const manifest = readManifest(path.join(folder, MANIFEST));
    return manifest?.source.slot === source.slot ? new StoredColumns(folder, manifest) : null;
  }

  /**
   * In the background, one writing after the other. `columns` must not change until it ends. Never rejects. `signal`: what
   * is written is of no use any more, and what was kept before stays.
   */
  save(
    source: SourceKey,
    facts: unknown,
    events: number,
    columns: readonly NamedColumn[],
    signal: AbortSignal | null = null,
  ): Promise<void> {
    return this.#write(async () => {
      const folder = this.#folderOf(source);
      const generation = newName();
      if (!(await makeRoom(this.#options.folder, path.basename(folder), bytesOf(columns), this.#options.budgetBytes)))
        return;
      const entries = await writeFiles(folder, generation, columns, signal);
      await publish(folder, { format: FORMAT_VERSION, generation, source, events, facts, columns: entries });
    });
  }

  /** More columns of what was found or saved before; nothing happens when that is no longer what is kept. Never rejects. */
  add(source: SourceKey, columns: readonly NamedColumn[], signal: AbortSignal | null = null): Promise<void> {
    return this.#write(async () => {
      const folder = this.#folderOf(source);
      const before = decodeManifest(await readFile(path.join(folder, MANIFEST)).catch(() => Buffer.alloc(0)));
      if (before?.source.slot !== source.slot || before.source.state !== source.state) return;
      const known = new Set(before.columns.map(({ name }) => name));
      const added = columns.filter(({ name }) => !known.has(name));
      if (
        !(await makeRoom(this.#options.folder, path.basename(folder), bytesOf(added), this.#options.budgetBytes, true))
      )
        return;
      const entries = await writeFiles(folder, newName(), added, signal);
      await publish(folder, { ...before, columns: [...before.columns, ...entries] });
    });
  }

  /** Damaged: what is kept of it is of no use. */
  forget(source: SourceKey): Promise<void> {
    return this.#write(() => rm(this.#folderOf(source), { recursive: true, force: true }));
  }

  /** When all that was asked to be written is written. */
  settle(): Promise<void> {
    return ColumnStore.#writing;
  }

  #write(work: () => Promise<void>): Promise<void> {
    ColumnStore.#writing = ColumnStore.#writing.then(work).catch((error: unknown) => this.#tell(error));
    return ColumnStore.#writing;
  }

  #tell(error: unknown): void {
    // Another process made room by removing what was being written, or nobody wants it any more.
    const { code, name } = error as NodeJS.ErrnoException;
    if (this.#told || code === 'ENOENT' || name === 'AbortError') return;
    this.#told = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#options.onProblem(`Columns cannot be kept for the next session, which will read the source again (${why}).`);
  }

  #folderOf({ name, slot }: SourceKey): string {
    const readable = path
      .basename(name)
      .replaceAll(/[^\w.-]/g, '_')
      .slice(-40)
      .replace(/^\.+/, '');
    return path.join(this.#options.folder, `${readable}-${crc32(slot).toString(16).padStart(8, '0')}`);
  }
}

/** Kept columns of one source, read by name. */
export class StoredColumns {
  readonly manifest: Manifest;
  readonly #folder: string;
  readonly #entries: ReadonlyMap<string, ColumnEntry>;

  constructor(folder: string, manifest: Manifest) {
    this.#folder = folder;
    this.manifest = manifest;
    this.#entries = new Map(manifest.columns.map((entry) => [entry.name, entry]));
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  entry(name: string): ColumnEntry | null {
    return this.#entries.get(name) ?? null;
  }

  /** Throws ColumnDamaged, also for a name that is not kept or values of another shape. */
  async load(name: string, into: ColumnValues): Promise<void> {
    const entry = this.#expect(name, into);
    await readColumn(path.join(this.#folder, entry.file), entry, into);
  }

  /** Throws ColumnDamaged when a column is not what was written; nothing is kept of it in memory. */
  async check(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`no column ${name} is kept`);
    await readColumn(path.join(this.#folder, entry.file), entry, null);
  }

  /** Where the values of a column begin, for reading single ones after `check`. */
  locate(name: string): ColumnInFile {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`no column ${name} is kept`);
    return { path: path.join(this.#folder, entry.file), at: PAGE_BYTES, type: entry.type, length: entry.length };
  }

  /** For one look at each value. Throws ColumnDamaged, and for a name that is not kept. */
  slices(name: string): ColumnSlices {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`no column ${name} is kept`);
    return new ColumnSlices(path.join(this.#folder, entry.file), entry);
  }

  loadSync(name: string, into: ColumnValues): void {
    const entry = this.#expect(name, into);
    readColumnSync(path.join(this.#folder, entry.file), entry, into);
  }

  #expect(name: string, into: ColumnValues): ColumnEntry {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.length !== into.length || entry.type !== getType(into))
      throw new Error(`no column ${name} of ${into.length} values is kept`);
    return entry;
  }
}

/** null = none, damaged, or of another version of the format. */
export function readManifest(file: string): Manifest | null {
  try {
    return decodeManifest(readFileSync(file));
  } catch {
    return null;
  }
}

let written = 0;
/** Names tell who writes: files of a process that is gone and that no manifest names can go. */
const newName = (): string => `${process.pid}-${Date.now().toString(36)}-${written++}`;

async function writeFiles(
  folder: string,
  prefix: string,
  columns: readonly NamedColumn[],
  signal: AbortSignal | null,
): Promise<ColumnEntry[]> {
  signal?.throwIfAborted();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const entries: ColumnEntry[] = [];
  const files = columns.map((_, i) => `${prefix}.${i}.column`);
  try {
    for (const [i, { name, values }] of columns.entries()) {
      const file = files[i] ?? '';
      const handle = await open(path.join(folder, file), 'wx', 0o600);
      try {
        const entry = { name, file, type: getType(values), length: values.length };
        entries.push(await writeColumn(handle, entry, values, signal));
      } finally {
        await handle.close();
      }
    }
    return entries;
  } catch (error) {
    await Promise.all(files.map((file) => rm(path.join(folder, file), { force: true })));
    throw error;
  }
}

/** A crash before the rename leaves the old manifest, after it the new one; no fsync: a CRC tells what never reached the disk. */
async function publish(folder: string, manifest: Manifest): Promise<void> {
  const temporary = path.join(folder, `${newName()}.manifest`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(encodeManifest(manifest));
  } finally {
    await handle.close();
  }
  await rename(temporary, path.join(folder, MANIFEST));
  await removeLeftovers(folder, manifest);
}

const bytesOf = (columns: readonly NamedColumn[]): number =>
  columns.reduce((sum, { values }) => sum + getFileBytes({ type: getType(values), length: values.length }), 0);
