import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findStatements } from '../../worker/query/statements.ts';
import { openGuarded, percentile, type Guarded } from '../guard/queries.ts';
import { hashFolder } from '../support/watch-files.ts';

/** What a statement may take here; a run that takes longer than both is not stopped by its deadline. */
const LIMITS = { rows: 1_000, bytes: 10_000_000, memoryBytes: 400_000_000, deadlineMs: 500 };
/** The machine may be busy; what hangs takes for ever. */
const SLACK_MS = 5_000;
/** Folders are hashed as a whole only so often; names, sizes and times are looked at after each text. */
const HASH_EVERY = 1_000;

export interface FuzzTally {
  texts: number;
  statements: number;
  /** By error code; `ok` = it answered. */
  readonly answers: Map<string, number>;
  /** Query processes that were replaced: crashes, and kills for time or memory. */
  replaced: number;
  /** ms, of one statement or one check. */
  readonly took: number[];
  /** Statements whose process crashed. */
  readonly crashed: string[];
  /** What must not be: one line each. */
  readonly faults: string[];
}

/**
 * Has each text judged and run by the real guard, as a whole and statement by statement, on a database that has the tables
 * such texts talk of. Judged by effect: the database and its folder, which is the working directory too, stay as they are;
 * a process answers after each text; deadlines are kept.
 */
export async function fuzzSql(texts: Iterable<string>, home: string, tell?: (so: FuzzTally) => void) {
  const folder = path.join(home, 'watched');
  mkdirSync(folder);
  makeDatabase(path.join(folder, 'fuzz.db'));
  const before = { hash: hashFolder(folder), look: look(folder) };
  const cwd = process.cwd();
  process.chdir(folder);
  const guarded = await openGuarded({ kind: 'sqlite', path: path.join(folder, 'fuzz.db') });
  const fuzz = new Fuzz(guarded);
  try {
    for (const text of texts) {
      await fuzz.text(text);
      if (look(folder) !== before.look) fuzz.fault('the folder has changed', text);
      if (fuzz.tally.texts % HASH_EVERY !== 0) continue;
      if (hashFolder(folder) !== before.hash) fuzz.fault('the database has changed', text);
      tell?.(fuzz.tally);
    }
    if (hashFolder(folder) !== before.hash) fuzz.fault('the database has changed', '');
    await fuzz.expectUntouched();
    return fuzz.tally;
  } finally {
    process.chdir(cwd);
    await guarded.stop();
  }
}

export function describeTally({ texts, statements, answers, replaced, took, crashed, faults }: FuzzTally): string {
  const codes = [...answers].toSorted((a, b) => b[1] - a[1]).map(([code, n]) => `${code} ${n}`);
  const ms = (share: number): string => percentile(took, share).toFixed(1);
  return (
    `${texts} texts, ${statements} statements: ${codes.join(', ')}; ${replaced} processes replaced, ` +
    `${crashed.length} crashes; p50 ${ms(0.5)} p99 ${ms(0.99)} max ${ms(1)} ms; ${faults.length} faults`
  );
}

class Fuzz {
  readonly tally: FuzzTally = {
    texts: 0,
    statements: 0,
    answers: new Map(),
    replaced: 0,
    took: [],
    crashed: [],
    faults: [],
  };
  readonly #guarded: Guarded;
  #pid = 0;

  constructor(guarded: Guarded) {
    this.#guarded = guarded;
  }

  fault(what: string, text: string): void {
    this.tally.faults.push(`${what}: ${JSON.stringify(text.slice(0, 500))}`);
  }

  async text(text: string): Promise<void> {
    this.tally.texts++;
    const { sessionId, queries } = this.#guarded;
    const checked = await this.#timed(text, () => queries.check({ queryId: 'check', sessionId, sql: text }));
    // Slow to judge is no fault: it is given up after its own limit.
    if (!checked.ok) this.#count(`check ${checked.error.code}`);
    const ranges = findStatements(text, 'sqlite');
    const parts = ranges.map(({ from, to }) => text.slice(from, to));
    for (const sql of new Set([text, ...parts])) await this.#run(sql);
    const pid = await this.#guarded.pid();
    if (pid !== this.#pid && this.#pid !== 0) this.tally.replaced++;
    this.#pid = pid;
  }

  async #run(sql: string): Promise<void> {
    this.tally.statements++;
    const answer = await this.#timed(sql, () => this.#guarded.run(sql, { limits: LIMITS }));
    this.#count(answer.ok ? 'ok' : answer.error.code);
    if (answer.ok) await this.#guarded.queries.release(answer.value.resultId);
    else if (answer.error.code === 'E_INTERNAL') this.fault(answer.error.message, sql);
    else if (answer.error.code === 'E_ENGINE_LOST') this.tally.crashed.push(sql);
  }

  async #timed<T>(sql: string, work: () => Promise<T>): Promise<T> {
    const at = performance.now();
    const answer = await work();
    const took = performance.now() - at;
    this.tally.took.push(took);
    if (took > LIMITS.deadlineMs + SLACK_MS) this.fault(`took ${Math.round(took)} ms`, sql);
    return answer;
  }

  #count(code: string): void {
    this.tally.answers.set(code, (this.tally.answers.get(code) ?? 0) + 1);
  }

  async expectUntouched(): Promise<void> {
    const rows = await this.#guarded.run('SELECT (SELECT count(*) FROM sqlite_temp_schema), (SELECT sum(a) FROM t1)');
    const first = rows.ok ? JSON.stringify(rows.value.firstRows) : rows.error.message;
    if (first !== '[[0,6]]') this.fault(`the connection is not as before: ${first}`, '');
  }
}

/** The tables that the texts make for themselves, so that their queries have something to read. */
function makeDatabase(target: string): void {
  const db = new DatabaseSync(target);
  const names = ['t', 't0', 't1', 't2', 't3', 't4', 't5', 'x', 'x1', 'y', 'a', 'abc', 'v1', 'l00', 'log', 'record'];
  for (const name of names) {
    db.exec(`CREATE TABLE ${name} (a INTEGER PRIMARY KEY, b INT, c TEXT, d, e, x, y, z, w)`);
    db.exec(`INSERT INTO ${name} VALUES (1, 2, 'three', 4.5, x'00', 1, 2, 3, NULL), (2, 1, 'four', NULL, x'ff', 3, 2, 1, 0),
      (3, 3, 'Fünf; --', 1e300, zeroblob(9), '{"a":[1,2]}', 'abc', '', 7)`);
    db.exec(`CREATE INDEX ${name}_b ON ${name} (b, c)`);
  }
  db.exec('CREATE VIRTUAL TABLE ft USING fts5(body)');
  db.exec("INSERT INTO ft VALUES ('hello world')");
  db.close();
}

function look(folder: string): string {
  const one = (name: string): string => {
    const { size, mtimeNs, ino } = lstatSync(path.join(folder, name), { bigint: true });
    return `${name} ${ino} ${size} ${mtimeNs}`;
  };
  return readdirSync(folder).toSorted().map(one).join('\n');
}
