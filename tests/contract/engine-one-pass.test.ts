import { afterAll, describe, expect, it } from 'vitest';
import type { SourceInfo, SourceRef, Timeline } from '../../protocol/index.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { randomOf } from '../support/random-log.ts';
import { writeSnapshot, type SnapshotRow } from '../support/snapshot-file.ts';
import { makeFolder, nextId, unwrap } from './log-files.ts';

/** An opening reads the file once, in slices; copies of an event that several slices hold are dropped afterwards. */
const folder = makeFolder();
const engines: Engine[] = [];
afterAll(async () => {
  for (const engine of engines) await engine.stop();
  folder.dispose();
});
function start(kernels: boolean, slices: number): Engine {
  const engine = createEngine({ dataDir: folder.file(`data-${kernels}-${slices}`), threads: 2, slices, kernels });
  engines.push(engine);
  return engine;
}

const HOUR = 3_600_000;
const T = Date.UTC(2024, 0, 1);

/** Some events are there twice or thrice under wrong hours, far from one another. */
function makeRows(seed: number): readonly SnapshotRow[] {
  const random = randomOf(seed);
  const rows: SnapshotRow[] = Array.from({ length: 900 }, (_, i) => ({
    id: `e${i}`,
    time: T + i * 40_000,
    type: random() < 0.5 ? 'open' : 'close',
    metadata: random() < 0.05 ? { shop_id: 's1', n: i } : { user_id: `u${Math.floor(random() * 5)}`, n: i },
  }));
  for (let i = 0; i < 60; i++) {
    const at = Math.floor(random() * rows.length);
    const row = rows[at];
    if (row === undefined || row.ts !== undefined || typeof row.time !== 'number') continue;
    const stray = { ...row, ts: new Date(row.time + 2 * HOUR).toISOString().slice(0, 13) };
    rows[at] = stray;
    const other = { ...stray, ts: new Date(row.time - HOUR).toISOString().slice(0, 13) };
    rows.splice(Math.floor(random() * rows.length), 0, other);
  }
  return rows;
}

async function look(engine: Engine, ref: SourceRef, build: 'all' | 'asked'): Promise<SourceInfo> {
  return unwrap(await engine.open({ requestId: nextId(), ref, build }));
}
async function timelines(engine: Engine, sourceId: string): Promise<readonly Timeline[]> {
  const actors = ['u0', 'u1', 'u2', 'u3', 'u4', 'ann'];
  const read = async (actor: string): Promise<Timeline> =>
    unwrap(await engine.timeline({ requestId: nextId(), sourceId, actor, offset: 0, limit: 1_000 }));
  return Promise.all(actors.map(read));
}

describe('one pass over a source', () => {
  const seed = 77;
  const path = writeSnapshot(folder.file('strays.db'), makeRows(seed), { s1: 'ann' });
  const ref: SourceRef = { kind: 'sqlite', path };

  it('knows, counts and finds again the same by pages and by rows, in one slice and in five', async () => {
    const whole = start(false, 1);
    const expected = await look(whole, ref, 'all');
    const rows = await timelines(whole, expected.sourceId);
    expect(expected.issues.find((i) => i.kind === 'duplicate_event_id')?.rows, `seed ${seed}`).toBeGreaterThan(30);
    for (const [kernels, slices] of [
      [true, 1],
      [true, 5],
      [false, 5],
    ] as const) {
      const engine = start(kernels, slices);
      const info = await look(engine, ref, 'all');
      expect(info.reading?.reader).toBe(kernels ? 'pages' : 'rows');
      expect([info.events, info.actors, info.issues, info.guardHours, [...info.partitions]]).toEqual([
        expected.events,
        expected.actors,
        expected.issues,
        expected.guardHours,
        [...expected.partitions],
      ]);
      expect(await timelines(engine, info.sourceId), `seed ${seed}, ${slices} slices`).toEqual(rows);
      const values = { requestId: nextId(), sourceId: info.sourceId, property: 'n', limit: 1_000 };
      expect(unwrap(await engine.values(values)).distinct).toBe(900);
    }
  });

  it('counts the same when nothing is built yet', async () => {
    const engine = start(true, 3);
    const lazy = await look(engine, ref, 'asked');
    const full = await look(start(true, 4), ref, 'all');
    expect([...lazy.partitions]).toEqual([...full.partitions]);
    expect(lazy.issues.filter((i) => i.kind !== 'equal_times')).toEqual(
      full.issues.filter((i) => i.kind !== 'equal_times'),
    );
  });
});
