import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, SourceRef } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { ask, comparable, countListed, makeFolder, nextId, openRef, unwrap } from './log-files.ts';

const RANGE = { from: '2026-02-03T05:30:00', to: '2026-03-10' };
const STEPS = [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }];
/** `partial` = a part of the file is enough for the answer. */
const CASES: readonly { readonly partial: boolean; readonly document: AnalysisDocument }[] = [
  { partial: true, document: { type: 'funnel', steps: STEPS, dateRange: RANGE, timezone: 'Asia/Kolkata' } },
  {
    partial: true,
    document: { type: 'funnel', steps: STEPS, dateRange: { from: '2026-06-01' }, breakdown: { props: ['country'] } },
  },
  {
    partial: true,
    document: {
      type: 'funnel',
      steps: [{ event: 'invoice_issued', firstTimeOnly: true }, { event: 'payment_succeeded' }],
      dateRange: RANGE,
    },
  },
  { partial: true, document: { type: 'funnel', steps: STEPS, asOf: '2025-08-01', viz: 'trend', interval: 'month' } },
  { partial: true, document: { type: 'flow', dateRange: RANGE } },
  { partial: true, document: { type: 'transitions', dateRange: RANGE, boundaryNodes: true } },
  { partial: true, document: { type: 'stepMatrix', dateRange: RANGE, maxSteps: 4 } },
  { partial: true, document: { type: 'variants', dateRange: RANGE, limit: 20 } },
  {
    partial: true,
    document: { type: 'stickiness', event: { event: 'payment_succeeded' }, interval: 'week', dateRange: RANGE },
  },
  { partial: true, document: { type: 'rollup', interval: 'week', by: '$event', dateRange: RANGE } },
  {
    partial: false,
    document: { type: 'lifecycle', event: { event: 'invoice_issued' }, interval: 'month', dateRange: RANGE },
  },
  {
    partial: false,
    document: {
      type: 'retention',
      cohortEvent: { event: 'shop_created' },
      returnEvent: { event: 'payment_succeeded' },
      interval: 'month',
      intervals: 4,
      dateRange: RANGE,
    },
  },
  { partial: true, document: { type: 'journey', interval: 'month', asOf: '2026-01-31' } },
];

const folder = makeFolder();
const ref: SourceRef = { kind: 'sqlite', path: folder.file('sample.db') };
let engine: Engine;
let whole = '';
beforeAll(async () => {
  generateSample({ out: ref.path, users: 1500, seed: 3 });
  engine = createEngine({ dataDir: folder.file('data'), threads: 2 });
  whole = await openRef(engine, ref);
});
afterAll(async () => {
  await engine.stop();
  folder.dispose();
});

describe('a question that needs a part of the history', () => {
  for (const { partial, document } of CASES)
    it(`is answered from ${partial ? 'that part' : 'all'} as from all: ${JSON.stringify(document).slice(0, 70)}`, async () => {
      const expected = await ask(engine, whole, document);
      const fresh = createEngine({ dataDir: folder.file('fresh'), threads: 2, cacheBytes: 0 });
      try {
        const sourceId = await openRef(fresh, ref, 'asked');
        const planned = unwrap(await fresh.plan({ requestId: nextId(), sourceId, analysis: document }));
        const actual = await ask(fresh, sourceId, document);
        expect(comparable(actual)).toEqual(comparable(expected));
        expect(actual.plan.scan).toBe(partial ? 'pruned' : 'full');
        expect({ ...actual.plan, scan: planned.scan }).toEqual(planned);
        expect(actual.plan.rowsRead < actual.plan.rowsTotal).toBe(partial);
        expect(expected.plan.scan).toBe('cached');
      } finally {
        await fresh.stop();
      }
    });

  it('builds everything once a later question needs more', async () => {
    const fresh = createEngine({ dataDir: folder.file('grow'), threads: 2, cacheBytes: 0 });
    const sourceId = await openRef(fresh, ref, 'asked');
    const narrow: AnalysisDocument = { type: 'rollup', interval: 'day', dateRange: RANGE };
    const inside: AnalysisDocument = {
      type: 'rollup',
      interval: 'day',
      dateRange: { from: '2026-02-10', to: '2026-02-11' },
    };
    const wide: AnalysisDocument = { type: 'rollup', interval: 'month' };
    const scans = [];
    for (const analysis of [narrow, inside, wide, { ...inside, by: '$event' }] as const)
      scans.push((await ask(fresh, sourceId, analysis)).plan.scan);
    expect(scans).toEqual(['pruned', 'cached', 'full', 'cached']);
    expect(comparable(await ask(fresh, sourceId, wide))).toEqual(comparable(await ask(engine, whole, wide)));
    await fresh.stop();
  });

  it('lists the same actors', async () => {
    const fresh = createEngine({ dataDir: folder.file('lists'), threads: 3 });
    const sourceId = await openRef(fresh, ref, 'asked');
    const analysis: AnalysisDocument = { type: 'funnel', steps: STEPS, dateRange: RANGE };
    const page = { requestId: 'page', analysis, selection: { reachedStep: 1 }, limit: 1000 };
    expect(unwrap(await fresh.actors({ ...page, sourceId }))).toEqual(
      unwrap(await engine.actors({ ...page, sourceId: whole })),
    );
    await fresh.stop();
  });
});

describe('actor lists', () => {
  const analysis: AnalysisDocument = { type: 'funnel', steps: STEPS };
  const selection = { droppedBeforeStep: 2 };

  it('page in id order without gaps, and search inside', async () => {
    const list = async (extra: object) =>
      unwrap(await engine.actors({ requestId: nextId(), sourceId: whole, analysis, selection, ...extra }));
    const all = await list({ limit: 100_000 });
    const ids = all.rows.map((row) => row.actor);
    expect(ids.length).toBe(all.total);
    expect(ids).toEqual(ids.toSorted());
    const [first, second] = [await list({ limit: 100 }), await list({ offset: 100, limit: 100 })];
    expect([...first.rows, ...second.rows]).toEqual(all.rows.slice(0, 200));
    const needle = ids[7]?.slice(-4) ?? '';
    const found = await list({ search: needle, limit: 100_000 });
    expect(found.rows.map((row) => row.actor)).toEqual(ids.filter((id) => id.includes(needle)));
    expect(found.total).toBe(found.rows.length);
  });

  it('have one CSV row an actor', async () => {
    const total = await countListed(engine, whole, analysis, selection);
    const csv = unwrap(await engine.csv({ requestId: nextId(), sourceId: whole, analysis, selection }));
    const lines = csv.split('\r\n');
    expect(lines[0]).toBe('actor,first_time,last_time,events,level,step_1_time,step_2_time,step_3_time');
    expect(lines.length).toBe(total + 2);
    expect(lines.at(-1)).toBe('');
  });

  it('differ by exactly the actors that a rule moves', async () => {
    const a = { analysis, selection: { reachedStep: 2 } };
    const b = { analysis: { ...analysis, window: { value: 2, unit: 'day' } }, selection: { reachedStep: 2 } };
    const difference = unwrap(await engine.difference({ requestId: nextId(), sourceId: whole, a, b }));
    const [inA, inB] = [
      await countListed(engine, whole, a.analysis, a.selection),
      await countListed(engine, whole, b.analysis as AnalysisDocument, b.selection),
    ];
    expect(difference.onlyA + difference.both).toBe(inA);
    expect(difference.onlyB + difference.both).toBe(inB);
    expect(difference.onlyB).toBe(0);
    expect(difference.onlyAActors.length).toBe(Math.min(1000, difference.onlyA));
  });

  it('lead to a timeline that shows the matched steps', async () => {
    const { rows } = unwrap(
      await engine.actors({ requestId: nextId(), sourceId: whole, analysis, selection: { reachedStep: 2 }, limit: 1 }),
    );
    const timeline = unwrap(
      await engine.timeline({ requestId: nextId(), sourceId: whole, actor: rows[0]?.actor ?? '', analysis }),
    );
    expect(timeline.events.flatMap((e) => (e.step === undefined ? [] : [e.step])).toSorted((a, b) => a - b)).toEqual([
      0, 1, 2,
    ]);
    const stepTimes = [0, 1, 2].map((step) => timeline.events.find((e) => e.step === step)?.time);
    expect(rows[0]?.stepTimes).toEqual(stepTimes);
    expect(timeline.funnel?.level).toBe(3);
    expect(timeline.events.some((e) => e.props['shop_id'] !== undefined)).toBe(true);
  });
});

describe('vocabulary and values', () => {
  it('count what rollups count', async () => {
    const vocabulary = unwrap(await engine.vocabulary(whole));
    const rollup = await ask(engine, whole, { type: 'rollup', interval: 'total', by: '$event', limit: 1000 });
    if (rollup.type !== 'rollup') throw new Error('not a rollup');
    const counted = rollup.series.map((s) => ({ name: s.value, count: s.totalEvents, actors: s.totalActors }));
    expect(vocabulary.events.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      counted.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    const plan = vocabulary.properties.find((p) => p.name === 'plan_id');
    const values = unwrap(
      await engine.values({ requestId: nextId(), sourceId: whole, property: 'plan_id', limit: 1000 }),
    );
    expect(values.values.reduce((sum, v) => sum + v.count, 0)).toBe(plan?.count);
    expect(values.distinct).toBe(values.values.length);
  });

  it('offer event types and actors as values too', async () => {
    const events = unwrap(await engine.values({ requestId: nextId(), sourceId: whole, property: '$event' }));
    expect(events.values[0]).toEqual({ value: 'invoice_issued', count: expect.any(Number) as number });
    const actors = unwrap(await engine.values({ requestId: nextId(), sourceId: whole, property: '$actor', limit: 3 }));
    expect(actors.values.length).toBe(3);
  });
});
