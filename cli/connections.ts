import { Argument, Option, type Command } from 'commander';
import type { ConnectionTest, Environment, PostgresTarget, SavedConnection } from '../protocol/index.ts';
import { EngineError } from '../protocol/errors.ts';
import { ENVIRONMENTS, formatTarget } from '../protocol/source-names.ts';
import { openConnectionStore, putConnection, type ConnectionStore } from '../worker/files/connection-store.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import { say, writeJson, writeOut } from './console.ts';
import { addSourceFlags, readMappingFlags, type SourceFlags } from './source-flags.ts';
import { resolveSource } from './source-request.ts';
import { formatTable } from './text-table.ts';

const ACTIONS = ['ls', 'add', 'rm', 'test'] as const;
interface Flags extends SourceFlags {
  readonly dataDir?: string;
  readonly environment?: Environment;
  readonly json?: boolean;
}

export function addConnections(program: Command): Command {
  const command = program
    .command('connections')
    .description('saved connections to Postgres: list, add, remove, test what would go wrong')
    .addArgument(new Argument('<action>').choices(ACTIONS))
    .argument('[name]', 'of the connection; test also takes a postgres:// URL')
    .argument('[url]', 'add: postgres://user@host:5432/database?…, or key=value text')
    .addOption(new Option('--environment <environment>', 'add: what the server is for').choices(ENVIRONMENTS))
    .option('--data-dir <folder>', 'where it lies (default: the folder of the app, or TRIBUTARY_DATA_DIR)')
    .option('--json', 'JSON')
    .action(runConnections);
  return addSourceFlags(command);
}

async function runConnections(
  action: (typeof ACTIONS)[number],
  name: string | undefined,
  url: string | undefined,
  flags: Flags,
): Promise<void> {
  const store = openConnectionStore(resolveDataDir(flags.dataDir));
  const { value: saved, problem } = await store.load();
  if (problem !== null) say(`note: ${problem.message} ${problem.hint}`);
  if (action === 'ls') return list(saved, flags);
  if (name === undefined) throw usage(`connections ${action} needs a name.`);
  if (action === 'add') return add(store, name, url, flags);
  if (action === 'test') return test(name, flags);
  await remove(store, saved, name);
}

async function list(saved: readonly SavedConnection[], { json }: Flags): Promise<void> {
  if (json === true) return writeJson(saved);
  if (saved.length === 0) return writeOut('No connection is saved. Add one: tributary connections add NAME URL');
  const rows = saved.map(({ name, target, environment }) => [
    name,
    formatTarget(target),
    environment ?? '',
    lineOf(target),
  ]);
  await writeOut(formatTable([['name', 'address', 'environment', 'line'], ...rows]));
}

const lineOf = ({ tls, ssh }: PostgresTarget): string =>
  [tls === 'plaintext' ? 'plaintext' : 'TLS', ssh && 'SSH'].filter(Boolean).join(', ');

/** The same name replaces. A password in the URL is left out. */
async function add(store: ConnectionStore, name: string, url: string | undefined, flags: Flags): Promise<void> {
  if (url === undefined) throw usage('connections add needs a name and a postgres:// URL.');
  const [{ parseTarget }, { SavedConnectionSchema, fromZodError }] = await Promise.all([
    import('../worker/connection/parse-target.ts'),
    import('../protocol/index.ts'),
  ]);
  const { target, password } = parseTarget(url);
  const mapping = await readMappingFlags(flags);
  const parsed = SavedConnectionSchema.safeParse({ name, target, environment: flags.environment ?? null, mapping });
  if (!parsed.success) throw fromZodError(parsed.error, 'E_USAGE', 'This connection cannot be saved');
  await store.update((all) => putConnection(all, parsed.data));
  if (password !== undefined)
    say('note: The password was not saved: put it into ~/.pgpass, or it is asked for each time.');
  await (flags.json === true ? writeJson(parsed.data) : writeOut(`Saved ${name}: ${formatTarget(target)}`));
}

async function remove(store: ConnectionStore, saved: readonly SavedConnection[], name: string): Promise<void> {
  if (!saved.some((connection) => connection.name === name))
    throw new EngineError('E_NOT_FOUND', `No connection is called “${name}”.`, {
      hint: '`tributary connections ls` shows their names.',
    });
  await store.update((all) => all.filter((connection) => connection.name !== name));
  await writeOut(`Removed ${name}.`);
}

const MARKS = { danger: '✗', warning: '!', note: '·', good: '✓' } as const;

/** Exit code 0 = it can be used, whatever the warnings; a server that cannot be reached is an error. */
async function test(name: string, flags: Flags): Promise<void> {
  const { ref, password } = await resolveSource(name, flags);
  if (ref.kind !== 'postgres') throw usage(`“${name}” is neither a saved connection nor a postgres:// URL.`);
  const [{ testConnection }, { readMigrationStatus }] = await Promise.all([
    import('../worker/connection/test-connection.ts'),
    import('../worker/admin/postgres-migrations.ts'),
  ]);
  const found = await testConnection(ref.target, {
    password,
    mapping: ref.mapping ?? null,
    readMigrations: readMigrationStatus,
  });
  if (found.error !== null) throw EngineError.fromData(found.error);
  await (flags.json === true ? writeJson(found) : writeOut(describeTest(found)));
}

function describeTest({ host, serverVersion, connectMs, findings }: ConnectionTest): string {
  const lines = findings.flatMap(({ severity, text, howToMend }) => [
    `${MARKS[severity]} ${text}`,
    ...(howToMend === null ? [] : howToMend.split('\n').map((line) => `    ${line}`)),
  ]);
  return [`Connected to ${host ?? ''} in ${connectMs ?? 0} ms: PostgreSQL ${serverVersion ?? ''}`, ...lines].join('\n');
}

const usage = (what: string): EngineError =>
  new EngineError('E_USAGE', what, {
    hint: 'tributary connections ls | add NAME URL | rm NAME | test NAME-OR-URL',
  });
