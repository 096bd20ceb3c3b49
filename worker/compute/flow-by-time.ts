import type { FlowQuery } from '../../protocol/index.ts';
import type { EventIndex } from '../segment/segment.ts';
import { ChangeCursor, makeCheckpoints, MAX_KINDS, QUARTER, toChange, type ChangesByTime } from './changes-by-time.ts';
import type { ComputeContext, Preparation, Prepared } from './compute-module.ts';
import { forEachActor } from './event-stream.ts';
import { readCounts } from './flow-counts.ts';
import type { FlowPartial } from './flow-tally.ts';
import { compileNodeCodes, nameNodes } from './path-nodes.ts';
import { isAnchored } from './path-walk.ts';

/**
 * How the paths of a range of actors grow, in order of time, so that a flow up to any moment is a look-up. A path that
 * begins at a fixed moment only grows with time: its nodes up to T are the first of its nodes.
 *
 *   anna: home@0 list@10 list@15 home@20, maxSteps 2      home begins @0    home → list @10    goes on from list @20
 *
 * The kind of a change is (position * width + from) * width + to: at position 0 `from` is 0, at `maxSteps` `to` is.
 */
interface FlowByTime extends ChangesByTime, Prepared {
  readonly kind: 'flowByTime';
}
export const isFlowByTime = (prepared: Prepared): prepared is FlowByTime =>
  (prepared as Partial<FlowByTime>).kind === 'flowByTime';

/** 30 years. */
const MAX_QUARTERS = 1 << 20;

/** For counts alone, as a repeat moves the time of its node; paths that are cut or trimmed change what they were. */
export const flowByTime: Preparation<FlowQuery> = {
  keyOf: (context, query) => (isGrowing(context, query) ? getKey(context, query) : null),
  // A beginning that moves with every question is not worth it.
  isMadeAtOnce: ({ fromMs }) => fromMs === Number.NEGATIVE_INFINITY,
  prepare: indexFlow,
  partialOf: (prepared, context, query) => (isFlowByTime(prepared) ? countUpTo(prepared, context, query) : null),
};

function isGrowing(context: ComputeContext, query: FlowQuery): boolean {
  const { width, kinds } = getShape(context, query);
  return (
    context.detail === 'counts' &&
    context.knownAtMs === Number.POSITIVE_INFINITY &&
    query.sessionGapSeconds === null &&
    !isAnchored(query) &&
    width > 0 &&
    kinds <= MAX_KINDS &&
    getSpan(context).quarters <= MAX_QUARTERS
  );
}

function getKey({ fromMs }: ComputeContext, query: FlowQuery): string {
  const { asOf: _asOf, title: _title, dateRange: _range, timezone: _zone, edgeLimit: _limit, ...rest } = query;
  return `flow by time ${String(fromMs)} ${JSON.stringify(rest)}`;
}

function getShape({ segment }: ComputeContext, query: FlowQuery) {
  const width = nameNodes(segment.eventNames, query).names.length;
  return { width, kinds: (query.maxSteps + 1) * width * width };
}

function getSpan({ segment, fromMs, lastEventMs }: ComputeContext) {
  const firstQuarter = Math.floor(Math.max(fromMs, segment.baseSeconds * 1000) / QUARTER);
  const quarters = Math.max(0, Math.floor(lastEventMs / QUARTER) - firstQuarter + 1);
  return { firstQuarter, quarters };
}

function indexFlow(context: ComputeContext, query: FlowQuery): FlowByTime {
  const { firstQuarter } = getSpan(context);
  const { starts, changes } = sortByTime(context, listChanges(context, query));
  const kinds = { length: getShape(context, query).kinds };
  const checkpoints = makeCheckpoints(changes, kinds.length);
  const bytes = starts.byteLength + changes.byteLength + checkpoints.checkpoints.byteLength;
  const late = { lateTimes: new Float64Array(0), lateKinds: new Uint16Array(0) };
  return { kind: 'flowByTime', bytes, kinds, firstQuarter, starts, changes, ...checkpoints, ...late };
}

/** Growth of paths from the context's beginning to the end of the data, actor by actor: what grew at an event. */
interface Growth {
  readonly events: Uint32Array;
  readonly kinds: Uint16Array;
}

function listChanges(context: ComputeContext, query: FlowQuery): Growth {
  const { segment, range, fromMs } = context;
  const { types, offsets } = segment;
  const { codes, kept } = compileNodeCodes(context, query);
  const { maxSteps, collapseRepeats } = query;
  const { width } = getShape(context, query);
  const most = Math.min(
    (offsets[range.to] ?? 0) - (offsets[range.from] ?? 0),
    (range.to - range.from) * (maxSteps + 1),
  );
  const events = new Uint32Array(most);
  const kinds = new Uint16Array(most);
  let length = 0;
  forEachActor(context, fromMs, Number.POSITIVE_INFINITY, (_actor, from, to) => {
    let node = -1;
    let position = 0;
    for (let event: EventIndex = from; event < to && position <= maxSteps; event++) {
      const next = codes[types[event] ?? 0] ?? -1;
      if (next < 0 || (collapseRepeats && next === node) || (kept !== null && !kept(event))) continue;
      const source = position === 0 ? 0 : node;
      kinds[length] = (position * width + source) * width + (position === maxSteps ? 0 : next);
      events[length++] = event;
      node = next;
      position++;
    }
  });
  return { events: events.subarray(0, length), kinds: kinds.subarray(0, length) };
}

const QUARTER_SECONDS = QUARTER / 1000;
function sortByTime(context: ComputeContext, { events, kinds }: Growth): Pick<FlowByTime, 'starts' | 'changes'> {
  const { seconds, millis, baseSeconds } = context.segment;
  const { firstQuarter, quarters } = getSpan(context);
  /** Seconds since the first quarter hour began, of second 0. */
  const since = baseSeconds - firstQuarter * QUARTER_SECONDS;
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (quarters + 1)));
  const next = new Uint32Array(quarters + 1);
  for (let i = 0; i < events.length; i++) {
    const quarter = Math.floor(((seconds[events[i] ?? 0] ?? 0) + since) / QUARTER_SECONDS);
    next[quarter + 1] = (next[quarter + 1] ?? 0) + 1;
  }
  for (let q = 0; q < quarters; q++) next[q + 1] = (next[q + 1] ?? 0) + (next[q] ?? 0);
  starts.set(next);
  const changes = new Uint32Array(new SharedArrayBuffer(4 * events.length));
  for (let i = 0; i < events.length; i++) {
    const event = events[i] ?? 0;
    const second = (seconds[event] ?? 0) + since;
    const quarter = Math.floor(second / QUARTER_SECONDS);
    const at = next[quarter] ?? 0;
    changes[at] = toChange(kinds[i] ?? 0, (second - quarter * QUARTER_SECONDS) * 1000 + (millis[event] ?? 0));
    next[quarter] = at + 1;
  }
  return { starts, changes };
}

/** The partial of the flow up to the context's end, without times. */
function countUpTo(index: FlowByTime, context: ComputeContext, query: FlowQuery): FlowPartial {
  const { width } = getShape(context, query);
  return readCounts(new ChangeCursor(index).countUpTo(context.toMs), width, query.maxSteps);
}
