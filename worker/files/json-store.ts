import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { EngineError } from '../../protocol/errors.ts';
import type { ErrorData } from '../../protocol/index.ts';
import { writeFileAtomic } from './atomic-write.ts';

/**
 * One small value in a JSON file `{ "version": 1, "value": … }` that survives what happens to files. Beside
 * `settings.json` lies `settings.json.bak`, the value before the last one. A file that cannot be read is moved to
 * `settings.broken-<time>.json`, one of a newer version to `settings.newer-<time>.json`: nothing is ever dropped
 * silently, and there is always a value to start with.
 */
const STORE_VERSION = 1;

export interface Loaded<T> {
  readonly value: T;
  /** What was wrong with the file, for the user; null when all is well. */
  readonly problem: ErrorData | null;
}

type Found<T> =
  | { readonly state: 'ok'; readonly value: T }
  | { readonly state: 'missing' }
  | { readonly state: 'broken' | 'newer' | 'unreadable'; readonly why: string };

export class JsonStore<T> {
  readonly #path: string;
  readonly #schema: z.ZodType<T>;
  readonly #initial: () => T;
  #loaded: Promise<Loaded<T>> | undefined;
  #current: T | undefined;
  /** Whether there is a file to keep a backup of. */
  #hasFile = false;
  /** Writes one after the other, so that two never race for the backup. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(path: string, schema: z.ZodType<T>, initial: () => T) {
    this.#path = path;
    this.#schema = schema;
    this.#initial = initial;
  }

  /** Reads the file on the first call, and answers from memory afterwards. Never rejects. */
  load(): Promise<Loaded<T>> {
    this.#loaded ??= this.#read();
    return this.#loaded.then(({ problem }) => ({ value: this.#current as T, problem }));
  }

  /** Changes the value and writes it. Throws EngineError; the value in memory is changed all the same. */
  async update(change: (value: T) => T): Promise<T> {
    await this.load();
    const previous = this.#current as T;
    const next = change(previous);
    this.#current = next;
    await this.#enqueue(() => this.#write(previous, next));
    return next;
  }

  /** Removes the file and its backup; the value is the initial one again. */
  async clear(): Promise<void> {
    await this.load();
    this.#current = this.#initial();
    await this.#enqueue(async () => {
      // The backup first: a crash in between must not bring the older value back.
      await rm(this.#backup, { force: true });
      await rm(this.#path, { force: true });
      this.#hasFile = false;
    });
  }

  get #backup(): string {
    return `${this.#path}.bak`;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #write(previous: T, next: T): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    // A backup without its file would be told as a file that was lost, after a crash between the two.
    if (this.#hasFile) await writeFileAtomic(this.#backup, format(previous));
    await writeFileAtomic(this.#path, format(next));
    this.#hasFile = true;
  }

  async #read(): Promise<Loaded<T>> {
    const found = await this.#parse(this.#path);
    this.#hasFile = found.state === 'ok';
    if (found.state === 'ok') return this.#use(found.value, null);
    const backup = await this.#parse(this.#backup);
    if (found.state === 'missing' && backup.state !== 'ok') return this.#use(this.#initial(), null);
    const value = backup.state === 'ok' ? backup.value : this.#initial();
    return this.#use(value, await this.#setAside(found, backup.state === 'ok'));
  }

  #use(value: T, problem: ErrorData | null): Loaded<T> {
    this.#current = value;
    return { value, problem };
  }

  async #parse(path: string): Promise<Found<T>> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      return code === 'ENOENT' ? { state: 'missing' } : { state: 'unreadable', why: String(thrown) };
    }
    try {
      const { version, value } = JSON.parse(text) as { version?: unknown; value?: unknown };
      if (typeof version === 'number' && version > STORE_VERSION) return { state: 'newer', why: `version ${version}` };
      return { state: 'ok', value: this.#schema.parse(value) };
    } catch (thrown) {
      return { state: 'broken', why: String(thrown) };
    }
  }

  /** Keeps the bad file under another name and says so. */
  async #setAside(found: Found<T>, restored: boolean): Promise<ErrorData> {
    const name = basename(this.#path, '.json');
    const used = restored ? 'The last good version is used instead.' : 'Tributary starts without it.';
    if (found.state === 'missing') return problem(`${name}.json was missing.`, used, '');
    const why = found.state === 'ok' ? '' : found.why;
    if (found.state === 'unreadable') return problem(`${name}.json cannot be read.`, used, why);
    const kept = `${name}.${found.state}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`;
    await rename(this.#path, join(dirname(this.#path), kept)).catch(() => undefined);
    const what =
      found.state === 'newer' ? `${name}.json was written by a newer Tributary.` : `${name}.json was damaged.`;
    return problem(what, `${used} The file is kept as ${kept}.`, why);
  }
}

function problem(what: string, hint: string, details: string): ErrorData {
  return new EngineError('E_CORRUPT', what, { hint, details: details === '' ? undefined : details }).toData();
}

function format(value: unknown): string {
  return `${JSON.stringify({ version: STORE_VERSION, value }, null, 2)}\n`;
}
