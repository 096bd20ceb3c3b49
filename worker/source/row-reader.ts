import type { ScanColumns } from './event-source.ts';
import { textExpression, type EventTable } from './event-table.ts';
import type { IssueKind } from './issues.ts';
import { MetadataReader } from './read-metadata.ts';
import type { Cell } from './parse-time.ts';
import { quote } from './read-schema.ts';
import type { ShopOwner } from './shop-owners.ts';

export type Row = readonly Cell[];
/** Why a row is no event. */
export type Fault = 'unreadable_time' | 'missing_event' | 'missing_actor' | 'bad_metadata';

/** `event`, `outside` of what is asked for, or what is wrong with the row. */
export type RowVerdict = 'event' | 'outside' | IssueKind;
/** Which rows are events: one rule for scans, for counting and for finding a row of a scan again. */
export interface RowJudge {
  readonly reader: RowReader;
  /** After `event` the reader holds the row. */
  judge(row: Row, seq: number): RowVerdict;
}

type Getter = (row: Row) => string | null;

/** Decodes the rows of one SELECT. `read` fills the fields; they hold until the next call. */
export class RowReader {
  /** Expressions to select, in order. The first is the rowid (or null). */
  readonly select: readonly string[];
  time = Number.NaN;
  event = '';
  actor = '';
  recordedAt = Number.NaN;
  /** The metadata of this row is no JSON object. */
  badMetadata = false;
  /** The actor was found through a shop. */
  byShop = false;
  readonly properties: readonly Getter[];
  readonly #events: EventTable;
  readonly #metadata: MetadataReader | null;
  readonly #at: {
    readonly time: number;
    readonly event: number;
    readonly actor: number;
    readonly recordedAt: number;
    readonly json: number;
  };
  readonly #ownerOf: ShopOwner;
  readonly #actorProperty: Getter | null;
  readonly #userId: number;
  readonly #shopId: number;

  constructor(events: EventTable, columns: ScanColumns, ownerOf: ShopOwner, extra: readonly string[] = []) {
    this.#events = events;
    this.#ownerOf = ownerOf;
    const select: string[] = [events.table.rowid ?? 'NULL', ...extra];
    const add = (expression: string): number => select.push(expression) - 1;
    const wanted = [...columns.properties, ...(columns.actorProperty === null ? [] : [columns.actorProperty])];
    const keys =
      events.json === null
        ? []
        : [...new Set([...wanted, ...(events.actor === 'metadata' ? ['user_id', 'shop_id'] : [])])];
    this.#userId = keys.indexOf('user_id');
    this.#shopId = keys.indexOf('shop_id');
    this.#metadata = keys.length === 0 ? null : new MetadataReader(keys);
    this.#at = {
      time: add(quote(events.time.column)),
      event: 'column' in events.event ? add(textExpression(events.event.column)) : -1,
      actor: events.actor === 'metadata' ? -1 : add(textExpression(events.actor.column)),
      recordedAt: columns.recordedAt && events.recordedAt !== null ? add(quote(events.recordedAt.column)) : -1,
      json: this.#metadata === null || events.json === null ? -1 : add(quote(events.json)),
    };
    const getterOf = (name: string): Getter => this.#getter(name, add, keys);
    this.properties = columns.properties.map(getterOf);
    this.#actorProperty = columns.actorProperty === null ? null : getterOf(columns.actorProperty);
    this.select = select;
  }

  /** Of the JSON column of this row. */
  get hasNull(): boolean {
    return this.#metadata?.hasNull ?? false;
  }

  get nonAscii(): boolean {
    return this.#metadata?.nonAscii ?? false;
  }

  /** Null when the row is an event. */
  read(row: Row): Fault | null {
    const { time, event, recordedAt, json } = this.#at;
    this.time = this.#events.time.read(row[time] ?? null);
    this.badMetadata = json >= 0 && !this.#readMetadata(row[json] ?? null);
    if (Number.isNaN(this.time)) return 'unreadable_time';
    const name = 'constant' in this.#events.event ? this.#events.event.constant : cellText(row[event] ?? null);
    if (name === null || name === '') return 'missing_event';
    this.event = name;
    const actor = this.#readActor(row);
    if (actor === null || actor === '') return this.badMetadata && this.#actorIsKey ? 'bad_metadata' : 'missing_actor';
    this.actor = actor;
    if (recordedAt >= 0) this.recordedAt = this.#events.recordedAt?.read(row[recordedAt] ?? null) ?? Number.NaN;
    return null;
  }

  /** The actor is looked for in the JSON column. */
  get #actorIsKey(): boolean {
    return this.#events.actor === 'metadata' || this.#actorProperty !== null;
  }

  #readActor(row: Row): string | null {
    this.byShop = false;
    if (this.#actorProperty !== null) return this.#actorProperty(row);
    if (this.#events.actor !== 'metadata') return cellText(row[this.#at.actor] ?? null);
    const values = this.#metadata?.values ?? [];
    const user = values[this.#userId] ?? null;
    if (user !== null && user !== '') return user;
    const shop = values[this.#shopId] ?? null;
    const owner = shop === null ? undefined : this.#ownerOf(shop);
    this.byShop = owner !== undefined;
    return owner ?? null;
  }

  #readMetadata(cell: Cell): boolean {
    const reader = this.#metadata;
    if (reader === null) return true;
    if (typeof cell === 'string' && cell !== '') return reader.read(cell);
    reader.clear();
    return cell === null || cell === '';
  }

  /** A column, `$event`, `$actor`, or a key of the JSON column; a name that is none of these is never set. */
  #getter(name: string, add: (expression: string) => number, keys: readonly string[]): Getter {
    if (name === '$event') return () => this.event;
    if (name === '$actor') return () => this.actor;
    if (this.#events.properties.includes(name)) {
      const at = add(textExpression(name));
      return (row) => cellText(row[at] ?? null);
    }
    const key = keys.indexOf(name);
    return () => this.#metadata?.values[key] ?? null;
  }
}

/** A cell as text; reals as JavaScript writes them, blobs as hexadecimal. */
export function cellText(cell: Cell): string | null {
  if (typeof cell === 'string' || cell === null) return cell;
  return typeof cell === 'object' ? Buffer.from(cell).toString('hex') : String(cell);
}
