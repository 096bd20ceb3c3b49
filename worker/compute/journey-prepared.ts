import type { JourneyQuery } from '../../protocol/index.ts';
import type { ComputeContext, Preparation, Prepared } from './compute-module.ts';
import { compileStream, getFirstEventTime, rememberFirstEventTime } from './event-stream.ts';
import { indexByTime, type JourneyByTime } from './journey-by-time.ts';
import { buildJourneyLog, type LogInput } from './journey-log-build.ts';
import { countByTime, isCountedByTime } from './journey-counts.ts';
import { buildJourneyGrid } from './journey-grid.ts';
import type { JourneyPartial } from './journey-partial.ts';
import type { Milliseconds } from '../segment/segment.ts';
import type { JourneyLog } from './journey-log.ts';
import { compileJourney } from './journey-model.ts';

/** All that happens in a model to a range of actors, ready for any asOf and range. */
export interface PreparedJourney extends Prepared {
  readonly kind: 'journey';
  readonly log: JourneyLog;
  /** null = a model with too many kinds of changes. */
  readonly byTime: JourneyByTime | null;
  /** Of the whole segment. */
  readonly firstEventMs: Milliseconds;
}

/** One for each model and filter. Rows hidden by knownAt change histories themselves, so these questions do without. */
export const journeyPreparation: Preparation<JourneyQuery> = {
  keyOf: (context, { model, where }) =>
    isServedByLog(context) ? `journey ${JSON.stringify({ model, where: where ?? [] })}` : null,
  prepare: prepareJourney,
  partialOf: lookUp,
};

export const isServedByLog = ({ knownAtMs }: Pick<ComputeContext, 'knownAtMs'>): boolean =>
  knownAtMs === Number.POSITIVE_INFINITY;

function prepareJourney(context: ComputeContext, query: JourneyQuery): PreparedJourney {
  const log = buildPlainLog(context, query);
  const byTime = indexByTime(log, query.model.states.length + 1, context.lastEventMs);
  const firstEventMs = getFirstEventTime(context.segment);
  return {
    kind: 'journey',
    log,
    byTime,
    firstEventMs,
    bytes: getBytes(log) + (byTime === null ? 0 : getBytes(byTime)),
  };
}

/** More intervals than these are left to the threads. */
const LOOK_UP_INTERVALS = 1000;

function lookUp(prepared: Prepared, context: ComputeContext, query: JourneyQuery): JourneyPartial | null {
  const { byTime, firstEventMs } = prepared as PreparedJourney;
  if (byTime === null || !isCountedByTime(context, query, byTime)) return null;
  // So that looking for it does not keep the host from answering others.
  rememberFirstEventTime(context.segment, firstEventMs);
  const grid = buildJourneyGrid(context, query);
  return grid.starts.length > LOOK_UP_INTERVALS ? null : countByTime(byTime, context, query, grid);
}

/** The log of the context's range. */
export const buildPlainLog = (context: ComputeContext, query: JourneyQuery): JourneyLog =>
  buildJourneyLog(getLogInput(context, query));

export function getLogInput(context: ComputeContext, query: JourneyQuery): LogInput {
  const { segment, range } = context;
  const journey = compileJourney(segment, query.model);
  const exists = compileStream({ ...context, knownAtMs: Number.POSITIVE_INFINITY }, query.where);
  return { segment, range, journey, exists, checkpoint: (done) => context.checkpoint(done) };
}

/** Null when there is none for exactly this range. */
export function getPreparedJourney({ prepared, range }: ComputeContext): PreparedJourney | null {
  if (!prepared) return null;
  const { kind, log } = prepared as PreparedJourney;
  return kind === 'journey' && log.range.from === range.from && log.range.to === range.to
    ? (prepared as PreparedJourney)
    : null;
}

const getBytes = (columns: JourneyLog | JourneyByTime): number =>
  Object.values(columns).reduce<number>((sum, column) => sum + (ArrayBuffer.isView(column) ? column.byteLength : 0), 0);
