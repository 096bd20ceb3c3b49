import type { SourceDescription } from '../source/event-source.ts';

/** Columns and JSON keys that can be asked for, each once, sorted. */
export function getPropertyNames(description: SourceDescription): readonly string[] {
  return [...new Set([...description.properties, ...(description.sampledKeys ?? [])])].toSorted();
}
