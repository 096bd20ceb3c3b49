import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, SqlText } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import { makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

const folder = makeFolder();
const sample = { kind: 'sqlite', path: folder.file('sample.db') } as const;
let engine: Engine;
let sourceId: string;
beforeAll(async () => {
  generateSample({ out: sample.path, users: 300, seed: 8 });
  engine = createEngine({ dataDir: folder.file('data'), threads: 2 });
  sourceId = await openRef(engine, sample);
});
afterAll(async () => {
  await engine.stop();
  folder.dispose();
});

const sqlOf = async (
  analysis: AnalysisDocument,
  more: { readonly selection?: unknown; readonly dialect?: SqlText['dialect']; readonly sourceId?: string } = {},
): Promise<SqlText> => unwrap(await engine.sql({ requestId: nextId(), sourceId, analysis, ...more }));
function runSql({ text, reason }: SqlText, path = sample.path): readonly Record<string, unknown>[] {
  if (text === null) throw new Error(reason ?? '');
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], Record<string, unknown>>(text).all();
  } finally {
    db.close();
  }
}

const QUESTIONS: readonly (readonly [AnalysisDocument, unknown])[] = [
  [{ type: 'rollup', interval: 'month', by: '$event' }, { series: 'shop_created' }],
  [
    {
      type: 'retention',
      interval: 'week',
      cohortEvent: { event: 'account_created' },
      returnEvent: { event: 'payment_succeeded' },
    },
    null,
  ],
  [{ type: 'journey' }, { state: 'Customer' }],
  [
    {
      type: 'funnel',
      steps: [{ event: 'account_created' }, { event: 'shop_created' }],
      window: { value: 30, unit: 'day' },
    },
    { reachedStep: 1 },
  ],
];

describe('an analysis as SQL', () => {
  it.each(QUESTIONS)('runs as it is written: %j', async (analysis) => {
    const written = await sqlOf(analysis);
    expect(written).toMatchObject({ dialect: 'sqlite', reason: null });
    expect(written.text).toContain('--');
    expect(runSql(written).length).toBeGreaterThan(0);
  });

  it.each(QUESTIONS.filter(([, selection]) => selection !== null))(
    'lists the actors behind a number: %j %j',
    async (analysis, selection) => {
      const page = unwrap(await engine.actors({ requestId: nextId(), sourceId, analysis, selection, limit: 100_000 }));
      const listed = runSql(await sqlOf(analysis, { selection })).map(({ actor }) => actor);
      expect(listed).toEqual(page.rows.map(({ actor }) => actor));
      expect(listed.length).toBeGreaterThan(0);
    },
  );

  it('is written for the other database too where the model is ours', async () => {
    const written = await sqlOf(QUESTIONS[0]?.[0] as AnalysisDocument, { dialect: 'postgres' });
    expect(written).toMatchObject({ dialect: 'postgres', reason: null });
    expect(written.text).toContain('"public"."global_events"');
  });

  it('reads a mapped table in its own database, and says why not in another', async () => {
    const ref = writeLog(folder.file('log.db'), randomLog(3, 200));
    const mapped = await openRef(engine, ref);
    const analysis = { type: 'rollup', interval: 'total' } as const;
    expect(runSql(await sqlOf(analysis, { sourceId: mapped }), ref.path).length).toBeGreaterThan(0);
    expect(await sqlOf(analysis, { sourceId: mapped, dialect: 'postgres' })).toMatchObject({
      text: null,
      reason: expect.stringContaining('mapping'),
    });
  });
});
