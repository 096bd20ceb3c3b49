import { createHash } from 'node:crypto';
import type { IncomingEvent } from './load-source.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Namespace of ids that are no UUIDs (RFC 9562, version 5). */
const NAMESPACE = Buffer.from('6f1c3d5e8a274b0f9c62d1e4a7b80f35', 'hex');

/** The id itself, or a UUID that is always the same for the same text. */
export const toUuid = (id: string): string => (UUID.test(id) ? id : deriveUuid(id));

export function deriveUuid(text: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Years 1 to 9999: what an hour key of fixed width can say. */
const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Why the store cannot take this event; null = it can. `types` are those of the store. */
export function findFault(event: IncomingEvent, types: ReadonlySet<string>): string | null {
  if (Number.isNaN(event.time)) return 'has no readable time';
  if (event.time < FIRST || event.time > LAST) return 'has a time outside the years 1 to 9999';
  if (event.eventId === '') return 'has no event_id';
  if (!types.has(event.type)) return `has the event type “${event.type.slice(0, 60)}”, which the store does not know`;
  return findMetadataFault(event.metadata);
}

/** In what `JSON.stringify` wrote; a backslash of the text itself is a pair of them. */
const UNKEEPABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f]..)/;

function findMetadataFault(text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'has metadata that is no valid JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'has metadata that is no JSON object';
  // What JSON can say and the server cannot keep: a zero character, half of a surrogate pair.
  if (text.includes('\\u') && UNKEEPABLE.test(JSON.stringify(value)))
    return 'has metadata with characters that the server cannot keep';
  return null;
}
