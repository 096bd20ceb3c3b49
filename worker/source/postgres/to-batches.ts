import { getString, type StringTable } from '../../segment/string-table.ts';
import type { EventBatch, ScanColumns } from '../event-source.ts';
import type { ServerScanned } from './run-scan.ts';

const BATCH_ROWS = 8_192;

/** The rows of a scanned slice as batches, in order of arrival. */
export function* toBatches({ slice, seqs }: ServerScanned, columns: ScanColumns): Generator<EventBatch, void> {
  const actorOf = textsOf(slice.actorIds);
  const valuesOf = slice.propertyValues.map(textsOf);
  let start = 0;
  for (const chunk of slice.chunks) {
    for (let from = 0; from < chunk.rows; from += BATCH_ROWS) {
      const to = Math.min(from + BATCH_ROWS, chunk.rows);
      const pick = <T>(codes: Uint32Array, text: (code: number) => T): T[] =>
        Array.from(codes.subarray(from, to), (code) => text(code));
      yield {
        count: to - from,
        actors: pick(chunk.actors, actorOf),
        events: pick(chunk.types, (code) => slice.eventNames[code] ?? ''),
        times: new Float64Array(chunk.times.subarray(from, to)),
        seqs: seqs.slice(start + from, start + to),
        recordedAt: columns.recordedAt ? new Float64Array(chunk.recordedAt.subarray(from, to)) : null,
        properties: new Map(
          columns.properties.map((name, p) => [
            name,
            pick(chunk.properties[p] ?? NONE, (code) => (code === 0 ? null : (valuesOf[p]?.(code - 1) ?? null))),
          ]),
        ),
      };
    }
    start += chunk.rows;
  }
}

const NONE = new Uint32Array();

/** Each text is made once. */
function textsOf(table: StringTable): (code: number) => string {
  const texts: (string | undefined)[] = [];
  return (code) => (texts[code] ??= getString(table, code));
}
