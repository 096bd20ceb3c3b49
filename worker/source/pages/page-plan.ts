import type Database from 'better-sqlite3';
import type { TimeFormat } from '../../../protocol/index.ts';
import type { SliceRequest } from '../event-source.ts';
import type { EventTable } from '../event-table.ts';
import type { SchemaColumn } from '../read-schema.ts';
import { PagesUnusable } from './pages-unusable.ts';

/** Value slots hold the strings of a row: 0 the event, 1 the actor, the others what else was asked for. */
export const EVENT_SLOT = 0;
export const ACTOR_SLOT = 1;

/** Roles of columns; the kernel's `_pages-state.ts` has the same numbers. */
export const ROLE = { none: 0, ts: 1, time: 2, json: 3, recordedAt: 4, value: 8 } as const;
/** Kinds of times, likewise. */
export const TIME_KIND = { model: 0, iso: 1, seconds: 2, milliseconds: 3, microseconds: 4 } as const;

/** How the kernel reads a record of a table. */
export interface PagePlan {
  readonly root: number;
  /** By stored column, up to the last one needed: a ROLE, or ROLE.value + slot. */
  readonly roles: readonly number[];
  /** JSON keys with the slot of each. */
  readonly keys: readonly (readonly [key: string, slot: number])[];
  readonly slots: number;
  /** By kept property: its slot. */
  readonly propertySlots: readonly number[];
  readonly timeKind: number;
  readonly recordedKind: number;
  /** `ts` has to be the hour of the time. */
  readonly hourKeyed: boolean;
  /** Without an actor a row is no event; false = its shop may name one. */
  readonly skipsActorless: boolean;
}

const MAX_SLOTS = 240;

/** Throws PagesUnusable for what only SQLite can tell: views, expressions, columns that are not stored as they read. */
export function planPages(db: Database.Database, events: EventTable, request: SliceRequest): PagePlan {
  const { table } = events;
  if (table.kind === 'view' || table.virtual) throw new PagesUnusable('it is a view or a virtual table');
  if (table.rowid === null) throw new PagesUnusable('the table has no rowid');
  if (events.filter !== null) throw new PagesUnusable('the mapping has a filter');
  if ('constant' in events.event) throw new PagesUnusable('the mapping names one event for all rows');
  if (table.columns.some((column) => column.generated)) throw new PagesUnusable('the table has generated columns');
  const draft = new PlanDraft(table.columns);
  const { propertySlots, actorInJson } = draft.assign(events, request);
  if (draft.slots > MAX_SLOTS) throw new PagesUnusable('very many columns are asked for');
  const wantsRecorded = events.recordedAt !== null && (request.counting || request.kept.recordedAt);
  if (wantsRecorded) draft.setRole(events.recordedAt.column, ROLE.recordedAt);
  return {
    root: rootOf(db, table.name),
    roles: draft.roles,
    keys: draft.keys,
    slots: draft.slots,
    propertySlots,
    timeKind: kindOf(events, 'time'),
    recordedKind: wantsRecorded ? kindOf(events, 'recordedAt') : TIME_KIND.model,
    hourKeyed: events.hour !== null,
    skipsActorless: !actorInJson || request.actorProperty !== null,
  };
}

function rootOf(db: Database.Database, table: string): number {
  const root = db
    .prepare<[string], number>("SELECT rootpage FROM main.sqlite_master WHERE type = 'table' AND name = ?")
    .pluck()
    .get(table);
  if (typeof root !== 'number') throw new PagesUnusable('the table has no root page');
  return root;
}

function kindOf(events: EventTable, of: 'time' | 'recordedAt'): number {
  if (events.mapping === null) return TIME_KIND.model;
  const format: TimeFormat | undefined = events.mapping[of]?.format;
  if (format === undefined || format === 'auto' || format === 'julianday')
    throw new PagesUnusable('times are Julian days');
  return TIME_KIND[format];
}

class PlanDraft {
  slots = 2;
  readonly #columns: readonly SchemaColumn[];
  readonly #roles = new Map<string, number>();
  readonly #keys: [key: string, slot: number][] = [];

  constructor(columns: readonly SchemaColumn[]) {
    this.#columns = columns;
  }

  assign(
    events: EventTable,
    request: SliceRequest,
  ): { readonly propertySlots: readonly number[]; readonly actorInJson: boolean } {
    this.setRole(events.time.column, ROLE.time);
    if (events.hour !== null) this.setRole(events.hour.column, ROLE.ts);
    if ('column' in events.event) this.setRole(events.event.column, ROLE.value + EVENT_SLOT);
    const { actorProperty } = request;
    if (actorProperty !== null) this.#setActor(events, actorProperty);
    else if (events.actor === 'metadata') this.#setKey('user_id', ACTOR_SLOT);
    else this.setRole(events.actor.column, ROLE.value + ACTOR_SLOT);
    const propertySlots = request.kept.properties.map((name) => this.#slotOf(events, name));
    if (events.json !== null && this.#keys.length > 0) this.setRole(events.json, ROLE.json);
    return { propertySlots, actorInJson: events.actor === 'metadata' };
  }

  get roles(): readonly number[] {
    const names = this.#columns.map((column) => column.name);
    const last = Math.max(...[...this.#roles.keys()].map((name) => names.indexOf(name)));
    return names.slice(0, last + 1).map((name) => this.#roles.get(name) ?? ROLE.none);
  }

  get keys(): readonly (readonly [string, number])[] {
    return this.#keys;
  }

  setRole(name: string, role: number): void {
    const column = this.#columns.find((c) => c.name === name);
    if (column === undefined || this.#roles.has(name)) throw new PagesUnusable('a column has several roles');
    if (this.#isRowid(column)) throw new PagesUnusable(`“${name}” is the rowid`);
    if (hasRealAffinity(column.type)) throw new PagesUnusable(`“${name}” holds real numbers`);
    this.#roles.set(name, role);
  }

  /** Such a column is not stored: it reads as the rowid. */
  #isRowid(column: SchemaColumn): boolean {
    return (
      column.primaryKey && /^integer$/i.test(column.type) && this.#columns.filter((c) => c.primaryKey).length === 1
    );
  }

  #setActor(events: EventTable, name: string): void {
    if (name === '$event' || name === '$actor') throw new PagesUnusable('the actor is no property');
    if (events.properties.includes(name)) this.setRole(name, ROLE.value + ACTOR_SLOT);
    else if (events.json === null) throw new PagesUnusable('the actor is never set');
    else this.#setKey(name, ACTOR_SLOT);
  }

  /** As RowReader finds a property: the event, the actor, a column, a key; a name that is none of these is never set. */
  #slotOf(events: EventTable, name: string): number {
    if (name === '$event') return EVENT_SLOT;
    if (name === '$actor') return ACTOR_SLOT;
    if (!events.properties.includes(name)) {
      if (events.json === null) return this.slots++;
      // Not the slot of the actor: a shop's owner stands in that, too.
      const known = this.#keys.find(([key, slot]) => key === name && slot !== ACTOR_SLOT);
      return known?.[1] ?? this.#setKey(name, this.slots++);
    }
    const role = this.#roles.get(name);
    if (role !== undefined && role >= ROLE.value) return role - ROLE.value;
    this.setRole(name, ROLE.value + this.slots);
    return this.slots++;
  }

  #setKey(name: string, slot: number): number {
    // oxlint-disable-next-line no-control-regex
    if (!/^[\x20-\x7e]*$/.test(name)) throw new PagesUnusable('a key is not ASCII');
    this.#keys.push([name, slot]);
    return slot;
  }
}

/** SQLite stores whole reals of such columns as integers. */
const hasRealAffinity = (type: string): boolean =>
  /real|floa|doub/i.test(type) && !/int|char|clob|text|blob/i.test(type);
