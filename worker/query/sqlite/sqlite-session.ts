import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { EngineError } from '../../../protocol/errors.ts';
import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';
import type { QualityCheck } from '../../../protocol/query-schema.ts';
import { checkFile } from '../../source/check-file.ts';
import { runChecks } from '../quality.ts';
import { TAG, tagOf, type Value } from '../result/page.ts';
import { RowPage } from '../result/row-page.ts';
import type { RowSink, RunEnd, RunStatement, SqlSession, Statement } from '../sql-session.ts';
import { findParameters, findUnnamed, onlyStatement, pickParameters, unnamedError } from '../statements.ts';
import { checkSqlite } from './check-sqlite.ts';
import { openFile, type OpenFile, type Places } from './open-file.ts';
import { estimateSqlite, explainSqlite } from './plan-sqlite.ts';
import { readSchema } from './schema-sqlite.ts';
import { identifyScratch } from '../scratch/scratch-file.ts';
import { readLocalTables } from './schema-scratch.ts';
import { toSqliteError } from './sqlite-error.ts';
import { readVocabulary } from './vocabulary-sqlite.ts';

/** How often a run lets messages out. Rows come in between, so this is no promise about a slow row. */
const BREATHE_MS = 20;
const FIRST_WORDS = /^(?:select|with|values|explain|pragma)\b/i;

/** A file, in this process. It is opened anew when it is another one than before. */
export class SqliteSession implements SqlSession {
  readonly dialect = 'sqlite';
  readonly #places: Places;
  #open: OpenFile;

  private constructor(places: Places, open: OpenFile) {
    this.#places = places;
    this.#open = open;
  }

  static async open(places: Places): Promise<SqliteSession> {
    return new SqliteSession(places, await openFile(places));
  }

  describe() {
    const { db } = this.#open;
    const version = String(Object.values(db.prepare('SELECT sqlite_version()').get() ?? {})[0]);
    const step = (name: string, text: string) => ({ name, passed: true, text });
    return Promise.resolve({
      dialect: this.dialect,
      server: `SQLite ${version}`,
      readOnly: {
        status: 'proved',
        text: 'read-only: proved',
        steps: [
          step('opened', 'read-only and immutable: nothing can be written into the file or beside it'),
          step('write refused', this.#proveRefused('CREATE TABLE tributary_proof (a)')),
          step('other database refused', this.#proveRefused("ATTACH ':memory:' AS tributary_proof")),
        ],
        warnings: [],
      },
    } as const);
  }

  /** Throws E_REFUSED when the guard is not in place: then nothing may run here. */
  #proveRefused(sql: string): string {
    try {
      this.#open.db.prepare(sql).all();
    } catch {
      if (this.#open.guard.denied !== null) {
        const { action } = this.#open.guard.denied;
        this.#open.guard.denied = null;
        return `${action} was refused`;
      }
    }
    throw new EngineError('E_REFUSED', 'The guard of this file is not in place.', { hint: 'Report this.' });
  }

  async check(sql: string) {
    if (this.#hasOtherTables()) await this.#refresh();
    return checkSqlite(sql, this.#open);
  }

  async schema() {
    await this.#refresh();
    const { db, scratch } = this.#open;
    return this.#guarded(() => {
      const schema = readSchema(db);
      return scratch.isAttached ? { ...schema, tables: [...schema.tables, ...readLocalTables(db)] } : schema;
    });
  }

  async vocabulary() {
    await this.#refresh();
    return this.#guarded(() => readVocabulary(this.#open.db));
  }

  async quality(): Promise<readonly QualityCheck[]> {
    await this.#refresh();
    const schema = this.#guarded(() => readSchema(this.#open.db));
    return runChecks(schema, (sql) => Promise.resolve(this.#guarded(() => this.#scalars(sql))));
  }

  #scalars(sql: string): number[] {
    const statement = this.#open.db.prepare(sql);
    statement.setReturnArrays(true);
    return (statement.get() as unknown as SQLInputValue[]).map(Number);
  }

  async estimate(statement: Statement) {
    await this.#refresh();
    const text = cut(statement.sql);
    return this.#guarded(() => estimateSqlite(this.#open.db, text));
  }

  explain(statement: Statement, analyze: boolean) {
    if (analyze)
      return Promise.reject(
        new EngineError('E_UNSUPPORTED', 'SQLite cannot measure a plan while it runs.', {
          hint: 'Leave ANALYZE out; run the statement to see how long it takes.',
        }),
      );
    return Promise.resolve(this.#guarded(() => explainSqlite(this.#open.db, cut(statement.sql))));
  }

  async run(statement: RunStatement, sink: RowSink): Promise<RunEnd> {
    const notes = await this.#refresh();
    const before = this.#open.file.fingerprint;
    try {
      const end = await this.#iterate(statement, sink);
      return { ...end, notes: [...notes, ...this.#checkSame(before)] };
    } catch (thrown) {
      // What looks damaged is most often a file that is being replaced.
      if (this.#isChanged(before)) throw changed();
      throw this.#translate(thrown);
    }
  }

  async #iterate({ sql, params }: RunStatement, sink: RowSink): Promise<RunEnd> {
    const text = cut(sql);
    const prepared = this.#prepare(text);
    const unnamed = findUnnamed(text, 'sqlite');
    if (unnamed !== null) throw unnamedError(text, unnamed);
    const values = pickParameters(findParameters(text, 'sqlite'), params);
    const named = Object.fromEntries(
      findParameters(text, 'sqlite').map((name, at) => [`:${name}`, toInput(values[at] ?? null)]),
    );
    let truncatedBy: RunEnd['truncatedBy'] = null;
    let add: ReturnType<typeof start> | null = null;
    const start = (first: readonly Value[]) => {
      // Asked for with the first row: a local table that was replaced is noticed by the first step, not by preparing.
      const columns = prepared.columns();
      return sink.start(
        columns.map((column, at) => describeColumn(column, first[at] ?? null)),
        new RowPage(columns.length),
      );
    };
    let breathed = performance.now();
    for (const row of prepared.iterate(named) as unknown as Iterable<Value[]>) {
      add ??= start(row);
      truncatedBy = add(row);
      if (truncatedBy !== null) break;
      if (performance.now() - breathed < BREATHE_MS) continue;
      sink.report();
      await new Promise((resolve) => setImmediate(resolve));
      breathed = performance.now();
    }
    if (add === null) start([]);
    return { truncatedBy, notes: [] };
  }

  #prepare(text: string): StatementSync {
    const { db, guard } = this.#open;
    guard.denied = null;
    const prepared = db.prepare(text);
    // Values are bound as `:name`; without the sign `:a` and `@a` of one statement would be the same name.
    prepared.setAllowBareNamedParameters(false);
    prepared.setReturnArrays(true);
    prepared.setReadBigInts(true);
    return prepared;
  }

  /** The file of local tables came, went or was exchanged; what is written into it is seen anyhow. */
  #hasOtherTables(): boolean {
    return identifyScratch(this.#places.tables) !== this.#open.scratch.identity;
  }

  /** Another file at the same place is opened before anything is asked of it. */
  async #refresh(): Promise<string[]> {
    const isSame = checkFile(this.#places.path).fingerprint === this.#open.file.fingerprint;
    if (isSame && !this.#hasOtherTables()) return [];
    const next = await openFile(this.#places);
    this.#open.db.close();
    this.#open = next;
    if (isSame) return [];
    return ['The file has changed since it was opened: this is what is in it now.'];
  }

  #isChanged(before: string): boolean {
    try {
      return checkFile(this.#places.path).fingerprint !== before;
    } catch {
      return true;
    }
  }

  /** A private copy stays what it was while its file only grows; anything else would be an answer of two files. */
  #checkSame(before: string): string[] {
    if (!this.#isChanged(before)) return [];
    if (this.#open.isPrivate && this.#isSameInode())
      return ['The file is being written to: this is how it was before.'];
    throw changed();
  }

  #isSameInode(): boolean {
    const inode = (fingerprint: string): string => fingerprint.split(':', 2).join(':');
    try {
      return inode(checkFile(this.#places.path).fingerprint) === inode(this.#open.file.fingerprint);
    } catch {
      return false;
    }
  }

  #guarded<T>(work: () => T): T {
    this.#open.guard.denied = null;
    try {
      return work();
    } catch (thrown) {
      throw this.#translate(thrown);
    }
  }

  #translate(thrown: unknown): unknown {
    const { denied } = this.#open.guard;
    this.#open.guard.denied = null;
    return toSqliteError(thrown, denied);
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#open.db.close();
    return Promise.resolve();
  }
}

/** The one statement of a text, which must begin as reading does: the authorizer judges what it really is. */
function cut(sql: string): string {
  const { from, to } = onlyStatement(sql, 'sqlite');
  const text = sql.slice(from, to);
  if (FIRST_WORDS.test(text.replace(/^(?:\s|\(|--[^\n]*\n?|\/\*.*?\*\/)*/s, ''))) return text;
  throw new EngineError('E_REFUSED', `A statement that begins with ${/^\S{1,20}/.exec(text)?.[0] ?? ''} is not run.`, {
    hint: 'Use SELECT, WITH, VALUES or EXPLAIN. To change data, use the tool that owns it.',
  });
}

const toInput = (value: null | boolean | number | string): SQLInputValue => {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
};

const changed = (): EngineError =>
  new EngineError('E_SOURCE_CHANGED', 'The file was changed while the statement ran; the answer is discarded.', {
    hint: 'Run it again when nothing writes to the file.',
  });

/** By its declared type where the first value agrees, else by that value alone. */
function describeColumn(column: { readonly name: string; readonly type: string | null }, first: Value): ResultColumn {
  const declared = column.type;
  return { name: column.name, declared, type: typeOf(declared, first) };
}

const TYPE_OF_TAG: Readonly<Record<number, ColumnType>> = {
  [TAG.integer]: 'integer',
  [TAG.real]: 'real',
  [TAG.text]: 'text',
  [TAG.blob]: 'blob',
};

function typeOf(declared: string | null, first: Value): ColumnType {
  const seen = first === null ? undefined : TYPE_OF_TAG[tagOf(first)];
  const name = (declared ?? '').toUpperCase();
  if (name.includes('JSON') && (seen ?? 'text') === 'text') return 'json';
  const wished: ColumnType | undefined = name.includes('INT')
    ? 'integer'
    : /CHAR|CLOB|TEXT/.test(name)
      ? 'text'
      : /REAL|FLOA|DOUB/.test(name)
        ? 'real'
        : undefined;
  if (seen === undefined) return wished ?? 'any';
  return seen;
}
