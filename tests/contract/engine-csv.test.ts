import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../worker/host.ts';
import { getAnswerTables } from '../../worker/export/answer-tables.ts';
import { randomLog } from '../support/random-log.ts';
import { SAMPLES } from './analyses.ts';
import { ask, makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

const folder = makeFolder();
let engine: Engine;
let sourceId = '';
beforeAll(async () => {
  engine = createEngine({ dataDir: folder.file('data'), threads: 2 });
  sourceId = await openRef(engine, writeLog(folder.file('log.db'), randomLog(21, 500)));
});
afterAll(async () => {
  await engine.stop();
  folder.dispose();
});

describe('the tables of an answer', () => {
  for (const { document } of SAMPLES)
    it(`read back as they are: ${JSON.stringify(document).slice(0, 80)}`, async () => {
      const tables = Object.entries(getAnswerTables(await ask(engine, sourceId, document)));
      for (const [i, [name, table]] of tables.entries()) {
        const named = unwrap(
          await engine.csv({ requestId: nextId(), sourceId, analysis: document, table: name, spreadsheetSafe: false }),
        );
        const rows = parse(named) as string[][];
        expect(rows).toEqual(table.map((row) => row.map((cell) => (cell === null ? '' : String(cell)))));
        expect(new Set(rows.map((row) => row.length)).size).toBe(1);
        const main = unwrap(
          await engine.csv({ requestId: nextId(), sourceId, analysis: document, spreadsheetSafe: false }),
        );
        expect(main === named).toBe(i === 0);
      }
      expect(tables.length).toBeGreaterThan(0);
    });

  it('give a breakdown and a trend by group their own columns', async () => {
    const steps = [{ event: 'open' }, { event: 'buy' }];
    const breakdown = { props: ['plan', 'country'] };
    const groups = unwrap(
      await engine.csv({ requestId: nextId(), sourceId, analysis: { type: 'funnel', steps, breakdown } }),
    );
    expect(groups.split('\r\n')[0]).toMatch(/^row,group_1,group_2,step,name,count,/);
    const trend = unwrap(
      await engine.csv({
        requestId: nextId(),
        sourceId,
        analysis: { type: 'funnel', steps, breakdown, viz: 'trend', interval: 'week' },
      }),
    );
    expect(trend.split('\r\n')[0]).toBe('group,period,from,to,rate_percent,unfinished');
  });
});
