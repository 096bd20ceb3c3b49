import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError, type Mapping } from '../../protocol/index.ts';
import { NO_COLUMNS, kinds, readAll } from '../../tests/support/read-source.ts';
import { writeDatabase } from '../../tests/support/snapshot-file.ts';
import type { EventSource } from './event-source.ts';
import { inspectSource } from './inspect.ts';
import { openEventSource } from './open-source.ts';

let folder = '';
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-mapped-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newFile = (): string => path.join(folder, `${count++}.db`);
const open = (file: string, mapping: Mapping | null = null): EventSource =>
  openEventSource({ kind: 'sqlite', path: file, mapping }, { scratchDir: path.join(folder, 'scratch') });

const T = Date.UTC(2024, 0, 1);

function errorOf(act: () => void): EngineError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof EngineError) return thrown;
    throw thrown;
  }
  throw new Error('no error');
}

describe('other tables by a mapping', () => {
  const script = `
    CREATE TABLE clicks (who INTEGER, what TEXT, at, seen, extra TEXT, price REAL, "odd ""name" TEXT);
    INSERT INTO clicks VALUES
      (9007199254740993, 'open', 1704067200, '2024-01-01 01:00:00', '{"k":"v"}', 1.0, 'q'),
      (9007199254740992, 'open', 1704067201.5, NULL, '{}', 1.98, NULL),
      (NULL, 'open', 1704067202, NULL, '', 2, NULL), (1, NULL, 1704067202, NULL, NULL, 2, NULL), (1, 'close', 'x', NULL, 'bad', 2, NULL),
      (1, 'close', '1704067203', NULL, 'bad', 2, 'r');
    CREATE VIEW closes AS SELECT who, at FROM clicks WHERE what = 'close';`;
  const mapping: Mapping = {
    table: 'clicks',
    actor: 'who',
    event: { column: 'what' },
    time: { column: 'at', format: 'auto' },
  };
  let file = '';
  beforeAll(() => {
    file = writeDatabase(newFile(), script);
  });

  test('columns of any kind; large ids stay apart', () => {
    const source = open(file, { ...mapping, json: 'extra', recordedAt: { column: 'seen', format: 'auto' } });
    expect(source.describe()).toMatchObject({
      model: 'mapped',
      prunable: false,
      hasRecordedAt: true,
      mapping: { time: { format: 'seconds' }, recordedAt: { format: 'iso' } },
    });
    const read = readAll(source, { ...NO_COLUMNS, properties: ['price', 'k', 'odd "name', 'who', 'nowhere'] });
    expect(read.events).toEqual([
      ['9007199254740993', 'open', T, '1', 'v', 'q', '9007199254740993', null],
      ['9007199254740992', 'open', T + 1_500, '1.98', null, null, '9007199254740992', null],
      ['1', 'close', T + 3_000, '2', null, 'r', '1', null],
    ]);
    expect(read.issues).toEqual({ missing_actor: 1, unreadable_time: 1, missing_event: 1 });
    expect(kinds(source)).toMatchObject({ missing_actor: 1, unreadable_time: 1, missing_event: 1 });
    source.close();
  });

  test('a view, a constant event, a filter', () => {
    const view = open(file, {
      table: 'closes',
      actor: 'who',
      event: { constant: 'gone' },
      time: { column: 'at', format: 'seconds' },
    });
    expect(readAll(view).events).toEqual([['1', 'gone', T + 3_000]]);
    view.close();
    const filtered = open(file, { ...mapping, filter: `"odd ""name" = 'q' OR price > 1.9 AND what = 'open'` });
    expect(readAll(filtered).events.map(([actor]) => actor)).toEqual(['9007199254740993', '9007199254740992']);
    expect(filtered.partitions(() => false).partitions.map((p) => p.rows)).toEqual([2]);
    filtered.close();
  });

  test.each<[string, Partial<Mapping>, string, string]>([
    ['table', { table: 'click' }, 'E_NO_SUCH_TABLE', 'mapping.table'],
    ['actor', { actor: 'whom' }, 'E_NO_SUCH_COLUMN', 'mapping.actor'],
    ['event', { event: { column: 'whats' } }, 'E_NO_SUCH_COLUMN', 'mapping.event.column'],
    ['time', { time: { column: 'att', format: 'iso' } }, 'E_NO_SUCH_COLUMN', 'mapping.time.column'],
    ['property', { properties: ['price', 'prize'] }, 'E_NO_SUCH_COLUMN', 'mapping.properties.1'],
    ['json', { json: 'ekstra' }, 'E_NO_SUCH_COLUMN', 'mapping.json'],
    ['filter column', { filter: 'pricee > 1' }, 'E_NO_SUCH_COLUMN', 'mapping.filter'],
    ['filter', { filter: 'price >' }, 'E_BAD_MAPPING', 'mapping.filter'],
    ['time format', { time: { column: 'what', format: 'auto' } }, 'E_BAD_MAPPING', 'mapping.time.format'],
  ])('a wrong %s is named, with what was probably meant', (_, wrong, code, at) => {
    const error = errorOf(() => open(file, { ...mapping, ...wrong }).close());
    expect(error).toMatchObject({ code, path: at });
    expect(error.hint).toMatch(code === 'E_BAD_MAPPING' ? /./ : /Did you mean “(clicks|who|what|at|price|extra)”/);
  });

  test('a file of another model needs a mapping, and inspection proposes one', () => {
    expect(() => open(file)).toThrow(expect.objectContaining({ code: 'E_BAD_MAPPING' }) as Error);
    const events = writeDatabase(
      newFile(),
      `CREATE TABLE app_events (id INTEGER PRIMARY KEY, user_id TEXT, event TEXT, created_at TEXT, note TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO app_events SELECT i, 'u' || (i % 7), iif(i % 2, 'open', 'close'), '2024-01-01 00:00:' || printf('%02d', i), 'n' FROM n;`,
    );
    const found = inspectSource({ kind: 'sqlite', path: events }, { scratchDir: folder });
    expect(found).toMatchObject({
      model: 'unknown',
      totals: null,
      tables: [{ name: 'app_events', kind: 'table', rows: 50 }],
    });
    const [best] = found.candidates;
    expect(best).toMatchObject({
      score: 0.97,
      mapping: { table: 'app_events', actor: 'user_id', event: { column: 'event' }, time: { column: 'created_at' } },
    });
    expect(best?.reasons).toHaveLength(3);
    expect(
      inspectSource({ kind: 'sqlite', path: events, mapping: best?.mapping }, { scratchDir: folder }).totals,
    ).toMatchObject({ events: 50, actors: 7 });
  });
});
