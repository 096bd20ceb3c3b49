import { Command, CommanderError, Option } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import { findAppRoot } from '../worker/files/app-root.ts';
import { addCache } from './cache.ts';
import { addConnections } from './connections.ts';
import { survivePipes } from './console.ts';
import { reportFailure } from './exit.ts';
import { addImport } from './import.ts';
import { addInspect } from './inspect.ts';
import { addLoad } from './load.ts';
import { addMigrate } from './migrate.ts';
import { addPartitions } from './partitions.ts';
import { addRun } from './run.ts';
import { addSample } from './sample.ts';
import { addSchema } from './schema.ts';
import { addServe } from './serve.ts';
import { addSql } from './sql.ts';

/** Runs one command and answers the exit code: 0, or `EXIT_CODE` of the error. */
export async function runProgram(args: readonly string[]): Promise<number> {
  survivePipes();
  const options = { json: args.includes('--json'), verbose: args.includes('--verbose') };
  try {
    await newProgram().parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    return reportFailure(thrown instanceof CommanderError ? usageError(thrown) : thrown, options);
  }
}

function newProgram(): Command {
  const { version } = findAppRoot(import.meta.dirname, import.meta.url);
  const program = new Command('tributary')
    .description('Funnels, flows, retention and the customer journey on your own event data.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError()
    .addOption(new Option('--verbose', 'more detail in error messages'));
  for (const add of [
    addInspect,
    addRun,
    addSql,
    addSample,
    addImport,
    addServe,
    addSchema,
    addCache,
    addConnections,
    addMigrate,
    addLoad,
    addPartitions,
  ])
    add(program).exitOverride();
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
