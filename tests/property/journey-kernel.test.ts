import { describe, expect, test } from 'vitest';
import { parseAnalysis, type AnalysisDocument } from '../../protocol/index.ts';
import { getComputeModule } from '../../worker/compute/registry.ts';
import { buildJourneyLog, buildLogByMachine } from '../../worker/compute/journey-log-build.ts';
import { compileJourney } from '../../worker/compute/journey-model.ts';
import { journeyModule } from '../../worker/compute/journey.ts';
import { compileWhere } from '../../worker/compute/predicate.ts';
import { splitActors, type Segment } from '../../worker/segment/segment.ts';
import { toKernelSegment } from '../support/kernel-segment.ts';
import { randomOf } from '../support/random-log.ts';
import { contextFor, type DocumentOf } from '../support/run-compute.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';

/**
 * The log of changes by the kernel and by the machine, and answers as of every moment that matters: read from the log,
 * looked up by time, and by the machine that knows nothing after that moment.
 */
const START = Date.UTC(2024, 0, 1);
const HOUR = 3_600_000;
type Random = () => number;
const pickOf =
  (random: Random) =>
  <T>(items: readonly T[]): T =>
    items[Math.floor(random() * items.length)] as T;

const EVENTS = ['a', 'b', 'c', 'd', 'e'];
const STATES = ['Lead', 'Prospect', 'Customer', 'Churn'];

function drawLog(random: Random): LogEvent[] {
  const pick = pickOf(random);
  const length = 1 + Math.floor(random() * 60);
  const span = pick([20, 200, 5000]);
  return Array.from({ length }, () => {
    // Often on whole hours, so that events, deadlines and quarter hours coincide.
    const time =
      START + Math.floor(random() * span) * HOUR + pick([0, 0, 0, 899_999, 900_000, Math.floor(random() * HOUR)]);
    const due = time + Math.floor(random() * 60 - 10) * HOUR;
    return {
      actor: pick(['u1', 'u2', 'u3', 'u4', 'u5']),
      event: pick(EVENTS),
      time,
      props: {
        ...(random() < 0.8 ? { key: `k${Math.floor(random() * 4)}` } : {}),
        ...(random() < 0.6 ? { due: drawDue(pick, due) } : {}),
        plan: pick(['pro', 'free']),
      },
    };
  });
}

/** All spellings: usual ones, zones, days that a month does not have, far years, nothing that can be read. */
function drawDue(pick: ReturnType<typeof pickOf>, due: number): string {
  const iso = new Date(due).toISOString();
  const usual = [iso, iso, iso, iso.slice(0, 19), iso.slice(0, 10), iso.slice(0, 23), `${iso.slice(0, 10)} 12:30:00`];
  const rare = [String(due), `${iso.slice(0, 19)}+02:00`, '2024-02-30', '2024-02-29', '9999-12-31', 'soon', ''];
  return pick([...usual, ...usual, ...rare]);
}

function drawModel(random: Random): NonNullable<DocumentOf<'journey'>['model']> {
  const pick = pickOf(random);
  const match = () => ({
    event: pick(EVENTS),
    ...(random() < 0.2 ? { where: [{ prop: 'plan', op: 'eq' as const, value: pick(['pro', 'free']) }] } : {}),
  });
  const from = () => (random() < 0.4 ? null : ['start', ...STATES].filter(() => random() < 0.5));
  const hasTrackers = random() < 0.7;
  return {
    states: STATES,
    rules: Array.from({ length: 1 + Math.floor(random() * 6) }, () => ({
      event: match(),
      from: from(),
      to: pick(STATES),
      ...(hasTrackers && random() < 0.3 ? { lastOf: { key: 'key', openedBy: match() } } : {}),
    })),
    deadlines: hasTrackers
      ? Array.from({ length: Math.floor(random() * 3) }, () => ({
          opens: match(),
          key: pick(['key', 'key', 'absent']),
          dueAt: pick(['due', 'due', null, 'absent']),
          metBy: match(),
          after: { value: pick([0.001, 1, 10, 100]), unit: 'hour' as const },
          from: from(),
          to: pick(STATES),
        }))
      : [],
  };
}

function drawDocument(random: Random): DocumentOf<'journey'> {
  const pick = pickOf(random);
  return {
    type: 'journey',
    model: drawModel(random),
    maxSteps: pick([2, 3, 6, 20]),
    interval: pick(['hour', 'day', 'day', 'week', 'month']),
    timezone: pick(['UTC', 'UTC', 'Europe/Berlin', 'Asia/Kathmandu']),
    ...(random() < 0.3 ? { where: [{ prop: 'plan', op: 'eq', value: 'pro' }] } : {}),
  };
}

function compileInput(segment: Segment, document: DocumentOf<'journey'>, range = { from: 0, to: segment.actorCount }) {
  const query = parseAnalysis(document);
  if (query.type !== 'journey') throw new Error('not a journey');
  const exists = compileWhere(segment, query.where);
  return { segment, range, journey: compileJourney(segment, query.model), exists, checkpoint: () => undefined };
}

/** As the host does it; `prepare` = with what is made beforehand for each range. */
function answer(
  segment: Segment,
  document: AnalysisDocument,
  detail: 'full' | 'counts',
  parts: number,
  how: 'prepared' | 'log',
) {
  const query = parseAnalysis(document);
  const module = getComputeModule('journey');
  const partials = splitActors(segment, parts).map((range) => {
    const context = { ...contextFor(segment, document, range), detail };
    // Prepared by the question without an asOf: what is made serves every moment.
    const whole = { ...contextFor(segment, { ...document, asOf: null, dateRange: null }, range), detail };
    const prepared = how === 'prepared' ? module.preparation?.prepare(whole, query) : null;
    return module.compute({ ...context, prepared: prepared ?? null }, query);
  });
  return module.merge(partials, query, { ...contextFor(segment, document), detail });
}

/** The machine alone: rows that a knownAt hides are none, so the answer is the same and no log is read. */
function answerByMachine(segment: Segment, document: AnalysisDocument, detail: 'full' | 'counts') {
  const query = parseAnalysis(document);
  const context = { ...contextFor(segment, document), detail, knownAtMs: Number.MAX_VALUE };
  return getComputeModule('journey').merge([getComputeModule('journey').compute(context, query)], query, context);
}

/** Every event and every change, just before and just after. */
function listMoments(segment: Segment, document: DocumentOf<'journey'>, random: Random): number[] {
  const log = buildLogByMachine(compileInput(segment, document));
  const times = [...new Set(log.times)].filter((time) => time < Date.UTC(2025, 0, 1));
  const moments = times.flatMap((time) => [time - 1, time, time + 1]);
  return [...moments.toSorted(() => random() - 0.5).slice(0, 12), Date.UTC(2024, 11, 31), START - HOUR];
}

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const CASES = 60;

describe(`journey logs, seed ${SEED}`, () => {
  test('the kernel writes what the machine does, for all actors and for a part of them', () => {
    for (let i = 0; i < 10 * CASES; i++) {
      const random = randomOf(SEED + i);
      const segment = segmentOf(drawLog(random));
      const document = drawDocument(random);
      const inMemory = toKernelSegment(segment);
      const split = Math.floor(random() * (segment.actorCount + 1));
      for (const range of [
        { from: 0, to: segment.actorCount },
        { from: split, to: segment.actorCount },
      ])
        expect(buildJourneyLog(compileInput(inMemory, document, range)), `seed ${SEED + i}`).toEqual(
          buildLogByMachine(compileInput(segment, document, range)),
        );
    }
  });

  test('answers as of every moment are those of the machine', { timeout: 60_000 }, () => {
    for (let i = 0; i < CASES; i++) {
      const random = randomOf(SEED + i);
      const segment = segmentOf(drawLog(random));
      const inMemory = toKernelSegment(segment);
      const drawn = drawDocument(random);
      const parts = 1 + Math.floor(random() * 3);
      for (const moment of listMoments(segment, drawn, random)) {
        const asOf = new Date(moment).toISOString();
        const to = random() < 0.2 ? new Date(moment - Math.floor(random() * 50) * HOUR).toISOString() : null;
        const from = random() < 0.2 ? new Date(START + Math.floor(random() * 20) * HOUR).toISOString() : null;
        const dateRange = from !== null && to !== null && from > to ? { from: to, to: from } : { from, to };
        const document = { ...drawn, asOf, dateRange };
        for (const detail of ['full', 'counts'] as const) {
          const wanted = answerByMachine(segment, document, detail);
          for (const how of ['prepared', 'log'] as const) {
            const got = answer(inMemory, document, detail, parts, how);
            // As text: a deep comparison of thousands of periods takes far longer than the answers.
            expect(JSON.stringify(got), `seed ${SEED + i} ${asOf} ${detail} ${how}`).toBe(JSON.stringify(wanted));
          }
        }
      }
    }
  });

  test('counts are those of the whole answer', () => {
    for (let i = 0; i < CASES; i++) {
      const random = randomOf(SEED + i);
      const segment = toKernelSegment(segmentOf(drawLog(random)));
      const document = drawDocument(random);
      const full = journeyModule.merge([], parse(document), contextFor(segment, document));
      expect(full.actorCount).toBe(0);
      const counts = answer(segment, document, 'counts', 2, 'prepared');
      expect(counts).toEqual(withoutTimes(answer(segment, document, 'full', 2, 'prepared')));
    }
  });
});

/** More actors and events than are counted in one go. */
test('counts of many slices are those of the machine', { timeout: 60_000 }, () => {
  const random = randomOf(SEED);
  const pick = pickOf(random);
  const log = Array.from({ length: 90_000 }, (_, i) => ({
    actor: `u${i % 20_000}`,
    event: pick(EVENTS),
    time: START + Math.floor(random() * 2000) * HOUR,
    props: { key: pick(['k1', 'k2']), plan: pick(['pro', 'free']) },
  }));
  const segment = segmentOf(log);
  const document = { ...drawDocument(random), dateRange: { from: '2024-01-20', to: '2024-03-01' } };
  const wanted = JSON.stringify(answerByMachine(segment, document, 'counts'));
  const inMemory = toKernelSegment(segment);
  for (const how of ['prepared', 'log'] as const)
    expect(JSON.stringify(answer(inMemory, document, 'counts', 1, how)), `seed ${SEED} ${how}`).toBe(wanted);
});

function parse(document: DocumentOf<'journey'>) {
  const query = parseAnalysis(document);
  if (query.type !== 'journey') throw new Error('not a journey');
  return query;
}

/** The answer with 0 for every average, median and percentile. */
function withoutTimes(body: unknown): unknown {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (/^(average|median|p90)Seconds$/.test(key) ? 0 : value)),
  );
}
