import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { createColumnMemory } from '../../segment/column-memory.ts';
import { getString, type StringTable } from '../../segment/string-table.ts';
import { copyRows } from './copy-rows.ts';
import type { PropertyPlan, RowPlan } from './scan-sql.ts';
import type { ServerEvents } from './server-events.ts';
import { ServerScan, type ServerScanInput } from './server-scan.ts';
import type { SyncSession } from './sync-session.ts';

const EPOCH = 946_684_800_000;
const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const NAMES = ['opened', 'paid', 'closed', 'x'.repeat(70)];
const CODES = new Map(NAMES.map((name, i) => [i * 77_777_777, name]));

const micros = {
  column: { name: 'event_time', type: 'timestamp with time zone' },
  kind: 'micros',
  read: () => Number.NaN,
};
const EVENTS = {
  time: micros,
  recordedAt: micros,
  event: { column: { name: 'event_type' } },
  actor: 'metadata',
  isModel: true,
} as unknown as ServerEvents;
const JSON_AT: PropertyPlan = { kind: 'json', at: 6 };
const TEXT_AT: PropertyPlan = { kind: 'column', at: 7, cell: 'text' };
const planOf = (isCoded: boolean, sendsHour: boolean, hasEvent: boolean): RowPlan => ({
  select: Array.from({ length: 8 }, () => ''),
  seq: 0,
  time: 1,
  event: hasEvent ? 2 : -1,
  eventCodes: isCoded ? CODES : null,
  actor: 3,
  recordedAt: 4,
  hour: sendsHour ? 5 : -1,
  flags: -1,
  json: -1,
  properties: [JSON_AT, TEXT_AT, { kind: 'none' }],
  actorProperty: null,
});

interface Row {
  readonly seq: number;
  /** ms behind START; null = not set, or far away. */
  readonly time: number | null | 'infinity' | 'old';
  readonly late: number | null;
  readonly event: number;
  readonly actor: string | null;
  readonly json: string | null;
  readonly text: string | null;
  /** Hours off. */
  readonly off: number;
}
/** Longer than the kernel takes. */
const LONG = 'long'.repeat(20_000);
const texts = fc.oneof(
  fc.constantFrom('', 'a', 'u_000001v93', '\u0003', '12345678', '123456789012345', '1234567890123456', 'é🙂'),
  fc.string({ maxLength: 40 }),
  fc.nat(300).map((n) => `user-${n}`),
);
const actors = fc.oneof(
  { weight: 12, arbitrary: texts },
  { weight: 1, arbitrary: fc.constantFrom(null, '\u0002', '\u0001shop\u0001', '\u0001shop\u0001owner', LONG) },
);
const jsons = fc.oneof(
  fc.constantFrom(null, 'null', 'true', 'false', '12', '-7', '1.50', '{"a": 1}', '""', '"\\u0003"', '"a\\nb"'),
  texts.map((text) => JSON.stringify(text)),
);
const rows: fc.Arbitrary<Row[]> = fc.uniqueArray(
  fc.record({
    seq: fc.oneof(
      { weight: 9, arbitrary: fc.nat(100_000) },
      { weight: 1, arbitrary: fc.nat(50).map((n) => (n % 2 === 0 ? 2 ** 40 + n : -n)) },
    ),
    time: fc.oneof(
      { weight: 30, arbitrary: fc.nat(40 * HOUR) },
      { weight: 1, arbitrary: fc.constantFrom(null, 'infinity' as const, 'old' as const) },
    ),
    late: fc.option(fc.integer({ min: -HOUR, max: 2 * HOUR })),
    event: fc.nat(NAMES.length - 1),
    actor: actors,
    json: jsons,
    text: fc.option(texts),
    off: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) }),
  }),
  { maxLength: 120, selector: ({ seq }) => seq },
);

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
const stamp = (ms: number): Buffer => int64(BigInt(ms - EPOCH) * 1_000n + 123n);
function timeOf({ time }: Row): Buffer | null {
  if (time === null) return null;
  if (time === 'infinity') return int64(2n ** 63n - 1n);
  return time === 'old' ? stamp(Date.UTC(1985, 3, 4)) : stamp(START + time);
}
const msOf = ({ time }: Row): number => START + (typeof time === 'number' ? time : 0);

function cellsOf(row: Row, isCoded: boolean): readonly (Buffer | null)[] {
  const code = Buffer.alloc(4);
  code.writeInt32BE([...CODES.keys()][row.event] ?? 0);
  return [
    int64(BigInt(row.seq)),
    timeOf(row),
    isCoded ? code : Buffer.from(NAMES[row.event] ?? ''),
    row.actor === null ? null : Buffer.from(row.actor),
    row.late === null ? null : stamp(msOf(row) + row.late),
    Buffer.from(new Date(msOf(row) + row.off * HOUR).toISOString().slice(0, 13)),
    row.json === null ? null : Buffer.from(`\u0001${row.json}`),
    row.text === null ? null : Buffer.from(row.text),
  ];
}
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const message = (body: Buffer): Buffer => Buffer.concat([Buffer.from('d'), int(4 + body.length), body]);
function rowBytes(row: Row, isCoded: boolean): Buffer {
  const cells = cellsOf(row, isCoded).flatMap((cell) => (cell === null ? [int(-1)] : [int(cell.length), cell]));
  return Buffer.concat([Buffer.from([0, 8]), ...cells]);
}
const HEAD = Buffer.concat([Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1'), int(0), int(0)]);
const END = Buffer.concat([message(Buffer.from([0xff, 0xff])), Buffer.from('c\0\0\0\u0004')]);

function stream(list: readonly Row[], isCoded: boolean): Buffer {
  const bodies = list.map((row) => rowBytes(row, isCoded));
  const first = Buffer.concat([HEAD, bodies[0] ?? Buffer.alloc(0)]);
  return Buffer.concat([message(first), ...bodies.slice(1).map(message), END]);
}

/** Hands out the bytes in pieces of these sizes, then in large ones. */
function sessionOf(bytes: Buffer, cuts: readonly number[]): SyncSession {
  let at = 0;
  let cut = 0;
  const read = (into: Uint8Array): number => {
    const count = Math.min(into.length, bytes.length - at, cuts[cut++] ?? 100_000);
    if (count === 0) throw new EngineError('E_SERVER_LOST', 'over', { hint: '' });
    into.set(bytes.subarray(at, at + count));
    at += count;
    return count;
  };
  return { copy: (_: string, take: (r: typeof read) => Uint8Array) => void take(read) } as unknown as SyncSession;
}

interface Setting {
  readonly isCoded: boolean;
  readonly sendsHour: boolean;
  readonly hasEvent: boolean;
  readonly counting: boolean;
  readonly keepsEvents: boolean;
  readonly suspects: readonly number[];
}
const settings: fc.Arbitrary<Setting> = fc.record({
  isCoded: fc.boolean(),
  sendsHour: fc.boolean(),
  hasEvent: fc.boolean(),
  counting: fc.boolean(),
  keepsEvents: fc.boolean(),
  suspects: fc.array(fc.nat(100_000), { maxLength: 5 }),
});

function scan(bytes: Buffer, cuts: readonly number[], setting: Setting, hasKernel: boolean): ServerScan {
  const { counting, suspects } = setting;
  const input: ServerScanInput = {
    events: setting.hasEvent ? EVENTS : { ...EVENTS, event: { constant: 'seen' } },
    plan: planOf(setting.isCoded, setting.sendsHour, setting.hasEvent),
    kept: { events: setting.keepsEvents, recordedAt: true, properties: ['a', 'b', 'c'] },
    memory: createColumnMemory(),
    hasKernel,
    expected: 10,
    counting,
    fromTime: counting ? Number.NEGATIVE_INFINITY : START + HOUR,
    toTime: counting ? Number.POSITIVE_INFINITY : START + 20 * HOUR,
    duplicates: new Set(counting ? [] : suspects),
    misKeyed: setting.sendsHour ? null : new Map(suspects.map((seq) => [seq, '2026-01-01T07'])),
    check: () => undefined,
  };
  const made = new ServerScan(input);
  copyRows(sessionOf(bytes, cuts), '', 8, made, () => undefined);
  return made;
}

const strings = (table: StringTable): string[] => Array.from({ length: table.length }, (_, i) => getString(table, i));
function describeScan(made: ServerScan): unknown {
  const { slice, seqs, order } = made.finish();
  const flat = (of: 'actors' | 'times' | 'types' | 'recordedAt'): number[] =>
    slice.chunks.flatMap((chunk) => [...chunk[of].subarray(0, chunk.rows)]);
  return {
    hash: made.hash,
    rows: slice.rows,
    seqs: [...seqs],
    order: order === null ? null : [...order],
    actors: flat('actors'),
    times: flat('times'),
    types: flat('types'),
    recordedAt: flat('recordedAt'),
    properties: slice.propertyValues.map((_, p) =>
      slice.chunks.flatMap((chunk) => [...(chunk.properties[p]?.subarray(0, chunk.rows) ?? [])]),
    ),
    landmarks: [...slice.landmarks],
    names: slice.eventNames,
    actorIds: strings(slice.actorIds),
    values: slice.propertyValues.map(strings),
    issues: new Map(made.issues),
    passedOver: made.passedOver,
    counted: describeCounts(made),
  };
}
function describeCounts({ counts }: ServerScan): unknown {
  const part = counts?.close(
    counts.misKeyed.map((event) => ({ event, id: `${event.seq}`, hasTwin: false })),
    { recent: [], hash: '' },
  );
  return (
    part && {
      ...part,
      partitions: part.partitions.toSorted((a, b) => a.firstTime - b.firstTime),
      issues: new Map(part.issues),
    }
  );
}

const cutsOf = fc.array(fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 9_000 })), {
  maxLength: 60,
});
const RUNS = { numRuns: 100, endOnFailure: true };

/** A trap of the kernel, or a place beyond its columns, would be an error of another name. */
function outcomeOf(bytes: Buffer, cuts: readonly number[], setting: Setting): string {
  try {
    const { slice } = scan(bytes, cuts, setting, true).finish();
    const codes = slice.chunks.flatMap(({ actors, rows: count }) => [...actors.subarray(0, count)]);
    return codes.some((code) => code >= slice.actorIds.length) ? 'codes that no actor has' : `${slice.rows} rows`;
  } catch (error) {
    return error instanceof EngineError ? 'EngineError' : String(error);
  }
}

/** Text that is no UTF-8 is left to the row reader, which begins anew (run-scan.ts). */
const ENDS = /^(?:\d+ rows|EngineError|SyntaxError|Error: the server|PagesUnusable: some text is no UTF-8)/;

describe('the COPY reader as a kernel', () => {
  it('finds what its twin finds, wherever the stream is cut', () => {
    fc.assert(
      fc.property(rows, settings, cutsOf, (list, setting, cuts) => {
        const bytes = stream(list, setting.isCoded);
        const made = scan(bytes, cuts, setting, true);
        expect(describeScan(made)).toEqual(describeScan(scan(bytes, cuts, setting, false)));
      }),
      RUNS,
    );
  });

  it('takes plain rows itself, in chunks and groups', () => {
    const setting = { isCoded: true, sendsHour: true, hasEvent: true, counting: true, keepsEvents: true, suspects: [] };
    const list = Array.from({ length: 20_000 }, (_, i): Row => ({
      seq: i ^ 3,
      time: i * 7_000,
      late: 5,
      event: i % 3,
      actor: `user-${(i * 7_919) % 6_000}`,
      json: i % 2 === 0 ? '"web"' : null,
      text: `t${i % 40}`,
      off: 0,
    }));
    const bytes = stream(list, true);
    const made = scan(bytes, [65_536], setting, true);
    expect(made.blocks?.rowsTaken).toBeGreaterThan(19_990);
    expect(describeScan(made)).toEqual(describeScan(scan(bytes, [65_536], setting, false)));
  });

  it('refuses a message of a negative length at once: it would lead back through the bytes', () => {
    const setting = {
      isCoded: false,
      sendsHour: true,
      hasEvent: true,
      counting: true,
      keepsEvents: true,
      suspects: [],
    };
    for (const length of [0xb200_0076, 0x8000_0000, 0xffff_ffff, 3, 0]) {
      const bytes = stream([], false);
      bytes.writeUInt32BE(length, 1);
      expect(outcomeOf(bytes, [], setting)).toBe('EngineError');
    }
  });

  it('ends with an error or a result, and writes nowhere else, whatever lengths it is told', () => {
    const byte = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(255) });
    fc.assert(
      fc.property(
        rows,
        settings,
        cutsOf,
        fc.array(byte, { minLength: 1, maxLength: 6 }),
        (list, setting, cuts, flips) => {
          const bytes = stream(list, setting.isCoded);
          for (const { at, value } of flips) bytes[Math.floor(at * (bytes.length - 1))] = value;
          expect(outcomeOf(bytes, cuts, setting)).toMatch(ENDS);
        },
      ),
      RUNS,
    );
  });
});
