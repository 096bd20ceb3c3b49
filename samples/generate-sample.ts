import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from '../protocol/errors.ts';
import { Agenda } from './agenda.ts';
import { DirtMaker, type Dirt } from './dirt.ts';
import { EventLog } from './event-log.ts';
import { Life } from './life.ts';
import { Random } from './random.ts';
import { signUpTimes } from './rhythm.ts';
import { SnapshotWriter, type RowSink } from './snapshot-writer.ts';
import { ThreadedWriter } from './threaded-writer.ts';

export interface SampleOptions {
  /** Where the snapshot goes; E_EXISTS when something is there, unless `replace`. */
  readonly out: string;
  readonly users: number;
  readonly seed: number;
  /** Length of the history. */
  readonly months?: number;
  /** End of the history, ms since the epoch; default `DEFAULT_END`. Nothing happens after it. */
  readonly end?: number;
  /** Kinds of dirt to leave out. */
  readonly clean?: ReadonlySet<Dirt>;
  readonly replace?: boolean;
  /** Entry of `writer-thread.ts`: writes in a second thread, for large samples. Absent = all in this one. */
  readonly writerThreadUrl?: URL;
  /** Called about every 50,000 events. Answer true to stop: E_CANCELLED, nothing is left behind. */
  readonly onProgress?: (events: number, share: number) => boolean | void;
}
export interface SampleSummary {
  readonly out: string;
  readonly events: number;
  readonly users: number;
  readonly shops: number;
  readonly invoices: number;
  readonly payments: number;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly dirt: Readonly<Record<Dirt, number>>;
  readonly seconds: number;
  readonly eventsPerSecond: number;
}
export const DEFAULT_MONTHS = 18;
/** Fixed, so that the same command makes the same file on any day. */
export const DEFAULT_END = Date.UTC(2026, 9, 1);

function monthsBefore(end: number, months: number): number {
  const date = new Date(end);
  return date.setUTCMonth(date.getUTCMonth() - months);
}

/** Makes a snapshot of our model: deterministic in its options, streaming, written aside and renamed into place. */
export function generateSample(options: SampleOptions): SampleSummary {
  if (existsSync(options.out) && options.replace !== true)
    throw new EngineError('E_EXISTS', `${options.out} is already there.`, {
      hint: 'Choose another name, or allow replacing it (--force).',
    });
  if (!existsSync(dirname(options.out)))
    throw new EngineError('E_NOT_FOUND', `There is no folder ${dirname(options.out)}.`, {
      hint: 'Make it first, or choose another place.',
    });
  const end = options.end ?? DEFAULT_END;
  const start = monthsBefore(end, options.months ?? DEFAULT_MONTHS);
  const partial = `${options.out}.partial-${process.pid}`;
  const startedAt = performance.now();
  const writer =
    options.writerThreadUrl === undefined
      ? new SnapshotWriter(partial)
      : new ThreadedWriter(partial, options.writerThreadUrl);
  try {
    const made = simulate(writer, options, start, end);
    renameSync(partial, options.out);
    const seconds = (performance.now() - startedAt) / 1000;
    return {
      out: options.out,
      ...made,
      firstDay: new Date(start).toISOString().slice(0, 10),
      lastDay: new Date(end - 1).toISOString().slice(0, 10),
      seconds,
      eventsPerSecond: Math.round(made.events / seconds),
    };
  } catch (error) {
    writer.abandon();
    rmSync(partial, { force: true });
    throw error;
  }
}

function simulate(writer: RowSink, options: SampleOptions, start: number, end: number) {
  // Separate streams of chance: switching dirt off leaves the lives as they are.
  const random = new Random(options.seed);
  const logRandom = new Random(options.seed + 1);
  const dirt = new DirtMaker(new Random(options.seed + 2), options.clean ?? new Set());
  const agenda = new Agenda<(now: number) => void>();
  const log = new EventLog({ writer, random: logRandom, dirt, agenda });
  const life = new Life({ random, dirt, agenda, chronicle: log });
  let reported = 0;
  const runUntil = (time: number): void => {
    while (agenda.peekTime() <= time) {
      const entry = agenda.take();
      entry?.what(entry.time);
    }
    if (log.events - reported < 50_000) return;
    reported = log.events;
    if (options.onProgress?.(log.events, (time - start) / (end - start)) === true)
      throw new EngineError('E_CANCELLED', 'Making the sample was cancelled.', { hint: 'Nothing was left behind.' });
  };
  for (const time of signUpTimes(options.users, start, end, new Random(options.seed + 3))) {
    runUntil(time);
    life.signUp(time);
  }
  runUntil(end - 1);
  log.finish(end);
  return { events: log.events, ...life.made, payments: log.payments, dirt: dirt.counts };
}
