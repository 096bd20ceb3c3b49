import { resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import type { CacheEntry } from '../worker/host.ts';
import { writeJson, writeOut } from './console.ts';
import { formatTable } from './text-table.ts';

const ACTIONS = ['ls', 'clear', 'verify'] as const;
type Action = (typeof ACTIONS)[number];
interface Flags {
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addCache(program: Command): Command {
  return program
    .command('cache')
    .description('what is kept of opened sources, so that they open without being read: list it, check it, remove it')
    .addArgument(new Argument('<action>').choices(ACTIONS))
    .argument('[source]', 'clear: only what is kept of this file (or this entry)')
    .option('--data-dir <folder>', 'where it lies (default: the folder of the app, or TRIBUTARY_DATA_DIR)')
    .option('--json', 'JSON')
    .action(runCache);
}

async function runCache(action: Action, source: string | undefined, flags: Flags): Promise<void> {
  const dataDir = resolveDataDir(flags.dataDir);
  const asJson = flags.json === true;
  if (source !== undefined && action !== 'clear')
    throw new EngineError('E_USAGE', `cache ${action} is about all sources.`, { hint: 'Leave the source out.' });
  if (action === 'ls') return list(dataDir, asJson);
  return action === 'clear' ? clear(dataDir, source, asJson) : verify(dataDir, asJson);
}

async function list(dataDir: string, asJson: boolean): Promise<void> {
  const { listCache } = await import('../worker/host.ts');
  const found = await listCache(dataDir);
  if (asJson) return writeJson(found);
  if (found.entries.length === 0) return writeOut(`Nothing is kept in ${found.folder}.`);
  await writeOut(formatTable([HEADER, ...found.entries.map(toCells)]));
  await writeOut(`${megabytes(found.bytes)} of ${megabytes(found.budgetBytes)} in ${found.folder}`);
}

async function clear(dataDir: string, source: string | undefined, asJson: boolean): Promise<void> {
  const { clearCache, listCache } = await import('../worker/host.ts');
  const known = source === undefined ? null : await findSource(source, (await listCache(dataDir)).entries);
  const cleared = await clearCache(dataDir, known);
  if (asJson) return writeJson({ cleared });
  const bytes = cleared.reduce((sum, entry) => sum + entry.bytes, 0);
  await writeOut(`Removed ${count(cleared.length, 'entry', 'entries')}, ${megabytes(bytes)}.`);
}

/** Entries are known by the path with its links resolved, or by their own name. */
async function findSource(source: string, entries: readonly CacheEntry[]): Promise<string> {
  const { realpath } = await import('node:fs/promises');
  const full = resolve(source);
  const real = await realpath(full).catch(() => full);
  const names = new Set(entries.flatMap((entry) => [entry.id, entry.source]));
  const known = [source, real, full].find((name) => names.has(name));
  if (known !== undefined) return known;
  throw new EngineError('E_NOT_FOUND', `Nothing is kept of ${source}.`, {
    hint: '`tributary cache ls` shows what is.',
  });
}

/** Damage is no failure of the sources: they are read again. It is one of this command, which says so by its exit code. */
async function verify(dataDir: string, asJson: boolean): Promise<void> {
  const { verifyCache } = await import('../worker/host.ts');
  const found = await verifyCache(dataDir);
  const bad = found.filter(({ damaged }) => damaged.length > 0);
  if (asJson) await writeJson({ entries: found.map(({ entry, damaged }) => ({ ...entry, damaged })) });
  else {
    for (const { entry, damaged } of bad) await writeOut(`${entry.id}: ${damaged.join(', ')}`);
    await writeOut(
      `${count(found.length, 'entry', 'entries')} checked, ${bad.length === 0 ? 'all as written' : `${bad.length} damaged`}.`,
    );
  }
  if (bad.length > 0)
    throw new EngineError('E_CORRUPT', `${count(bad.length, 'entry is', 'entries are')} damaged.`, {
      hint: 'Their sources will be read again; `tributary cache clear` removes what is kept.',
    });
}

const HEADER = ['source', 'actor', 'state', 'events', 'columns', 'size', 'last used'];
const toCells = (entry: CacheEntry): string[] => [
  entry.source ?? entry.id,
  entry.actorFrom ?? '',
  entry.state,
  entry.events.toLocaleString('en-US'),
  String(entry.columns),
  megabytes(entry.bytes),
  entry.usedAt?.slice(0, 16).replace('T', ' ') ?? '',
];
const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
const count = (n: number, one: string, more: string): string => `${n} ${n === 1 ? one : more}`;
