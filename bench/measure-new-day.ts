import Database from 'better-sqlite3';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import type { AnalysisResult, EngineApi, RunRequest } from '../protocol/index.ts';
import { createEngine } from '../worker/host.ts';
import type { DataPaths } from './bench-engine.ts';
import { unwrap } from './engine-tributary.ts';
import { START_QUESTION, getQuestion } from './questions.ts';
import { DAY } from './question.ts';
import { getMedian } from './stats.ts';

/** A day of events appended to a snapshot that is open. */
export interface NewDayTimes {
  /** Events appended each time. */
  readonly events: number;
  /** From asking to open the changed file until a funnel over it is answered. */
  readonly visibleMs: readonly number[];
  readonly medianMs: number;
  /** The same question asked again, when what came in has been folded into the columns. */
  readonly againMs: readonly number[];
}
const DAYS = 5;

/** The last day's events once more, a day later, with ids of their own. The number of rows. */
function appendDay(file: string): number {
  const db = new Database(file);
  try {
    const last = db
      .prepare('SELECT max(event_time) FROM global_events WHERE ts = (SELECT max(ts) FROM global_events)')
      .pluck()
      .get() as number;
    const added = db
      .prepare(
        `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at)
         SELECT strftime('%Y-%m-%dT%H', (event_time + ${DAY}) / 1000, 'unixepoch'), lower(hex(randomblob(16))),
           event_time + ${DAY}, event_type, metadata, recorded_at + ${DAY}
         FROM global_events WHERE ts >= strftime('%Y-%m-%dT%H', ($last - ${DAY}) / 1000, 'unixepoch') AND event_time > $last - ${DAY}`,
      )
      .run({ last });
    return added.changes;
  } finally {
    db.close();
  }
}

/**
 * Opens a copy of the snapshot, then lets days come in: the file changes, is opened again and asked. The answer at the
 * end must equal that of an engine which has never seen the file before.
 */
export async function measureNewDay(paths: DataPaths, threads: number): Promise<NewDayTimes> {
  const file = `${paths.snapshot}.grown`;
  const dataDir = `${paths.dataDir}-grown`;
  copyFileSync(paths.snapshot, file);
  mkdirSync(dataDir, { recursive: true });
  try {
    const engine = createEngine({ dataDir, threads, keptAnswers: 0 });
    const visibleMs: number[] = [];
    const againMs: number[] = [];
    let events = 0;
    let last = await openAndAsk(engine, file);
    for (let day = 0; day < DAYS; day++) {
      // The snapshot has been open for a while: what the engine does behind is done.
      await engine.settle();
      events = appendDay(file);
      const start = performance.now();
      const before = last.sourceId;
      last = await openAndAsk(engine, file);
      visibleMs.push(performance.now() - start);
      await engine.close(before);
      againMs.push((await ask(engine, last.sourceId)).ms);
    }
    await engine.stop();
    await expectSame(last.result, file, threads);
    return { events, visibleMs, medianMs: getMedian(visibleMs), againMs };
  } finally {
    for (const made of [file, dataDir]) rmSync(made, { recursive: true, force: true });
  }
}

interface Answered {
  readonly sourceId: string;
  readonly result: AnalysisResult;
  readonly ms: number;
}
async function openAndAsk(engine: EngineApi, file: string): Promise<Answered> {
  const ref = { kind: 'sqlite', path: file } as const;
  const { sourceId } = unwrap(await engine.open({ requestId: 'open', ref }));
  return ask(engine, sourceId);
}
async function ask(engine: EngineApi, sourceId: string): Promise<Answered> {
  const { analysis } = getQuestion(START_QUESTION);
  const request: RunRequest = { requestId: 'ask', sourceId, analysis, detail: 'counts' };
  const start = performance.now();
  const result = unwrap(await engine.run(request));
  return { sourceId, result, ms: performance.now() - start };
}

async function expectSame(result: AnalysisResult, file: string, threads: number): Promise<void> {
  const dataDir = `${file}.fresh`;
  mkdirSync(dataDir, { recursive: true });
  const engine = createEngine({ dataDir, threads, derived: false });
  const fresh = await openAndAsk(engine, file);
  await engine.stop();
  rmSync(dataDir, { recursive: true, force: true });
  const { rows } = getQuestion(START_QUESTION);
  const [ours, theirs] = [result, fresh.result].map((answer) => JSON.stringify(rows(answer)));
  if (ours !== theirs) throw new Error(`After new days: ${ours} where a fresh engine says ${theirs}.`);
}
