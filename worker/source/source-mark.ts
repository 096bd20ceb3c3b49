import type Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import type { EventTable } from './event-table.ts';
import type { ScanSlice, SourceMark } from './event-source.ts';
import { hourOf, type Cell } from './parse-time.ts';
import { LeafBlocks, type Blocks } from './pages/leaf-blocks.ts';
import type { PageFile } from './pages/page-file.ts';
import { PagesUnusable } from './pages/pages-unusable.ts';
import { quote } from './read-schema.ts';
import { shopOwners } from './shop-owners.ts';
import type { SliceDetail } from './slices.ts';

/** Where the rows of one state of a table end. */
export type TableMark = SourceMark & {
  readonly detail: {
    readonly schema: string;
    /** Complete leaves: all but the last. */
    readonly leaves: number;
    /** By block of them: all its rowids are at most this. */
    readonly uppers: readonly number[];
    readonly lastRow: number;
    /** Hash of the rows behind the complete leaves. */
    readonly tail: string;
  };
};

/** Looked up one by one when a source has grown. */
const MAX_OWNERS = 50_000;

/** Marks one state of a table and tells whether another one only has more rows. Open as long as its file. */
export class TableMarker {
  readonly #db: Database.Database;
  readonly #events: EventTable;
  readonly #file: PageFile;
  readonly #blocks: LeafBlocks;
  readonly #rowid: string;

  /** Throws PagesUnusable for what only SQLite can read, and for rows that a filter or a view picks. */
  constructor(db: Database.Database, events: EventTable, file: PageFile) {
    const { table } = events;
    if (table.rowid === null || table.kind === 'view' || table.virtual || events.filter !== null)
      throw new PagesUnusable('rows cannot be told by their numbers');
    this.#db = db;
    this.#events = events;
    this.#file = file;
    this.#rowid = table.rowid;
    this.#blocks = new LeafBlocks(file, rootOf(db, table.name));
  }

  /** `before` = an earlier state that this one has grown out of. */
  mark(before: TableMark | null): TableMark {
    const blocks = this.#blocks.cut(before?.detail ?? null);
    const lastRow = this.#ask(`SELECT max(${this.#rowid}) FROM ${this.#table}`);
    if (!Number.isSafeInteger(lastRow)) throw new PagesUnusable('the table is empty, or its rowids go beyond 2^53');
    const tail = this.#hashRows(lastFullOf(blocks), Number(lastRow));
    return {
      blocks: blocks.uppers.length,
      detail: { ...blocks, schema: this.#schema(), lastRow: Number(lastRow), tail },
    };
  }

  digest({ detail }: TableMark, from: number, to: number, known: boolean): Uint32Array {
    return this.#blocks.digest(detail, from, to, known);
  }

  /**
   * The rows behind the mark without those that are duplicates; null = more has changed than that. Its blocks are for the
   * caller to compare.
   */
  rowsSince({ detail }: TableMark, duplicates: ReadonlySet<number>): ScanSlice | null {
    const { lastRow, tail, schema } = detail;
    const lastFull = lastFullOf(detail);
    const isSame =
      this.#blocks.endAt(lastFull) && this.#schema() === schema && this.#hashRows(lastFull, lastRow) === tail;
    const last = this.#ask(`SELECT max(${this.#rowid}) FROM ${this.#table}`);
    if (!isSame || typeof last !== 'number' || !Number.isSafeInteger(last) || last < lastRow) return null;
    const rows: SliceDetail = {
      fromRow: lastRow + 1,
      toRow: Math.max(last, lastRow + 1),
      fromKey: null,
      toKey: null,
      index: null,
      fromTime: null,
      toTime: null,
      duplicates: [...duplicates].filter((seq) => seq > lastRow).join(','),
    };
    return { index: 0, estimatedRows: last - lastRow, detail: rows };
  }

  /** Whether one of these events, keyed by another hour than its own, now also stands under its own. */
  hasTwin(strays: readonly { readonly id: string; readonly time: number }[]): boolean {
    const { hour } = this.#events;
    if (strays.length === 0 || hour === null) return false;
    if (typeof hour.index !== 'string') return true;
    const find = this.#db
      .prepare<[string, string], Cell>('SELECT event_time FROM main.global_events WHERE ts = ? AND event_id = ?')
      .pluck();
    return strays.some(({ id, time }) =>
      find.all(hourOf(time), id).some((cell) => this.#events.time.read(cell) === time),
    );
  }

  /** Whether a shop that stood for an actor belongs to another user now: old events would be that user's. */
  hasOtherOwner(owners: readonly (readonly [shopId: string, user: string | null])[]): boolean {
    if (owners.length > MAX_OWNERS) return true;
    const ownerOf = shopOwners(this.#db, () => undefined);
    return owners.some(([shopId, user]) => (ownerOf(shopId) ?? null) !== user);
  }

  get #table(): string {
    return `main.${quote(this.#events.table.name)}`;
  }

  #ask(sql: string): unknown {
    return this.#db.prepare<[]>(sql).pluck().get();
  }

  #schema(): string {
    const rows = this.#db.prepare('SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY 1, 2').all();
    return hash(JSON.stringify([rows, this.#file.pageSize, this.#file.usable]));
  }

  #hashRows(after: number, last: number): string {
    const rows = this.#db
      .prepare<[number, number]>(
        `SELECT ${this.#rowid}, * FROM ${this.#table} WHERE ${this.#rowid} > ? AND ${this.#rowid} <= ?`,
      )
      .raw(true)
      .safeIntegers(true)
      .all(after, last);
    return hash(JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)));
  }
}

const lastFullOf = ({ uppers }: Blocks): number => uppers.at(-1) ?? Number.MIN_SAFE_INTEGER;

function rootOf(db: Database.Database, table: string): number {
  const root = db
    .prepare<[string], number>("SELECT rootpage FROM main.sqlite_master WHERE type = 'table' AND name = ?")
    .pluck()
    .get(table);
  if (typeof root !== 'number') throw new PagesUnusable('the table has no root page');
  return root;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64');
