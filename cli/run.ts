import type { Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import type { ActorPage, Analysis, AnalysisDocument, Selection } from '../protocol/index.ts';
import { say, showProgress, writeJson, writeOut } from './console.ts';
import { withEngine, type EngineFlags, type EngineSession } from './engine-session.ts';
import { addEngineFlags } from './flags.ts';
import { addSourceFlags, parseJson, readJsonFile, SOURCE_HELP, type SourceFlags } from './source-flags.ts';
import { resolveSource } from './source-request.ts';
import { superviseChild } from './supervise.ts';
import { formatTable, parseCsv } from './text-table.ts';

interface Flags extends EngineFlags, SourceFlags {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly table?: boolean;
  readonly raw?: boolean;
  readonly counts?: boolean;
  readonly sql?: string | true;
  readonly compute?: string;
  readonly yes?: boolean;
  readonly actors?: string;
  readonly dropped?: string;
  readonly selection?: string;
}

export function addRun(program: Command): Command {
  const command = program
    .command('run')
    .description('answer one analysis')
    .argument('<source>', SOURCE_HELP)
    .argument('<analysis>', 'JSON file with the analysis, or - for stdin')
    .option('--json', 'JSON (default when stdout is no terminal)')
    .option('--csv', 'CSV')
    .option('--table', 'text table (default on a terminal)')
    .option('--counts', 'leave out what needs a list of times (averages, medians, percentiles, histograms): faster')
    .option(
      '--compute <way>',
      'of a server: auto (by the rows to move), pull (move them here) or pushdown (it computes)',
    )
    .option('--yes', 'of a server: also beyond the budget of rows or cost')
    .option('--sql [dialect]', 'the statement that gives the same numbers instead of them: sqlite or postgres')
    .option('--raw', 'with --csv: leave cells as they are that a spreadsheet would run as formulas')
    .option('--actors <step>', 'funnel: the actors who reached this step (its number from 0, or its name)')
    .option('--dropped <step>', 'funnel: the actors who came to the step before this one and no further')
    .option('--selection <json>', 'the actors behind one number, as in the documentation')
    .action(run);
  return addEngineFlags(addSourceFlags(command));
}

async function run(source: string, file: string, flags: Flags): Promise<void> {
  const opening = await resolveSource(source, flags);
  const { ref } = opening;
  if (ref.kind === 'sqlite' && ref.mapping !== undefined && (await superviseChild(flags.deadlineMs))) return;
  const document = readJsonFile(file);
  await withEngine(flags, async (session) => {
    const { engine, ask, check } = session;
    // A question about all hours reads all of them, and once: what is built is kept for the next command.
    const build = isBounded(document) ? 'asked' : 'all';
    // Checked meanwhile: should it be refused, the engine is stopped before it has read much.
    const opened = ask((call) => engine.open({ ...call, ...opening, build, first: document }, showProgress));
    opened.catch(() => undefined);
    const analysis = await check(document);
    const selection = await chosenSelection(analysis, flags);
    const { sourceId } = await opened;
    const request = { sourceId, analysis: document as AnalysisDocument };
    if (flags.sql !== undefined) return writeOut(await sqlText(session, { ...request, selection }, flags.sql));
    const format = chosenFormat(flags);
    if (format !== 'json') {
      const csv = await ask((call) =>
        engine.csv(
          {
            ...call,
            ...request,
            ...(selection === null ? {} : { selection }),
            spreadsheetSafe: format === 'csv' && flags.raw !== true,
          },
          showProgress,
        ),
      );
      return writeOut(format === 'csv' ? csv : formatTable(parseCsv(csv)));
    }
    if (selection !== null) return writeJson(await allActors(session, { ...request, selection }));
    const detail = flags.counts === true ? 'counts' : 'full';
    const answer = await ask((call) =>
      engine.run(
        { ...call, ...request, detail, compute: chosenWay(flags), confirmed: flags.yes === true },
        showProgress,
      ),
    );
    answer.warnings.forEach((warning) => say(`note: ${warning}`));
    return writeJson(answer);
  });
}

function isBounded(document: unknown): boolean {
  const { dateRange } = (document ?? {}) as Partial<AnalysisDocument>;
  return Boolean(dateRange?.from) || Boolean(dateRange?.to);
}

/** Throws E_UNSUPPORTED where there is no statement, and E_USAGE for a dialect that is none. */
async function sqlText(
  { engine, ask }: EngineSession,
  request: { sourceId: string; analysis: AnalysisDocument; selection: Selection | null },
  dialect: string | true,
): Promise<string> {
  const named = dialect === true ? {} : { dialect: dialect as 'sqlite' };
  const { text, reason } = await ask((call) => engine.sql({ ...call, ...request, ...named }));
  if (text !== null) return `${text}\n`;
  throw new EngineError('E_UNSUPPORTED', reason ?? 'This is not said in SQL.', {
    hint: 'Ask for the numbers themselves.',
  });
}

function chosenWay({ compute = 'auto' }: Flags): 'auto' | 'pull' | 'pushdown' {
  if (compute === 'auto' || compute === 'pull' || compute === 'pushdown') return compute;
  throw new EngineError('E_USAGE', `--compute cannot be “${compute}”.`, { hint: 'Choose auto, pull or pushdown.' });
}

function chosenFormat(flags: Flags): 'json' | 'csv' | 'table' {
  if ([flags.json, flags.csv, flags.table].filter(Boolean).length > 1)
    throw new EngineError('E_USAGE', 'Choose one of --json, --csv and --table.', {
      hint: 'The last answers one question: in which form.',
    });
  if (flags.csv === true) return 'csv';
  return flags.table === true || (flags.json !== true && process.stdout.isTTY) ? 'table' : 'json';
}

async function chosenSelection(analysis: Analysis, { actors, dropped, selection }: Flags): Promise<Selection | null> {
  const given = [actors, dropped, selection].filter((flag) => flag !== undefined);
  if (given.length === 0) return null;
  if (given.length > 1)
    throw new EngineError('E_USAGE', 'Choose one of --actors, --dropped and --selection.', {
      hint: 'Each of them names one list of actors.',
    });
  const { parseSelection } = await import('../protocol/index.ts');
  if (selection !== undefined) return parseSelection(analysis.type, parseJson(selection, '--selection'));
  if (analysis.type !== 'funnel')
    throw new EngineError('E_USAGE', `--actors and --dropped are for funnels, and this is a ${analysis.type}.`, {
      hint: 'Name the number with --selection JSON instead.',
    });
  return parseSelection(
    'funnel',
    actors === undefined
      ? { droppedBeforeStep: stepIndex(analysis, dropped ?? '') }
      : { reachedStep: stepIndex(analysis, actors) },
  );
}

/** A step by its number from 0, as everywhere in the JSON, or by its name or event. */
function stepIndex(analysis: Extract<Analysis, { type: 'funnel' }>, step: string): number {
  const named = analysis.steps.findIndex((s) => s.name === step || (s.name === undefined && s.event === step));
  const index = named >= 0 ? named : /^\d+$/.test(step) ? Number(step) : -1;
  if (index >= 0 && index < analysis.steps.length) return index;
  throw new EngineError('E_USAGE', `This funnel has no step “${step}”.`, {
    hint: `Steps are numbered from 0 to ${analysis.steps.length - 1}; a name works too.`,
  });
}

const PAGE = 100_000;

/** All pages as one. */
async function allActors(
  { engine, ask }: EngineSession,
  request: { sourceId: string; analysis: AnalysisDocument; selection: Selection },
): Promise<ActorPage> {
  const first = await ask((call) => engine.actors({ ...call, ...request, offset: 0, limit: PAGE }, showProgress));
  const rows = [...first.rows];
  while (rows.length < first.total) {
    const page = await ask((call) =>
      engine.actors({ ...call, ...request, offset: rows.length, limit: PAGE }, showProgress),
    );
    if (page.rows.length === 0) break;
    rows.push(...page.rows);
  }
  return { total: first.total, offset: 0, rows };
}
