import { Command, CommanderError, Option } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import { findAppRoot } from '../worker/files/app-root.ts';
import { survivePipes } from './console.ts';
import { reportFailure } from './exit.ts';

/** Runs one command and answers the exit code: 0, or `EXIT_CODE` of the error. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const options = { json: args.includes('--json'), verbose: args.includes('--verbose') };
  try {
    const program = await newProgram(args);
    await program.parseAsync(args.map(asArgument), { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    return reportFailure(thrown instanceof CommanderError ? usageError(thrown) : thrown, options);
  }
}

/** A statement that begins with a comment is no option. */
const asArgument = (arg: string): string => (/^--\s/.test(arg) ? ` ${arg}` : arg);

type AddCommand = (program: Command) => Command;
/** In the order of the help. Each is loaded when it is asked for: a known source is answered before all could be. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  inspect: async () => (await import('./inspect.ts')).addInspect,
  run: async () => (await import('./run.ts')).addRun,
  sql: async () => (await import('./sql.ts')).addSql,
  sample: async () => (await import('./sample.ts')).addSample,
  import: async () => (await import('./import.ts')).addImport,
  serve: async () => (await import('./serve.ts')).addServe,
  schema: async () => (await import('./schema.ts')).addSchema,
  cache: async () => (await import('./cache.ts')).addCache,
  connections: async () => (await import('./connections.ts')).addConnections,
  migrate: async () => (await import('./migrate.ts')).addMigrate,
  load: async () => (await import('./load.ts')).addLoad,
  partitions: async () => (await import('./partitions.ts')).addPartitions,
  snapshot: async () => (await import('./snapshot.ts')).addSnapshot,
};

/** Help and misspelled names need all commands. */
function chooseCommands(args: readonly string[]): readonly (() => Promise<AddCommand>)[] {
  const name = args.find((arg) => !arg.startsWith('-')) ?? '';
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return command === undefined ? Object.values(COMMANDS) : [command];
}

async function newProgram(args: readonly string[]): Promise<Command> {
  const wanted = chooseCommands(args);
  const { version } = findAppRoot(import.meta.dirname, import.meta.url);
  const program = new Command('tributary')
    .description('Funnels, flows, retention and the customer journey on your own event data.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => survivePipes(process.stdout).write(text),
      outputError: () => undefined,
    })
    .showSuggestionAfterError()
    .addOption(new Option('--verbose', 'more detail in error messages'));
  for (const load of wanted) {
    const add = await load();
    add(program).exitOverride();
  }
  for (const command of program.commands)
    command.copyInheritedSettings(program).option('--verbose', 'more detail in error messages');
  return program.addHelpText(
    'after',
    '\nExit codes: 0 done · 2 usage or bad query · 3 source · 4 refused · 5 deadline or limit · 1 internal.',
  );
}

function usageError(error: CommanderError): EngineError {
  return new EngineError('E_USAGE', error.message.replace(/^error: /, '').split('\n', 1)[0] ?? '', {
    hint: error.message.split('\n')[1] ?? 'Run `tributary --help`, or `tributary COMMAND --help`.',
    cause: error,
  });
}
