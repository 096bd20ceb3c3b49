import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, AnalysisResult, FunnelResult } from '../../protocol/index.ts';
import { createEngine, type EngineOptions, type LocalEngine } from '../../worker/host.ts';
import type { QueryService } from '../../worker/query/query-service.ts';
import { startQueries } from '../../worker/query/start-queries.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { makeServerLog, serverSource } from '../support/postgres-logs.ts';
import { randomLog, randomOf } from '../support/random-log.ts';
import { SAMPLES } from './analyses.ts';
import { ask, comparable, LOG_MAPPING, makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

/**
 * Segments mean what a list of the same ids means in a filter by `$actor`, whose meaning is tested elsewhere: in files and
 * on servers, by every way to compute. A breakdown by one means its two halves.
 */
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_123);
const folder = makeFolder();
const dataDir = folder.file('data');
const log = randomLog(SEED, 900);
const random = randomOf(SEED);
const actors = [...new Set(log.map(({ actor }) => actor))].toSorted();
const some = actors.filter(() => random() < 0.4);
// Ids of another source, ids that quoting could break, and copies of some.
const ids = [...some, ...some.slice(3), 'nobody', "o'k\\", '{"a",}', ''];
const ref = writeLog(folder.file('log.db'), log);
let queries: QueryService;
let sessionId = '';

/** By the query process, as the window does. */
async function keepSegment(name: string, values: readonly string[], replace = false) {
  const sql = 'SELECT 1 AS n, value FROM json_each(:ids) UNION ALL SELECT 2, NULL';
  const run = { queryId: nextId(), sessionId, sql, params: { ids: JSON.stringify(values) } };
  const { resultId } = unwrap(await queries.run(run));
  return queries.keepTable({ queryId: nextId(), resultId, name, replace, actors: 1 });
}
beforeAll(async () => {
  queries = startQueries({ dataDir });
  ({ sessionId } = unwrap(await queries.connect({ queryId: nextId(), ref })));
  unwrap(await keepSegment('some', ids));
}, 60_000);
afterAll(async () => {
  await queries.stop();
  folder.dispose();
});

const filtered = (document: AnalysisDocument, isIn: boolean) =>
  ({
    segment: {
      ...document,
      where: [...(document.where ?? []), { prop: '$segment.some', op: isIn ? 'is_set' : 'is_not_set' }],
    },
    list: {
      ...document,
      where: [...(document.where ?? []), { prop: '$actor', op: isIn ? 'in' : 'not_in', value: ids }],
    },
  }) as unknown as Record<'segment' | 'list', AnalysisDocument>;

/** The rules and warnings of an answer name the segment. */
function numbersOf(result: AnalysisResult): unknown {
  const { warnings: _warnings, semantics: _semantics, ...rest } = comparable(result) as AnalysisResult;
  return rest;
}

async function withEngine(
  options: Partial<EngineOptions>,
  work: (engine: LocalEngine) => Promise<void>,
): Promise<void> {
  const engine = createEngine({ dataDir, cacheBytes: 0, threads: 2, ...options });
  try {
    await work(engine);
  } finally {
    await engine.stop();
  }
}

const FUNNEL = SAMPLES[0]?.document as AnalysisDocument;
const BROKEN = { ...FUNNEL, breakdown: { props: ['$segment.some'] } } as AnalysisDocument;

type Run = (document: AnalysisDocument) => Promise<AnalysisResult>;
const countsOf = ({ steps }: Pick<FunnelResult, 'steps'>) => steps.map((step) => [step.count, step.medianSeconds]);
const groupsOf = (result: AnalysisResult) =>
  new Map(((result as FunnelResult).groups ?? []).map((group) => [group.value[0], countsOf(group)]));
/** The groups of a breakdown, as two funnels with a list. */
async function getHalves(run: Run): Promise<ReturnType<typeof groupsOf>> {
  const [within, without] = [await run(filtered(FUNNEL, true).list), await run(filtered(FUNNEL, false).list)];
  return new Map([
    ['some', countsOf(within as FunnelResult)],
    ['', countsOf(without as FunnelResult)],
  ]);
}

describe(`a segment of a file (TRIBUTARY_SEED=${SEED})`, () => {
  /** What lists of the same ids give in the plainest engine, by the document with the segment. */
  const expected: (readonly [AnalysisDocument, unknown])[] = [];
  beforeAll(async () => {
    await withEngine({}, async (engine) => {
      const sourceId = await openRef(engine, ref);
      for (const { document } of SAMPLES)
        for (const isIn of [true, false]) {
          if ('actorFrom' in document) continue;
          const { segment, list } = filtered(document, isIn);
          expected.push([segment, numbersOf(await ask(engine, sourceId, list))]);
        }
    });
  });

  it.each([{}, { kernels: false }, { pieces: 3 }, { pieces: 3, kernels: false }])(
    'is a filter by its ids, for every analysis: %j',
    async (options) => {
      await withEngine(options, async (engine) => {
        const sourceId = await openRef(engine, ref);
        for (const [segment, answer] of expected)
          expect({ segment, answer: numbersOf(await ask(engine, sourceId, segment)) }).toEqual({ segment, answer });
        const run: Run = (document) => ask(engine, sourceId, document);
        expect(groupsOf(await run(BROKEN))).toEqual(await getHalves(run));
      });
    },
  );

  it('lists its actors, in the engine and by the SQL of the list in the editor', async () => {
    await withEngine({}, async (engine) => {
      const sourceId = await openRef(engine, ref);
      for (const [analysis, selection] of [
        [filtered(FUNNEL, true).segment, { reachedStep: 1 }],
        [filtered(FUNNEL, false).segment, { droppedBeforeStep: 1 }],
        [BROKEN, { reachedStep: 0, group: ['some'] }],
      ] as const) {
        const page = unwrap(await engine.actors({ requestId: nextId(), sourceId, analysis, selection, limit: 10_000 }));
        const { text } = unwrap(await engine.sql({ requestId: nextId(), sourceId, analysis, selection }));
        const { firstRows } = unwrap(await queries.run({ queryId: nextId(), sessionId, sql: text ?? '' }));
        // By code units here, by bytes there.
        const listed = page.rows.map(({ actor }) => actor).toSorted();
        expect(firstRows.map(([actor]) => actor as string).toSorted()).toEqual(listed);
        expect(listed.length).toBeGreaterThan(0);
      }
    });
  });

  it('says how many it has, how many of them are here, and what is wrong with one that is none', async () => {
    await withEngine({}, async (engine) => {
      const sourceId = await openRef(engine, ref);
      const { segment } = filtered(FUNNEL, true);
      const answer = await ask(engine, sourceId, segment);
      expect(answer.semantics).toContainEqual({
        rule: 'segment some',
        text: `${some.length + 3} actors, each in it at any time.`,
      });
      expect(answer.warnings).toContain(
        `Only ${some.length} of the ${some.length + 3} actors of the segment "some" are in this source.`,
      );
      const codeOf = async (where: object): Promise<string> => {
        const analysis = { ...FUNNEL, where: [where] } as AnalysisDocument;
        const reply = await engine.run({ requestId: nextId(), sourceId, analysis });
        return reply.ok ? 'ok' : reply.error.code;
      };
      expect(await codeOf({ prop: '$segment.none', op: 'is_set' })).toBe('E_NO_SUCH_TABLE');
      const { resultId } = unwrap(await queries.run({ queryId: nextId(), sessionId, sql: 'SELECT 1 AS a' }));
      unwrap(await queries.keepTable({ queryId: nextId(), resultId, name: 'plain' }));
      expect(await codeOf({ prop: '$segment.plain', op: 'is_set' })).toBe('E_NO_SUCH_COLUMN');
      const rollup = {
        requestId: nextId(),
        sourceId,
        analysis: { type: 'rollup', by: '$segment.some' } as AnalysisDocument,
      };
      expect(await engine.run(rollup)).toMatchObject({ ok: false, error: { code: 'E_UNSUPPORTED' } });
      expect(await keepSegment('nulls', [])).toMatchObject({ ok: false, error: { code: 'E_USAGE' } });
    });
  });

  it('is read again when it is kept again, and gone when it is dropped', async () => {
    await withEngine({}, async (engine) => {
      const sourceId = await openRef(engine, ref);
      const journey = {
        type: 'funnel',
        steps: [{ event: 'open' }],
        where: [{ prop: '$segment.mine', op: 'is_set' }],
      } as const;
      const count = async () => ((await ask(engine, sourceId, journey as never)) as FunnelResult).steps[0]?.count;
      const openers = new Set(log.filter(({ event }) => event === 'open').map(({ actor }) => actor));
      const countOf = (list: readonly string[]) => list.filter((actor) => openers.has(actor)).length;
      unwrap(await keepSegment('mine', some));
      expect(await count()).toBe(countOf(some));
      unwrap(await keepSegment('mine', actors.slice(0, 5), true));
      expect(await count()).toBe(countOf(actors.slice(0, 5)));
      unwrap(await queries.dropTable({ queryId: nextId(), name: 'mine' }));
      const reply = await engine.run({ requestId: nextId(), sourceId, analysis: journey as never });
      expect(reply).toMatchObject({ ok: false, error: { code: 'E_NO_SUCH_TABLE' } });
      unwrap(await queries.restoreTable({ queryId: nextId(), name: 'mine' }));
      expect(await count()).toBe(countOf(actors.slice(0, 5)));
    });
  });
});

describe('a segment on a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
    const client = new Client({ connectionString: server.url(await server.createDatabase('logs')) });
    await client.connect();
    await makeServerLog(client, 'log', log);
    await client.end();
  }, 120_000);
  afterAll(() => server.stop(), 60_000);

  it('is the same, whether rows are moved here or the server computes', async () => {
    await withEngine({}, async (engine) => {
      const { sourceId } = unwrap(
        await engine.open({ requestId: nextId(), ...serverSource(server.port, 'logs', LOG_MAPPING) }),
      );
      const run = (analysis: AnalysisDocument, compute: 'pull' | 'pushdown') =>
        engine.run({ requestId: nextId(), sourceId, analysis, compute });
      let pushed = 0;
      for (const { document } of SAMPLES) {
        if ('actorFrom' in document) continue;
        const { segment, list } = filtered(document, true);
        const answer = numbersOf(unwrap(await run(list, 'pull')));
        expect({ segment, answer: numbersOf(unwrap(await run(segment, 'pull'))) }).toEqual({ segment, answer });
        const reply = await run(segment, 'pushdown');
        // What cannot be said in SQL says so, with or without a segment.
        const said = reply.ok ? numbersOf(reply.value) : reply.error.code === 'E_UNSUPPORTED' ? answer : reply.error;
        expect({ segment, answer: said }).toEqual({ segment, answer });
        if (reply.ok) pushed++;
      }
      expect(pushed).toBeGreaterThan(5);
      const whole = unwrap(await run(BROKEN, 'pushdown'));
      expect(numbersOf(whole)).toEqual(numbersOf(unwrap(await run(BROKEN, 'pull'))));
      expect(groupsOf(whole)).toEqual(await getHalves(async (document) => unwrap(await run(document, 'pushdown'))));
    });
  }, 120_000);
});
