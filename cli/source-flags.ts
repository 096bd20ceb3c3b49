import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import type { Mapping, SourceRef } from '../protocol/index.ts';
import { SAMPLE_REF, TIME_FORMATS } from '../protocol/source-names.ts';

/** How to read a table that is not our own model: a JSON file, or the same things as flags. */
export interface SourceFlags {
  readonly mapping?: string | undefined;
  readonly from?: string | undefined;
  readonly actor?: string | undefined;
  readonly event?: string | undefined;
  readonly eventConstant?: string | undefined;
  readonly time?: string | undefined;
  readonly timeFormat?: string | undefined;
  readonly recordedAt?: string | undefined;
  readonly jsonColumn?: string | undefined;
  readonly filter?: string | undefined;
}

/** What may stand for SOURCE, for `--help`. */
export const SOURCE_HELP = 'SQLite file, sample: for the bundled sample, postgres:// URL, or a saved connection';

export function addSourceFlags(command: Command): Command {
  return command
    .option('--mapping <file>', 'mapping as a JSON file or as JSON, instead of the flags below')
    .option('--from <table>', 'table or view that holds the events')
    .option('--actor <column>', 'column of the actor')
    .option('--event <column>', 'column of the event name')
    .option('--event-constant <name>', 'one event name for every row')
    .option('--time <column>', 'column of the event time')
    .option('--time-format <format>', TIME_FORMATS.join(', '))
    .option('--recorded-at <column>', 'column of the time when a row became known')
    .option('--json-column <column>', 'column with a JSON object whose keys are properties')
    .option('--filter <sql>', 'one condition over the columns: only rows that meet it count');
}

/** null = no flag of a mapping was given. Throws E_BAD_MAPPING, and E_USAGE when flags are missing. */
export function readMappingFlags(flags: SourceFlags): Promise<Mapping | null> {
  return flags.mapping === undefined ? inlineMapping(flags) : parseMapping(readMapping(flags.mapping));
}

/** A file, or `sample:`; see `resolveSource` for all that may stand for SOURCE. Throws as `readMappingFlags`. */
export async function sourceRef(source: string, flags: SourceFlags): Promise<SourceRef> {
  const mapping = await readMappingFlags(flags);
  const path = source === SAMPLE_REF.path ? source : resolve(source);
  return { kind: 'sqlite', path, ...(mapping === null ? {} : { mapping }) };
}

/** JSON itself, as the window's "copy as command" writes it, or a file. */
function readMapping(text: string): unknown {
  return text.trimStart().startsWith('{') ? parseJson(text, '--mapping') : readJsonFile(text);
}

async function inlineMapping(flags: SourceFlags): Promise<Mapping | null> {
  const { from, actor, event, eventConstant, time } = flags;
  if ([from, actor, event, eventConstant, time, flags.filter, flags.jsonColumn].every((flag) => flag === undefined))
    return null;
  const missing = [
    from === undefined && '--from',
    actor === undefined && '--actor',
    time === undefined && '--time',
    event === undefined && eventConstant === undefined && '--event',
  ].filter(Boolean);
  if (missing.length > 0)
    throw new EngineError('E_USAGE', `A mapping also needs ${missing.join(', ')}.`, {
      hint: 'Name the table and its columns, for example --from Invoice --actor CustomerId --event-constant invoice --time InvoiceDate.',
    });
  return parseMapping({
    table: from,
    actor,
    event: eventConstant === undefined ? { column: event } : { constant: eventConstant },
    time: { column: time, format: flags.timeFormat ?? 'auto' },
    recordedAt:
      flags.recordedAt === undefined ? null : { column: flags.recordedAt, format: flags.timeFormat ?? 'auto' },
    json: flags.jsonColumn ?? null,
    filter: flags.filter ?? null,
  });
}

/** The schemas are loaded only where there is a mapping: it takes longer than many an answer. */
async function parseMapping(input: unknown): Promise<Mapping> {
  const { MappingSchema, fromZodError } = await import('../protocol/index.ts');
  const parsed = MappingSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw fromZodError(parsed.error, 'E_BAD_MAPPING', 'This mapping cannot be read');
}

/** A JSON file, or `-` for stdin. */
export function readJsonFile(file: string): unknown {
  return parseJson(readText(file), file === '-' ? 'stdin' : file);
}

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw new EngineError(
      'E_BAD_QUERY',
      `${what} is not valid JSON: ${thrown instanceof Error ? thrown.message : ''}`,
      { hint: 'Check quotes and commas.', path: '', cause: thrown },
    );
  }
}

/** Documents are some kB: what is much larger is another file, such as the source itself. */
const MOST_TEXT_BYTES = 16e6;

function readText(file: string): string {
  try {
    if (file !== '-' && statSync(file).size > MOST_TEXT_BYTES)
      throw new EngineError('E_USAGE', `${file} is larger than 16 MB: it is no document.`, {
        hint: 'The source comes first, and then the document.',
      });
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown;
    throw new EngineError('E_NOT_FOUND', `${file} cannot be read.`, {
      hint: 'Check the path.',
      details: String(thrown),
      cause: thrown,
    });
  }
}
