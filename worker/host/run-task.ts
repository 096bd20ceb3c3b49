import { ensureSample } from '../../samples/ensure-sample.ts';
import { countMembers } from '../segment/actor-set.ts';
import { inspectSource } from '../source/inspect.ts';
import { readActorSet } from '../source/read-actor-set.ts';
import { getActorCsv, getActorRows, getDifference, searchActors } from './actor-tasks.ts';
import { preparePart, selectActors, surveyActors } from './compute-tasks.ts';
import { deriveColumns } from './derive-task.ts';
import { orderActors, sortActors } from './actor-order.ts';
import { asBuildError } from './build-error.ts';
import { assembleByTwin, assembleTimes, runLaterStep } from './assemble-columns.ts';
import { runStep } from './assemble-slices.ts';
import { collectGarbage } from './give-back-memory.ts';
import { describeActors, findNewest } from './latest-tasks.ts';
import { getServerPart } from './server-part.ts';
import { GROW_TASKS } from './grow-tasks.ts';
import { lookAtFile } from './look-at-file.ts';
import { isStopped, reportDone, throwIfStopped } from './control.ts';
import { assembleAll, countSet, scanSlice } from './scan-tasks.ts';
import { SHORT_TASKS } from './short-tasks.ts';
import { packCounted, toColumns, unpackCounted } from './partition-columns.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { TaskKind, TaskMap } from './tasks.ts';
import { getThreadSource } from './thread-sources.ts';
import { getTimeline } from './timeline-task.ts';
import { countEvents, rankValues, tallyValues } from './vocabulary-tasks.ts';
import { fileLaterColumn } from './windows/file-later-column.ts';
import { gatherActors } from './windows/gather-actors.ts';
import { scanToColumns } from './windows/scan-to-columns.ts';
import { scanToShards } from './windows/scan-to-shards.ts';
import { appendShard, loadShard, readColumns, recodeTypes, sampleColumn } from './windows/shard-tasks.ts';

type Task<K extends TaskKind> = (payload: TaskMap[K]['payload'], context: TaskContext) => TaskMap[K]['result'];

const TASKS: { readonly [K in TaskKind]: Task<K> } = {
  ensureSample: ({ dataDir }) => ensureSample(dataDir),
  inspect: (handle, context) => {
    const stop = (rows: number): boolean => shouldStop(context, rows);
    return handle.ref.kind === 'sqlite'
      ? inspectSource(handle.ref, { ...handle, shouldStop: stop })
      : getServerPart().tasks.inspectServer(handle.ref, handle, stop);
  },
  describe: (handle) => {
    const source = getThreadSource(handle);
    return { fingerprint: source.fingerprint(), description: source.describe() };
  },
  migrations: (handle) => getThreadSource(handle).migrations(),
  countPart: ({ part, parts, ...handle }, context) =>
    packCounted(getThreadSource(handle).countPart(part, parts, (rows) => shouldStop(context, rows))),
  joinParts: ({ counted: parts, ...handle }) => {
    const { partitions, counted, ...rest } = getThreadSource(handle).joinParts(parts.map(unpackCounted));
    return { ...rest, columns: toColumns(partitions), counted: packCounted(counted) };
  },
  uncountedSlices: ({ parts, ...handle }) => getThreadSource(handle).uncountedSlices(parts),
  slices: ({ range, parts, ...handle }) => getThreadSource(handle).slices(range, parts),
  scan: scanSlice,
  scanToShards,
  loadShard,
  appendShard,
  recodeTypes,
  scanToColumns,
  fileLaterColumn,
  readColumns,
  sampleColumn,
  gatherActors,
  readActorSet,
  countMembers: ({ set }, context) => countMembers(getTaskSegment(context), set),
  survey: surveyActors,
  lookUp: ({ slice, places, actorProperty, ...handle }) => getThreadSource(handle).lookUp(slice, places, actorProperty),
  assemble: assembleAll,
  assembleStep: runStep,
  columnStep: runLaterStep,
  assembleProperty: assembleByTwin,
  assembleRecordedAt: assembleTimes,
  derive: deriveColumns,
  prepare: preparePart,
  ...SHORT_TASKS,
  look: (handle) => (handle.ref.kind === 'sqlite' ? lookAtFile(handle) : getServerPart().tasks.lookAtServer(handle)),
  ...GROW_TASKS,
  planPushdown: (input, context) => getServerPart().tasks.planPushdown(input, context),
  eventNames: (input, context) => getServerPart().tasks.eventNames(input, context),
  pushDown: (input, context) => getServerPart().tasks.pushDown(input, context),
  plannedPartitions: (input, context) => getServerPart().tasks.plannedPartitions(input, context),
  writeSql: (input) => getServerPart().tasks.writeSql(input),
  select: selectActors,
  collectGarbage,
  orderActors,
  sortActors,
  search: ({ actors, text }, context) => searchActors(getTaskSegment(context), actors, text, getCheckpoint(context)),
  actorRows: getActorRows,
  actorCsv: getActorCsv,
  difference: getDifference,
  timeline: getTimeline,
  findNewest,
  describeActors,
  countEvents,
  tallyValues,
  rankValues,
  countSet,
};

/** Reports the rows seen; true = the request was stopped. */
function shouldStop(context: TaskContext, rowsSeen: number): boolean {
  reportDone(context.control, context.slot, rowsSeen);
  return isStopped(context.control);
}

/** Runs in a worker thread. Throws EngineErrors. */
export function runTask<K extends TaskKind>(kind: K, payload: unknown, context: TaskContext): TaskMap[K]['result'] {
  throwIfStopped(context.control);
  try {
    const value = TASKS[kind](payload as TaskMap[K]['payload'], context);
    throwIfStopped(context.control);
    return value;
  } catch (error) {
    throw asBuildError(error);
  }
}
