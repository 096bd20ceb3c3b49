import { fillInSlices } from '../compute/derive-kernel.ts';
import { parseDerivedName, type DerivedFamily, type DerivedTarget } from '../compute/derived.ts';
import { createDerived, type DerivedColumn, type DerivedType } from '../segment/derived-column.ts';
import type { ActorRange } from '../segment/segment.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';

/** `values` = where a column with a value for each actor goes; null = a total, of which the thread returns its part. */
export interface DeriveTarget {
  readonly name: string;
  readonly type: DerivedType;
  readonly length: number;
  readonly values: DerivedColumn | null;
}
export interface DeriveInput {
  readonly range: ActorRange;
  readonly targets: readonly DeriveTarget[];
}

/** Fills a range of actors; the parts of totals by name. */
export function deriveColumns(
  { range, targets }: DeriveInput,
  context: TaskContext,
): ReadonlyMap<string, DerivedColumn> {
  const segment = getTaskSegment(context);
  const parts = new Map<string, DerivedColumn>();
  const byFamily = new Map<DerivedFamily, DerivedTarget[]>();
  for (const { name, type, length, values } of targets) {
    const { family, argument } = parseDerivedName(name);
    const into = values ?? createDerived(type, length);
    if (values === null) parts.set(name, into);
    byFamily.set(family, [...(byFamily.get(family) ?? []), { argument, values: into }]);
  }
  for (const [family, columns] of byFamily)
    fillInSlices(range, getCheckpoint(context), family.compile(segment, columns));
  return parts;
}
