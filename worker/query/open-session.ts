import { EngineError } from '../../protocol/errors.ts';
import type { SourceRef } from '../../protocol/source.ts';
import type { Argument } from './messages.ts';
import { scratchFile } from './scratch/scratch-file.ts';
import type { SqlSession } from './sql-session.ts';

/** Drivers are loaded when one is needed: the spare process stays small, and starts fast. */
export async function openSession({ ref, password, dataDir, scratchDir }: Argument<'connect'>): Promise<SqlSession> {
  if (ref.kind === 'postgres') {
    const { PostgresSession } = await import('./postgres/postgres-session.ts');
    return PostgresSession.open(ref, password);
  }
  if (!hasSqlite())
    throw new EngineError('E_UNSUPPORTED', `This Node (${process.version}) has no SQLite of its own.`, {
      hint: 'Use the Node that comes with Tributary.',
    });
  const { SqliteSession } = await import('./sqlite/sqlite-session.ts');
  const path = ref.path === 'sample:' ? await makeSample(dataDir) : ref.path;
  return SqliteSession.open({ path, scratchDir, tables: scratchFile(dataDir) });
}

/** Loads the driver and, of Postgres, its parser: opening a session is quick then. */
export async function warmUp(kind: SourceRef['kind']): Promise<void> {
  if (kind === 'sqlite') return void (hasSqlite() && (await import('./sqlite/sqlite-session.ts')));
  await import('./postgres/postgres-session.ts');
  await (await import('./postgres/guard-postgres.ts')).loadParser();
}

async function makeSample(dataDir: string): Promise<string> {
  const { ensureSample } = await import('../../samples/ensure-sample.ts');
  return ensureSample(dataDir);
}

function hasSqlite(): boolean {
  const [major = 0] = process.versions.node.split('.').map(Number);
  return major >= 24;
}
