import { getSegmentName } from '../../protocol/actor-segments.ts';
import { getMembers } from '../segment/actor-set.ts';
import { getActorOf, type EventIndex, type Segment } from '../segment/segment.ts';
import { getString } from '../segment/string-table.ts';

/** A tuple of property values as a small number, the same within one reader. BLANK = none of them is set. */
export type ValueId = number;
export const BLANK: ValueId = 0;

/** Values as text; missing and empty are both the blank `""` (SEMANTICS.md, funnel rule 10). */
export interface ValueReader {
  idOf(event: EventIndex): ValueId;
  valuesOf(id: ValueId): readonly string[];
}

export function createValueReader(segment: Segment, props: readonly string[]): ValueReader {
  const columns = props.map((prop) => createColumnReader(segment, prop));
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return { idOf: only.codeOf, valuesOf: (id) => [only.textOf(id)] };
  return createTupleReader(columns);
}

/** Several properties: every tuple that occurs gets the next id. */
function createTupleReader(columns: readonly ColumnReader[]): ValueReader {
  const tuples: (readonly number[])[] = [columns.map(() => 0)];
  const idOfKey = new Map([[columns.map(() => 0).join(), BLANK]]);
  return {
    idOf: (event) => {
      const codes = columns.map((column) => column.codeOf(event));
      const key = codes.join();
      const known = idOfKey.get(key);
      if (known !== undefined) return known;
      const id = tuples.push(codes) - 1;
      idOfKey.set(key, id);
      return id;
    },
    valuesOf: (id) => columns.map((column, i) => column.textOf(tuples[id]?.[i] ?? 0)),
  };
}

/** Code 0 = blank. */
interface ColumnReader {
  readonly codeOf: (event: EventIndex) => number;
  readonly textOf: (code: number) => string;
}

function createColumnReader(segment: Segment, prop: string): ColumnReader {
  const { types, eventNames, properties } = segment;
  if (prop === '$event')
    return { codeOf: (event) => (types[event] ?? 0) + 1, textOf: (code) => eventNames[code - 1] ?? '' };
  const name = getSegmentName(prop);
  if (name !== null) return createMemberReader(segment, name);
  const column = properties.get(prop);
  if (column === undefined) return { codeOf: () => 0, textOf: () => '' };
  const { codes, values } = column;
  const isEmpty = (code: number): boolean => code === 0 || values.offsets[code - 1] === values.offsets[code];
  return {
    codeOf: (event) => {
      const code = codes[event] ?? 0;
      return isEmpty(code) ? 0 : code;
    },
    textOf: (code) => (code === 0 ? '' : getString(values, code - 1)),
  };
}

function createMemberReader(segment: Segment, name: string): ColumnReader {
  const set = segment.actorSets?.get(name);
  const members = set === undefined ? null : getMembers(segment.actorIds, set);
  return {
    codeOf: (event) => members?.[getActorOf(segment, event)] ?? 0,
    textOf: (code) => (code === 0 ? '' : name),
  };
}
