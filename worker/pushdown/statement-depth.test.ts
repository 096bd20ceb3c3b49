import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { parseAnalysis, type Analysis } from '../../protocol/index.ts';
import { resolveContext } from '../compute/resolve-context.ts';
import type { PushdownContext } from './pushdown-context.ts';
import { pushDown } from './pushdown.ts';
import { sql } from './sql.ts';
import { countParts } from './statement-depth.ts';

const SHOP = { event: 'shop_created' };
/** A journey with this many rules of objects and as many deadlines, compared with another time. */
function journeyOf(objects: number): Analysis {
  const times = <T>(make: () => T): T[] => Array.from({ length: objects }, make);
  return parseAnalysis({
    type: 'journey',
    compareTo: { asOf: '2024-01-01' },
    model: {
      states: ['A', 'B'],
      rules: [
        { event: SHOP, to: 'A' },
        ...times(() => ({ event: SHOP, to: 'A', lastOf: { key: 'k', openedBy: SHOP } })),
      ],
      deadlines: times(() => ({
        opens: SHOP,
        key: 'k',
        metBy: SHOP,
        after: { value: 1, unit: 'day' as const },
        to: 'B',
      })),
    },
  });
}

const push = (analysis: Analysis, dialect: PushdownContext['dialect']): ReturnType<typeof pushDown> =>
  pushDown(analysis, {
    dialect,
    schema: null,
    mapping: null,
    columns: [],
    arrival: null,
    hours: { from: null, to: '2024-02-01T00' },
    guardHours: 2,
    firstEventMs: 0,
    lastEventMs: Date.UTC(2024, 1, 1),
    moments: resolveContext(analysis),
  });

describe('statements that SQLite does not take', () => {
  test('named parts count wherever they are read', () => {
    const ctes = [
      { name: 'a(x)', comment: '', body: sql`SELECT 1` },
      { name: 'b', comment: '', body: sql`SELECT x FROM a UNION ALL SELECT x FROM (SELECT x FROM a) AS i` },
    ];
    expect(countParts(ctes, sql`SELECT * FROM b JOIN a ON TRUE`)).toBe(1 + (3 + 1 + 1) + 1);
  });
  test('are refused before, and all others are taken', () => {
    const db = new Database(':memory:');
    db.exec(`CREATE TABLE global_events (ts TEXT, event_id TEXT, event_time INTEGER, event_type TEXT, metadata TEXT, recorded_at INTEGER);
      CREATE TABLE shops (shop_id TEXT PRIMARY KEY, user_id TEXT)`);
    const taken = [1, 2, 3, 4, 5, 6].filter((objects) => {
      const pushed = push(journeyOf(objects), 'sqlite');
      return !('reason' in pushed) && db.prepare(pushed.statement.text).readonly;
    });
    db.close();
    expect(taken).toEqual([1, 2, 3].slice(0, taken.length));
    expect(taken.length).toBeGreaterThan(1);
    expect(push(journeyOf(6), 'sqlite')).toEqual({ reason: expect.stringContaining('SQLite does not take') as string });
    expect(push(journeyOf(6), 'postgres')).toHaveProperty('statement');
  });
});
