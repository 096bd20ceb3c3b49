import type { FoundRow, RowPlace, ScanSlice } from '../event-source.ts';
import { readAllKeys } from '../read-metadata.ts';
import { readCell, readInt64, readMicros, readText } from './cells.ts';
import { copyRows, type RowSink, type Tuple } from './copy-rows.ts';
import { conditionOf, planRow } from './scan-sql.ts';
import { quoteTable, seqOf, textOf, TOO_LARGE, valueOf, type ServerEvents } from './server-events.ts';
import { ServerScan } from './server-scan.ts';
import { detailOf, rangeOf, splitSeqs } from './slice-detail.ts';
import type { SyncSession } from './sync-session.ts';

/** Rows between two that are no events, at most, for the first try. */
const SLACK = 32;
const MOST = 1_000_000;
const noCheck = (): void => undefined;

/** Rows of an earlier scan, each found by reading on from a row near it, with everything they say. By the index on their numbers. */
export function lookUpServerRows(
  session: SyncSession,
  events: ServerEvents,
  slice: ScanSlice,
  places: readonly RowPlace[],
  actorProperty: string | null,
): readonly FoundRow[] {
  return session.inSnapshot(null, undefined, () => {
    const seqs = places.map((): number | null => null);
    for (let slack = SLACK; slack <= MOST; slack *= 64) {
      const wanted = places.flatMap((place, at) => (seqs[at] === null ? [{ place, at }] : []));
      if (wanted.length === 0) break;
      const finder = new RowFinder(
        events,
        slice,
        wanted.map(({ place }) => place.skip),
        actorProperty,
      );
      const sql = finder.sql(
        wanted.map(({ place }) => place),
        slack,
      );
      copyRows(session, sql, finder.columns, finder, noCheck);
      wanted.forEach(({ at }, i) => (seqs[at] = finder.found[i] ?? null));
    }
    const rows = tellRows(
      session,
      events,
      seqs.filter((seq) => seq !== null),
    );
    return seqs.map((seq) => (seq === null ? null : rows.get(seq)) ?? { props: {}, recordedAt: null });
  });
}

/** Judges the rows behind each place as the scan did. */
class RowFinder implements RowSink {
  readonly found: (number | null)[];
  readonly columns: number;
  readonly #plan: ReturnType<typeof planRow>;
  readonly #left: number[];
  readonly #scan: ServerScan;
  readonly #condition: string;
  readonly #table: string;
  readonly #seq: string;

  constructor(events: ServerEvents, slice: ScanSlice, skips: readonly number[], actorProperty: string | null) {
    const detail = detailOf(slice);
    this.#plan = planRow(events, {
      columns: { properties: [], recordedAt: false, actorProperty },
      counting: false,
      flags: false,
    });
    this.columns = this.#plan.select.length + 1;
    this.found = skips.map(() => null);
    this.#left = [...skips];
    this.#condition = conditionOf(events, rangeOf(detail)) || 'true';
    this.#table = quoteTable(events.table);
    this.#seq = seqOf(events);
    this.#scan = new ServerScan({
      events,
      plan: this.#plan,
      kept: { events: true, recordedAt: false, properties: [] },
      memory: null,
      expected: 0,
      counting: false,
      fromTime: detail.fromTime ?? -Infinity,
      toTime: detail.toTime ?? Infinity,
      duplicates: new Set(splitSeqs(detail.duplicates)),
      misKeyed: null,
      check: noCheck,
    });
  }

  sql(places: readonly RowPlace[], slack: number): string {
    const values = places
      .map(({ fromSeq, skip }, i) => `(${i}, ${Math.trunc(fromSeq)}, ${skip + 1 + slack})`)
      .join(', ');
    return `COPY (SELECT r.* FROM (VALUES ${values}) p (place, from_seq, most), LATERAL (
      SELECT ${this.#plan.select.map((expression, i) => `${expression} AS c${i}`).join(', ')}, p.place::int8 AS place
      FROM ${this.#table} e WHERE ${this.#seq} >= p.from_seq AND ${this.#condition} ORDER BY ${this.#seq} LIMIT p.most) r
      ORDER BY r.place, r.c${this.#plan.seq}) TO STDOUT (FORMAT binary)`;
  }

  take(tuple: Tuple): void {
    const place = readInt64(tuple, this.columns - 1);
    if (this.found[place] !== null) return;
    const before = this.#scan.columns.rows;
    this.#scan.take(tuple);
    if (this.#scan.columns.rows === before) return;
    const left = this.#left[place] ?? 0;
    this.#left[place] = left - 1;
    if (left === 0) this.found[place] = readInt64(tuple, this.#plan.seq);
  }

  skip(): void {
    // No event.
  }

  check(): void {
    // Some thousand rows at most.
  }

  moved(): void {
    this.#scan.moved();
  }
}

/** By arrival number. A column goes before a key of the same name, as in a scan. */
function tellRows(session: SyncSession, events: ServerEvents, seqs: readonly number[]): ReadonlyMap<number, FoundRow> {
  const { json, recordedAt, properties } = events;
  const found = new Map<number, FoundRow>();
  if (seqs.length === 0) return found;
  const select = [
    `${seqOf(events)}::int8`,
    json === null ? 'NULL::text' : textOf(json),
    recordedAt === null ? 'NULL::text' : valueOf(recordedAt),
    ...properties.map(textOf),
  ];
  const sql = `COPY (SELECT ${select.join(', ')} FROM ${quoteTable(events.table)} e WHERE ${seqOf(events)} IN (${seqs.map(Math.trunc).join(',')})) TO STDOUT (FORMAT binary)`;
  const textAt = (tuple: Tuple, at: number): string | null => {
    const text = (tuple.lengths[at] ?? -1) < 0 ? null : readText(tuple, at);
    return text === TOO_LARGE ? null : text;
  };
  copyRows(
    session,
    sql,
    select.length,
    {
      take: (tuple) => {
        const text = textAt(tuple, 1);
        const keys = text === null ? [] : readKeys(text, json?.type === 'jsonb');
        const columns = properties.map((column, i): [string, string | null] => [column.name, textAt(tuple, 3 + i)]);
        const props = [...keys, ...columns].filter((entry): entry is [string, string] => entry[1] !== null);
        const isSet = recordedAt !== null && (tuple.lengths[2] ?? -1) >= 0;
        const time = !isSet
          ? Number.NaN
          : recordedAt.kind === 'micros'
            ? readMicros(tuple, 2)
            : recordedAt.read(readCell(tuple, 2, recordedAt.kind));
        found.set(readInt64(tuple, 0), {
          props: Object.fromEntries(props),
          recordedAt: Number.isNaN(time) ? null : time,
        });
      },
      skip: noCheck,
      check: noCheck,
    },
    noCheck,
  );
  return found;
}

const readKeys = (text: string, isJsonb: boolean): readonly (readonly [string, string | null])[] =>
  isJsonb || text.startsWith('{') ? readAllKeys(text) : [];
