import { EngineError } from '../../protocol/errors.ts';
import type { TimeFormat } from '../../protocol/index.ts';
import { importText, type ImportRecord } from './import-record.ts';
import { suggest } from './nearest-name.ts';
import { guessTimeFormat, type Cell } from './parse-time.ts';
import { chooseColumns } from './propose-mapping.ts';

/** Column names; absent ones are guessed from the header and the first rows. */
export interface ImportMapping {
  readonly actor?: string | undefined;
  readonly event?: string | undefined;
  /** The same event for every row, instead of a column. */
  readonly eventConstant?: string | undefined;
  readonly time?: string | undefined;
  readonly timeFormat?: TimeFormat | undefined;
  readonly recordedAt?: string | undefined;
}
export interface ImportColumns {
  readonly actor: string;
  readonly event: string | null;
  readonly eventConstant: string | null;
  readonly time: string;
  readonly timeFormat: Exclude<TimeFormat, 'auto'>;
  readonly recordedAt: string | null;
}

/** Throws E_NO_SUCH_COLUMN for a name that is not there, E_BAD_MAPPING when a part can't be guessed. */
export function resolveImportColumns(
  columns: readonly string[],
  sample: readonly ImportRecord[],
  given: ImportMapping,
): ImportColumns {
  const cellsOf = (name: string): readonly Cell[] => {
    const at = columns.indexOf(name);
    return sample.flatMap((r) => importText(r.cells?.[at]) ?? []);
  };
  const facts = columns.map((name) => {
    const cells = cellsOf(name);
    return { name, primaryKey: false, cells, distinct: new Set(cells).size };
  });
  const taken = new Set([given.actor, given.event, given.time, given.recordedAt]);
  const guess = chooseColumns(facts.filter((f) => !taken.has(f.name)));
  const pick = (part: 'actor' | 'event' | 'time'): string => {
    const name = given[part] ?? guess[part]?.column;
    if (name === undefined) throw cannotGuess(part, columns);
    return check(name, part, columns);
  };
  const time = pick('time');
  return {
    actor: pick('actor'),
    event: given.eventConstant === undefined ? pick('event') : null,
    eventConstant: given.eventConstant ?? null,
    time,
    timeFormat: decideFormat(given.timeFormat ?? 'auto', time, cellsOf(time)),
    recordedAt: given.recordedAt === undefined ? null : check(given.recordedAt, 'recordedAt', columns),
  };
}

function check(name: string, part: string, columns: readonly string[]): string {
  if (columns.includes(name)) return name;
  throw new EngineError('E_NO_SUCH_COLUMN', `The file has no column “${name}”.`, {
    hint: suggest(name, columns, 'columns'),
    path: part,
  });
}

function cannotGuess(part: string, columns: readonly string[]): EngineError {
  return new EngineError('E_BAD_MAPPING', `No column looks like the ${part} of an event.`, {
    hint: `Name it with --${part} COLUMN${part === 'event' ? ' or give all rows one name with --event-constant NAME' : ''}. The columns are ${columns.slice(0, 30).join(', ')}.`,
    path: part,
  });
}

function decideFormat(format: TimeFormat, column: string, cells: readonly Cell[]): Exclude<TimeFormat, 'auto'> {
  if (format !== 'auto') return format;
  const guessed = cells.length === 0 ? 'iso' : guessTimeFormat(cells);
  if (guessed !== null) return guessed;
  throw new EngineError(
    'E_BAD_MAPPING',
    `The values of “${column}” do not look like times, for example “${String(cells[0]).slice(0, 40)}”.`,
    {
      hint: 'Name another column with --time, or the format with --time-format.',
      path: 'time',
    },
  );
}
