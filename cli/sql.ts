import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import { TABLE_NAME } from '../protocol/query.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import type { QueryService } from '../worker/query/query-service.ts';
import { endProgress, say } from './console.ts';
import { onInterrupt, unpack } from './engine-session.ts';
import { wholeNumber } from './flags.ts';
import { SOURCE_HELP } from './source-flags.ts';
import { resolveSource } from './source-request.ts';
import { writeSqlOutput, type SqlFormat } from './sql-output.ts';

interface Flags {
  readonly file?: string;
  readonly param: Readonly<Record<string, string>>;
  readonly format?: SqlFormat;
  readonly out?: string;
  readonly raw?: boolean;
  readonly keep?: string;
  readonly replace?: boolean;
  readonly maxRows?: number;
  readonly maxBytes?: number;
  readonly maxMemory?: number;
  readonly deadlineMs?: number;
  readonly yes?: boolean;
  readonly dataDir?: string;
}

export function addSql(program: Command): Command {
  return program
    .command('sql')
    .description('run one reading statement')
    .argument('<source>', SOURCE_HELP)
    .argument('[statement]', 'SQL; or use -f')
    .option('-f, --file <file>', 'file with the statement, - for stdin')
    .option('--param <name=value>', 'value of :name in the statement (repeatable)', collect, {})
    .addOption(
      new Option('--format <format>', 'form of the answer').choices([
        'table',
        'csv',
        'json',
        'jsonl',
        'parquet',
        'xlsx',
      ]),
    )
    .option('--out <file>', 'write here instead of to stdout; replaced as a whole')
    .option('--raw', 'CSV: leave cells as they are that a spreadsheet would run as formulas')
    .addOption(
      new Option('--keep <name>', 'keep the rows as the local table scratch.NAME instead').conflicts(['format', 'out']),
    )
    .option('--replace', '--keep: a table of this name gives way')
    .option('--max-rows <n>', 'stop after this many rows', wholeNumber(1, 4_000_000_000))
    .option('--max-bytes <n>', 'stop after this many bytes', wholeNumber(1_000, 1e12))
    .option('--max-memory <n>', 'most bytes the query process may take', wholeNumber(150_000_000, 64e9))
    .option('--deadline-ms <ms>', 'give up after this long', wholeNumber(1, 86_400_000))
    .option('--yes', 'run it although it reads large tables of a server whole')
    .option(
      '--data-dir <folder>',
      'folder for local tables, private copies and results (default: the folder of the app)',
    )
    .action(run);
}

/** `name=value`: numbers, true, false and null are what they look like; `name="5"` is text. */
function collect(pair: string, known: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=');
  if (at > 0) return { ...known, [pair.slice(0, at).replace(/^:/, '')]: pair.slice(at + 1) };
  throw new EngineError('E_USAGE', `--param ${pair} has no value.`, { hint: 'Write --param name=value.' });
}

function toValue(text: string): null | boolean | number | string {
  if (/^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text;
}

async function run(source: string, statement: string | undefined, flags: Flags): Promise<void> {
  const sql = readStatement(statement, flags.file);
  if (flags.keep !== undefined && !TABLE_NAME.test(flags.keep))
    throw new EngineError('E_USAGE', `${flags.keep} is no name of a table.`, {
      hint: 'Use up to 63 letters, digits and _, beginning with a letter.',
    });
  const { ref, password } = await resolveSource(source, { dataDir: flags.dataDir });
  const { startQueries } = await import('../worker/query/start-queries.ts');
  const queries = startQueries({ dataDir: resolveDataDir(flags.dataDir) });
  const queryId = `cli-${process.pid}`;
  const interrupts = onInterrupt(() => {
    // The file first: it is not to take a cancelled statement for one that is complete.
    void queries.cancel(fileId(queryId));
    void queries.cancel(queryId);
  });
  try {
    const session = unpack(await queries.connect({ queryId, ref, ...(password === undefined ? {} : { password }) }));
    session.readOnly.warnings.forEach((warning) => say(`note: ${warning}`));
    await answer(queries, { queryId, sessionId: session.sessionId, sql }, flags);
  } finally {
    endProgress();
    interrupts.stop();
    await queries.stop();
  }
}

async function answer(
  queries: QueryService,
  request: { readonly queryId: string; readonly sessionId: string; readonly sql: string },
  flags: Flags,
): Promise<void> {
  const { maxRows: rows, maxBytes: bytes, maxMemory: memoryBytes, deadlineMs } = flags;
  const given = Object.entries({ rows, bytes, memoryBytes, deadlineMs }).filter(([, value]) => value !== undefined);
  const format = flags.format ?? (flags.out === undefined && process.stdout.isTTY ? 'table' : 'csv');
  const out = flags.out === undefined ? null : resolve(flags.out);
  const output = { format, out, spreadsheetSafe: flags.raw !== true, queryId: fileId(request.queryId) };
  // A CSV is written while its rows come, by another process.
  const early: { writing?: Promise<void> } = {};
  const reply = await queries.run(
    {
      ...request,
      params: Object.fromEntries(Object.entries(flags.param).map(([name, text]) => [name, toValue(text)])),
      limits: Object.fromEntries(given),
      confirmedScan: flags.yes === true,
    },
    ({ result: head }) => {
      if (head !== undefined && format === 'csv' && flags.keep === undefined)
        early.writing ??= writeSqlOutput(queries, head, output);
    },
  );
  if (!reply.ok) await early.writing?.catch(() => undefined);
  const result = unpack(reply);
  result.notes.forEach((note) => say(`note: ${note}`));
  if (result.truncatedBy !== null)
    say(`note: cut short by the limit of ${result.truncatedBy}: ${result.rows} rows are here, and there are more.`);
  if (flags.keep === undefined) return early.writing ?? writeSqlOutput(queries, result, output);
  const { resultId } = result;
  const task = { queryId: output.queryId, resultId, name: flags.keep, replace: flags.replace === true };
  const kept = unpack(await queries.keepTable(task));
  say(`${kept.rows} rows, ${kept.bytes} bytes: scratch.${kept.name}`);
}

const fileId = (queryId: string): string => `${queryId}-file`;

function readStatement(statement: string | undefined, file: string | undefined): string {
  if ((statement === undefined) === (file === undefined))
    throw new EngineError('E_USAGE', 'Give one statement, as an argument or with -f.', {
      hint: 'For example: tributary sql sample: "SELECT count(*) FROM global_events"',
    });
  if (statement !== undefined) return statement;
  try {
    return readFileSync(file === '-' ? 0 : (file ?? ''), 'utf8');
  } catch (thrown) {
    throw new EngineError('E_NOT_FOUND', `${file} cannot be read.`, { hint: 'Check the path.', cause: thrown });
  }
}
