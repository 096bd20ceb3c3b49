import type { ImportColumns } from './import-columns.ts';
import { importText, type ImportCell } from './import-record.ts';
import type { ImportedEvent } from './import-writer.ts';
import { hourOf, TIME_READERS, type Cell } from './parse-time.ts';

export interface EventMaker {
  /** The event of a row, or why it is none. `row` counts from 1 and becomes its id, so that ids repeat on the next import. */
  make(cells: readonly ImportCell[], row: number): ImportedEvent | string;
  readonly renamed: Readonly<Record<string, string>>;
}

const HOUR = 3_600_000;

/**
 * The actor goes to `metadata.user_id`, and every column but the time is a property under its own name (the actor's
 * and event's too). A column that is called user_id but is not the actor becomes `column.user_id`; `shop_id` keeps its name.
 */
export function eventMaker(columns: readonly string[], chosen: ImportColumns): EventMaker {
  const at = (name: string | null): number => (name === null ? -1 : columns.indexOf(name));
  const [actorAt, eventAt, timeAt, recordedAt] = [
    at(chosen.actor),
    at(chosen.event),
    at(chosen.time),
    at(chosen.recordedAt),
  ];
  const readTime = TIME_READERS[chosen.timeFormat];
  const renamed: Record<string, string> = {};
  const keys: string[] = [];
  const writeMetadata = metadataWriter();
  let hourIndex = Number.NaN;
  let hour = '';
  return { make, renamed };

  function make(cells: readonly ImportCell[], row: number): ImportedEvent | string {
    const actor = importText(cells[actorAt]);
    if (actor === null) return `has no actor (column “${chosen.actor}” is empty)`;
    const event = chosen.eventConstant ?? importText(cells[eventAt]);
    if (event === null) return `has no event (column “${chosen.event ?? ''}” is empty)`;
    const time = readTime(asCell(cells[timeAt]));
    if (Number.isNaN(time))
      return `has no readable time (“${(importText(cells[timeAt]) ?? '').slice(0, 40)}” in column “${chosen.time}”)`;
    if (Math.floor(time / HOUR) !== hourIndex) {
      hourIndex = Math.floor(time / HOUR);
      hour = hourOf(time);
    }
    const recorded = recordedAt < 0 ? Number.NaN : readTime(asCell(cells[recordedAt]));
    return {
      hour,
      eventId: `row-${String(row).padStart(9, '0')}`,
      time,
      event,
      metadata: writeMetadata(actor, cells),
      recordedAt: Number.isNaN(recorded) ? null : recorded,
      actor,
    };
  }

  function metadataWriter(): (actor: string, cells: readonly ImportCell[]) => string {
    const keyOf = (i: number): string => {
      const name = columns[i] ?? '';
      if (name !== 'user_id') return name;
      renamed['user_id'] = 'column.user_id';
      return 'column.user_id';
    };
    return (actor, cells) => {
      let text = `{"user_id":${JSON.stringify(actor)}`;
      for (let i = 0; i < cells.length; i++) {
        const cell = cells[i];
        if (
          cell === undefined ||
          cell === null ||
          cell === '' ||
          i === timeAt ||
          (i === actorAt && chosen.actor === 'user_id')
        )
          continue;
        keys[i] ??= `,${JSON.stringify(keyOf(i))}:`;
        text += keys[i] + JSON.stringify(cell);
      }
      return `${text}}`;
    };
  }
}

const asCell = (cell: ImportCell | undefined): Cell =>
  typeof cell === 'string' || typeof cell === 'number' ? cell : null;
