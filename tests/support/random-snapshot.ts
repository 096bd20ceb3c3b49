import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';

export interface SnapshotOptions {
  readonly rows: number;
  readonly pageSize: number;
  /** Share of rows with something odd about them. */
  readonly dirt: number;
}
type Cell = string | number | bigint | Buffer | null;

const START = Date.UTC(2024, 1, 27, 22);
const HOUR = 3_600_000;
const TEXTS = ['', 'a', 'zoë', '日本', 'seven77', 'eight888', 'fifteen15151515', 'sixteen161616161', 'x'.repeat(300)];

/** A snapshot of our model with every kind of row, from clean to absurd; the same for the same seed. */
export function writeRandomSnapshot(file: string, random: () => number, options: SnapshotOptions): void {
  rmSync(file, { force: true });
  const db = new Database(file);
  db.pragma(`page_size = ${options.pageSize}`);
  if (random() < 0.3) db.pragma('auto_vacuum = FULL');
  db.exec(`CREATE TABLE global_events (ts TEXT, event_id TEXT, event_time ${random() < 0.5 ? 'INTEGER' : 'TEXT'}, event_type, metadata
    ${random() < 0.8 ? ', recorded_at' : ''}${random() < 0.8 ? '' : ', spare'});
    CREATE TABLE shops (shop_id TEXT PRIMARY KEY, user_id TEXT) WITHOUT ROWID;
    INSERT INTO shops VALUES ('s1', 'u1'), ('s2', 'owner2'), ('s3', NULL);`);
  if (random() < 0.5) db.exec('CREATE INDEX by_hour ON global_events (ts, event_id)');
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all('global_events') as string[];
  const insert = db.prepare(
    `INSERT INTO global_events (rowid, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')})`,
  );
  const maker = new RowMaker(random, options.dirt);
  let rowid = random() < 0.3 ? -50 : 1;
  db.transaction(() => {
    for (let i = 0; i < options.rows; i++) {
      const row = maker.next();
      insert.run(BigInt(rowid), ...columns.map((name) => row[name] ?? null));
      rowid += random() < 0.05 ? 1 + Math.floor(random() * 2 ** (random() * 38)) : 1;
    }
  })();
  // Pages that are free again keep their old rows: they must not be read.
  if (random() < 0.5) db.exec(`DELETE FROM global_events WHERE rowid % 7 < ${Math.floor(random() * 4)}`);
  // Rows written before a column was added are shorter than the table.
  if (random() < 0.3) db.exec("ALTER TABLE global_events ADD COLUMN added TEXT DEFAULT 'later'");
  if (!columns.includes('recorded_at') && random() < 0.5)
    db.exec('ALTER TABLE global_events ADD COLUMN recorded_at INTEGER DEFAULT 1709071200000');
  db.close();
}

class RowMaker {
  readonly #random: () => number;
  readonly #dirt: number;
  #time = START;
  #last: Readonly<Record<string, Cell>> = {};

  constructor(random: () => number, dirt: number) {
    this.#random = random;
    this.#dirt = dirt;
  }

  next(): Readonly<Record<string, Cell>> {
    this.#time += Math.floor(this.#random() * 400_000);
    const time = this.#time;
    const hour = new Date(time).toISOString().slice(0, 13);
    const clean = {
      ts: hour,
      event_id: `e${Math.floor(this.#random() * 1e9)}`,
      event_time: this.#chance(0.3) ? new Date(time).toISOString() : time,
      event_type: this.#pick(['open', 'close', 'buy_something_long']),
      metadata: this.#metadata(),
      recorded_at: this.#chance(0.2) ? null : time + this.#pick([0, 5, HOUR, HOUR + 1]),
      spare: this.#pick([null, 1, 'x', 1.5, Buffer.from('blob')]),
    };
    this.#last = this.#chance(this.#dirt) ? this.#spoil(clean, time) : clean;
    return this.#last;
  }

  #metadata(): string {
    const user = `u${Math.floor(this.#random() * 40)}${this.#chance(0.1) ? 'x'.repeat(20) : ''}`;
    const object: Record<string, unknown> = { user_id: user };
    if (this.#chance(0.5)) object['plan'] = this.#pick(['pro', 'free', null]);
    if (this.#chance(0.5)) object['amount'] = this.#pick([0, -1, 1900, 1e15, true, false, null]);
    if (this.#chance(0.2)) object['a key of some length'] = this.#pick(TEXTS);
    const text = JSON.stringify(object);
    return this.#chance(0.3) ? text.replaceAll(',', ', ').replaceAll(':', ': ') : text;
  }

  #spoil(clean: Readonly<Record<string, Cell>>, time: number): Readonly<Record<string, Cell>> {
    const shifted = new Date(time + HOUR * (1 + Math.floor(this.#random() * 3))).toISOString().slice(0, 13);
    return this.#pick<() => Readonly<Record<string, Cell>>>([
      () => ({ ...clean, ts: shifted }),
      () => ({ ...this.#last, ts: shifted }),
      () => ({
        ...clean,
        ts: this.#pick<Cell>(['2024-02-30T10', '2024-02-29 10', 'x', 5, null, Buffer.from('2024-01-01T00')]),
      }),
      () => ({
        ...clean,
        event_time: this.#pick<Cell>([
          null,
          -5,
          1.5,
          9e15,
          2n ** 62n,
          'soon',
          '2024-02-30T10:00:00.000Z',
          Buffer.alloc(8),
        ]),
      }),
      () => ({
        ...clean,
        event_time: this.#pick<Cell>([
          0,
          1,
          127,
          40_000,
          8_000_000,
          time + 0.25,
          String(time),
          '2024-02-28 10:00:00',
          '2024-02-28T10:00:60Z',
        ]),
      }),
      () => ({
        ...clean,
        event_type: this.#pick<Cell>(['', null, 7, 2n ** 60n, 1.5, Buffer.from([1, 200]), ...TEXTS]),
      }),
      () => ({
        ...clean,
        recorded_at: this.#pick<Cell>([
          null,
          -1,
          1.5,
          'later',
          new Date(time).toISOString(),
          '2024-02-29T23:59:59.999Z',
          2n ** 60n,
        ]),
      }),
      () => ({ ...clean, metadata: this.#oddMetadata() }),
    ])();
  }

  #oddMetadata(): Cell {
    const long = 'y'.repeat(Math.floor(2 ** (this.#random() * 17)));
    return this.#pick<Cell>([
      null,
      '',
      '{}',
      '[]',
      '{',
      '{"user_id":"x"',
      '{"user_id":"a\\u00e9b"}',
      '{"user_id":"\\ud800"}',
      '{"user_id":{"a":1}}',
      '{"user_id":""}',
      '{"user_id":null,"shop_id":"s1"}',
      '{"shop_id":"s2"}',
      '{"shop_id":"s3"}',
      '{"shop_id":"none"}',
      '{"user_id":12}',
      '{"user_id":-0}',
      '{"user_id":1.50}',
      '{"user_id":1e3,"plan":"p"}',
      '{"user_id":true}',
      '{"user_id":01}',
      '{"user_id":"u1","user_id":"u2"}',
      '{"user_id":"u1","user_id":null}',
      '{"plan":"zoë","user_id":"日本"}',
      '{"user_id":"a\tb"}',
      `{"user_id":"${long}"}`,
      `{"user_id":"u3","note":"${long}"}`,
      '{ "user_id" : "u4" }',
      '{"user_id":"u5"} ',
      ' {"user_id":"u6"}',
      '{"user_id":"u7",}',
      '{"user_id":"u8","n":nullx}',
      '{"user_id":"u9","n":truefalse}',
      '{"user_id":"u1","":"empty"}',
      '{"user_id":"\u{feff}bom"}',
      Buffer.from('{"user_id":"u1"}'),
      5,
      '{"user_id":"\u007f"}',
      '{"user_id":"q\u0001"}',
      'null',
    ]);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }
}
