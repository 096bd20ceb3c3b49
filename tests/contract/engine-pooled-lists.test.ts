import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, FunnelSelection } from '../../protocol/index.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { ask, makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

/**
 * SEMANTICS.md, funnel rule 10: by step and all-events attribution an actor counts in each value, and the pooled group is
 * the sum. So the list behind the pooled number names an actor once for each pooled value.
 */
const folder = makeFolder();
let engine: Engine;
let sourceId: string;
beforeAll(async () => {
  engine = createEngine({ dataDir: folder.file('data'), threads: 2 });
  // Actor i does both steps under i % 4 + 1 plans; plan p0 is everyone's, so that it is the one shown by name.
  const log = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: (i % 4) + 1 }, (_unused, p) =>
      ['open', 'buy'].map((event, e) => ({
        actor: `actor-${i}`,
        event,
        time: 1_700_000_000_000 + i * 60_000 + p * 2_000 + e * 1_000,
        props: { plan: `p${p}` },
      })),
    ).flat(),
  ).flat();
  sourceId = await openRef(engine, writeLog(folder.file('log.db'), log));
});
afterAll(async () => {
  await engine.stop();
  folder.dispose();
});

describe.each([{ type: 'all_events' }, { type: 'step', step: 0 }] as const)(
  'a limited breakdown by %j',
  (attribution) => {
    const analysis: AnalysisDocument = {
      type: 'funnel',
      steps: [{ event: 'open' }, { event: 'buy' }],
      breakdown: { props: ['plan'], attribution, limit: 1 },
    };
    const selection: FunnelSelection = { reachedStep: 1, group: ['Other'] };

    it('lists in Other as many rows as it says, page by page, found and exported', async () => {
      const result = await ask(engine, sourceId, analysis);
      if (result.type !== 'funnel') throw new Error('not a funnel');
      const other = result.groups?.find((group) => group.value[0] === 'Other');
      // Plans p1, p2, p3 of 30, 20 and 10 actors.
      expect(other?.steps[1]?.count).toBe(60);
      const request = { sourceId, analysis, selection };
      const pages = await Promise.all(
        [0, 25, 50].map(async (offset) =>
          unwrap(await engine.actors({ requestId: nextId(), ...request, offset, limit: 25 })),
        ),
      );
      expect(pages.map((page) => [page.total, page.rows.length])).toEqual([
        [60, 25],
        [60, 25],
        [60, 10],
      ]);
      const listed = pages.flatMap((page) => page.rows.map((row) => row.actor));
      expect(listed.filter((actor) => actor === 'actor-3')).toHaveLength(3);
      expect(listed).toEqual(listed.toSorted());
      const found = unwrap(await engine.actors({ requestId: nextId(), ...request, search: 'actor-3' }));
      expect([found.total, found.rows.length]).toEqual([
        listed.filter((actor) => actor.includes('actor-3')).length,
        found.total,
      ]);
      const csv = unwrap(await engine.csv({ requestId: nextId(), ...request }));
      expect(
        csv
          .trimEnd()
          .split('\r\n')
          .slice(1)
          .map((line) => line.split(',')[0]),
      ).toEqual(listed);
    });
  },
);
