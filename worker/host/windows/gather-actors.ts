import type { PropertyColumn, Segment } from '../../segment/segment.ts';
import { createDerived } from '../../segment/derived-column.ts';
import { buildStringTable, pickStrings, type StringTable } from '../../segment/string-table.ts';
import { TYPE_BYTES, type ColumnInFile, type ColumnValues } from '../../store/column-file.ts';
import { getCheckpoint, type TaskContext } from '../task-context.ts';
import { asBytes, readBytes, withFile } from './column-slices.ts';

/** Which actors, and the files of the columns that are wanted of them. */
export interface GatherInput {
  readonly actors: Uint32Array;
  readonly head: Pick<Segment, 'baseSeconds' | 'eventNames' | 'actorIds' | 'firstMs'>;
  readonly files: Readonly<Record<'offsets' | 'seconds' | 'millis' | 'types', ColumnInFile>>;
  readonly properties: ReadonlyMap<string, { readonly codes: ColumnInFile; readonly values: StringTable }>;
  readonly recordedAt: ColumnInFile | null;
}
/** `firstEvents` = where the events of each actor begin in the whole segment. */
export interface GatheredActors {
  readonly segment: Segment;
  readonly firstEvents: Uint32Array;
}

const CHECK_EVERY = 256;

/** In a thread: a small segment of some actors, in their order, for lists and timelines. */
export function gatherActors(
  { actors, head, files, properties, recordedAt }: GatherInput,
  context: TaskContext,
): GatheredActors {
  const checkpoint = getCheckpoint(context);
  const check = (i: number): void => {
    if (i % CHECK_EVERY === 0) checkpoint(0);
  };
  const places = readPlaces(files.offsets, actors, check);
  const column = <C extends ColumnValues>(file: ColumnInFile): C => gather(file, places, check) as C;
  const named = [...properties].map(([name, { codes, values }]): [string, PropertyColumn] => [
    name,
    { codes: column(codes), values },
  ]);
  const segment: Segment = {
    ...head,
    memory: null,
    actorCount: actors.length,
    eventCount: places.offsets.at(-1) ?? 0,
    offsets: places.offsets,
    seconds: column(files.seconds),
    millis: column(files.millis),
    types: column(files.types),
    actorIds: head.actorIds.bytes.length === 0 ? buildStringTable([]) : pickStrings(head.actorIds, actors, null),
    properties: new Map(named),
    recordedAt: recordedAt === null ? null : column(recordedAt),
  };
  return { segment, firstEvents: places.firstEvents };
}

interface Places {
  readonly firstEvents: Uint32Array;
  readonly offsets: Uint32Array;
}
function readPlaces(file: ColumnInFile, actors: Uint32Array, check: (i: number) => void): Places {
  const firstEvents = new Uint32Array(actors.length);
  const offsets = new Uint32Array(actors.length + 1);
  const pair = new Uint32Array(2);
  withFile(file.path, 'r', 'read', (fd) =>
    actors.forEach((actor, i) => {
      check(i);
      readBytes(fd, asBytes(pair), file.at + 4 * actor);
      firstEvents[i] = pair[0] ?? 0;
      offsets[i + 1] = (offsets[i] ?? 0) + (pair[1] ?? 0) - (pair[0] ?? 0);
    }),
  );
  return { firstEvents, offsets };
}

function gather(file: ColumnInFile, { firstEvents, offsets }: Places, check: (i: number) => void): ColumnValues {
  const values = createDerived(file.type, offsets.at(-1) ?? 0);
  const width = TYPE_BYTES[file.type];
  const bytes = asBytes(values);
  withFile(file.path, 'r', 'read', (fd) =>
    firstEvents.forEach((first, i) => {
      check(i);
      readBytes(fd, bytes.subarray(width * (offsets[i] ?? 0), width * (offsets[i + 1] ?? 0)), file.at + width * first);
    }),
  );
  return values;
}
